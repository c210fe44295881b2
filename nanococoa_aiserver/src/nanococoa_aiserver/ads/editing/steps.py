"""The steps of an edit: look, locate, edit, check, finish. Each leaves its pictures in the store, and references."""

from __future__ import annotations

from functools import partial
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.editing.keeping import coverage
from nanococoa_aiserver.ads.editing.region import given_mask, grown, store_mask, without
from nanococoa_aiserver.ads.editing.task import Edit, needed, open_edit, own_size
from nanococoa_aiserver.ads.pictures import WORKING_SIDE, get_picture, put_picture, put_rgba
from nanococoa_aiserver.ads.product import LARGEST_SIDE, cut_product, told, whole_picture
from nanococoa_aiserver.ads.self_check import REPEATS, Checked, self_check
from nanococoa_aiserver.errors import InvalidPrompt
from nanococoa_aiserver.imaging.codec import encode
from nanococoa_aiserver.imaging.disclosure import SourceType
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb, Rgba

OUTPUT = "edited"
"""The finished file's name among the job's outputs."""


def look(ctx: StepContext, results: Results) -> dict[str, Any]:
    """What the picture shows, and the instruction as a prompt that keeps the rest of it."""
    ctx.progress("look", 0)
    needed(ctx.engines.editor)
    image = own_size(ctx.artifacts, ctx.request["image"], WORKING_SIDE)
    seen = needed(ctx.engines.vlm).edit_prompt(image, ctx.request["instruction"], ctx.check_stop)
    return {"prompt": seen.prompt, "description": seen.description, "target": seen.target}


def locate(ctx: StepContext, results: Results) -> dict[str, Any]:
    """The region of a local edit and the product that is to stay, at the picture's own size."""
    ctx.progress("locate", 0)
    product, kept = _product(ctx) if ctx.request["keep_product"] else (None, {})
    if ctx.request["mode"] != "local":
        return kept
    mask, found = _region(ctx, results["look"]["target"])
    if product is not None:
        mask = without(mask, coverage(product))
    return {**kept, **found, "mask": store_mask(ctx.artifacts, mask)}


def edit(ctx: StepContext, results: Results) -> dict[str, Any]:
    """The first attempt, shown at once."""
    ctx.progress("edit", 0)
    work, prompt = open_edit(ctx, results), results["look"]["prompt"]
    artifact = put_picture(ctx.artifacts, work.attempt(prompt, 0, ctx.progress))
    ctx.preview("step1_result", artifact)
    return {"image": artifact, "warnings": work.warnings(prompt)}


def check(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Whether it is what was asked for; when it is not, the prompt is revised and the edit made again."""
    ctx.progress("check", 0)
    first = results["edit"]["image"]
    if not ctx.settings.self_check:
        return {"image": first, "prompt": results["look"]["prompt"]}
    checked = _checked(ctx, results, open_edit(ctx, results), get_picture(ctx.artifacts, first, side=LARGEST_SIDE)[0])
    artifact = first if checked.best is checked.attempts[0] else put_picture(ctx.artifacts, checked.best.result)
    if artifact != first:
        ctx.preview("step1_result", artifact)
    failed = checked.best.judgement.verdict == "fail"
    warnings = [["edit_not_as_asked", {"reason": checked.best.judgement.reason[:200]}]] if failed else []
    return {"image": artifact, "prompt": checked.best.prompt, "self_check": checked.record(), "warnings": warnings}


def finish(ctx: StepContext, results: Results) -> dict[str, Any]:
    """The file, marked as a picture a trained model had part in, and held against the upload.

    Raises ``fidelity.CoreChanged`` if anything changed that must not.
    """
    ctx.progress("finish", 0)
    keeping = open_edit(ctx, results).keeping
    image, _ = get_picture(ctx.artifacts, results["check"]["image"], side=LARGEST_SIDE)
    encoded = encode(image, "png", source=SourceType.COMPOSITE_TRAINED)
    artifact = ctx.artifacts.put(encoded.data, encoded.media_type)
    final, _ = get_picture(ctx.artifacts, artifact, side=LARGEST_SIDE)
    keeping.assert_kept(final)
    return {
        "outputs": {OUTPUT: artifact},
        "outside_difference": keeping.outside_difference(final),
        "checks": {
            "fidelity": _fidelity(results["locate"], keeping.core_difference(final)),
            "self_check": results["check"].get("self_check"),
        },
    }


def _product(ctx: StepContext) -> tuple[Rgba, dict[str, Any]]:
    product = cut_product(ctx, "image")
    whole = whole_picture(ctx, "image", product)
    return whole, {"cutout": put_rgba(ctx.artifacts, whole), **told(product)}


def _region(ctx: StepContext, target: str) -> tuple[Mask, dict[str, Any]]:
    """The mask that was sent, else what the instruction names. Raises InvalidPrompt when it is not in the picture."""
    image = own_size(ctx.artifacts, ctx.request["image"])
    if given := ctx.request["mask"]:
        return given_mask(ctx.artifacts, given, image.shape[1], image.shape[0]), {}
    if not target:
        raise InvalidPrompt("edit_target_unknown")
    found = needed(ctx.engines.finder).find(image, target, ctx.check_stop)
    if found is None or not found.mask.any():
        raise InvalidPrompt("edit_target_not_found", target=target)
    return grown(found.mask), {"label": found.label, "score": round(float(found.score), 3)}


def _checked(ctx: StepContext, results: Results, work: Edit, first: Rgb) -> Checked[Rgb]:
    vlm, scorer = needed(ctx.engines.vlm), ctx.engines.scorer
    seen = results["look"]
    wanted = f"{ctx.request['instruction']} ({seen['prompt']})"

    def again(prompt: str, number: int) -> Rgb:
        def told_share(name: str, share: float) -> None:
            ctx.progress(f"{name}, attempt {number + 1}", (number - 1 + share) / REPEATS)

        return work.attempt(prompt, number, told_share)

    return self_check(
        first,
        seen["prompt"],
        attempt=again,
        judge=lambda image: vlm.judge(image, wanted, "", ctx.check_stop),
        score=lambda image: scorer.score(image, seen["prompt"], "openai", ctx.check_stop) if scorer else None,
        revise=partial(vlm.revised, stop=ctx.check_stop),
    )


def _fidelity(place: dict[str, Any], difference: int | None) -> dict[str, Any] | None:
    if difference is None:
        return None
    return {
        "core_difference": difference,
        "cutout_confidence": place["confidence"],
        "cutout_verdict": place["verdict"],
    }
