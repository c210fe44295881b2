"""Stage 1: the product is cut out of its photo and stands on a painted scene, once per aspect bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.formats import BUCKETS, bucket_of, select_formats
from nanococoa_aiserver.ads.pictures import get_sprite, put_scene
from nanococoa_aiserver.ads.plain import PlainPicture
from nanococoa_aiserver.ads.product import cut_product, record
from nanococoa_aiserver.ads.refining import composed, kept, refined
from nanococoa_aiserver.engines.ports import Adapter, RefinePrompt, SceneChoice, ScenePrompt
from nanococoa_aiserver.imaging.types import Backdrop, Sprite
from nanococoa_client.schemas import DEFAULT_GUIDANCE, FormatSpec, SceneAsset


def segment(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Cut the product out; the checkpoint holds the cut-out and how sure of it we are."""
    ctx.progress("cutout", 0)
    return record(ctx, cut_product(ctx, "product_image"))


def background(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Paint the scene once for each aspect bucket the wanted formats need."""
    product = get_sprite(ctx.artifacts, results["segment"]["cutout"])
    return painted(ctx, scene_prompt(ctx), product)


def composite(ctx: StepContext, results: Results) -> dict[str, Any]:
    """The product on its scene in the first format, without text: what clients see as ``step1_result``."""
    ctx.progress("composite", 0)
    return kept(ctx, _composed(ctx, results))


def refine(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Repaint edge and shadow where the engine can; the studio's composite is final as it stands."""
    ctx.progress("refine", 0)
    if ctx.engines.refiner is None:
        return dict(results["composite"])
    return refined(ctx, ctx.engines.refiner, _composed(ctx, results), refine_prompt(ctx))


def painted(ctx: StepContext, prompt: ScenePrompt, product: Sprite) -> dict[str, Any]:
    """The scenes for ``prompt``, by bucket, with what it was understood as."""
    choice = ctx.engines.painter.choose(prompt, product, ctx.check_stop)
    scenes = paint_buckets(ctx, choice, prompt, buckets_of(select_formats(ctx.request["formats"])))
    unknown = prompt.text.strip() and not choice.known
    warnings = [["background_unknown", {"prompt": prompt.text[:80]}]] if unknown else []
    warnings += [[key, dict(details)] for key, details in choice.notes]
    return {"choice": asdict(choice), "scenes": scenes, "warnings": warnings}


def scene_prompt(ctx: StepContext) -> ScenePrompt:
    """The request's background in words. Without a seed, the photo's own content decides, so a job is repeatable.

    Where nothing refines the picture, the words for the composition help to choose the scene.
    """
    request = ctx.request
    words, negative = request.get("bg_prompt", ""), request.get("bg_negative_prompt", "")
    meeting, avoided = _composition(ctx)
    if ctx.engines.refiner is None or not words.strip():
        words, negative = _joined(words, meeting), _joined(negative, avoided)
    return ScenePrompt(words, negative, seed_of(ctx), guidance_of(ctx), adapters_of(ctx))


def refine_prompt(ctx: StepContext) -> RefinePrompt:
    """How product and background should meet: the words for the composition, the background's where there are none."""
    request = ctx.request
    meeting, avoided = _composition(ctx)
    return RefinePrompt(
        meeting or request.get("bg_prompt", ""),
        _joined(avoided, request.get("bg_negative_prompt", "")),
        seed_of(ctx),
        float(request.get("strength", 0.6)),
        guidance_of(ctx),
        adapters_of(ctx),
    )


def guidance_of(ctx: StepContext) -> float | None:
    """The guidance asked for; None where the request leaves it to the model."""
    asked = float(ctx.request.get("guidance_scale", DEFAULT_GUIDANCE))
    return None if asked == DEFAULT_GUIDANCE else asked


def adapters_of(ctx: StepContext) -> tuple[Adapter, ...]:
    """The LoRA adapters asked for."""
    return tuple(Adapter(one["id"], one.get("scale", 1.0)) for one in ctx.request.get("adapters") or ())


def seed_of(ctx: StepContext) -> int:
    """The seed asked for, else one derived from the photo's content hash."""
    if (seed := ctx.request.get("seed")) is not None:
        return int(seed)
    return int((ctx.request.get("product_image") or ctx.request.get("cutout_image") or "0")[:8], 16)


def _composed(ctx: StepContext, results: Results) -> PlainPicture:
    sprite = get_sprite(ctx.artifacts, results["segment"]["cutout"])
    return composed(ctx, results["background"]["scenes"], sprite)


def _composition(ctx: StepContext) -> tuple[str, str]:
    request = ctx.request
    return request.get("bg_composition_prompt", ""), request.get("bg_composition_negative_prompt", "")


def _joined(*words: str) -> str:
    return ", ".join(filter(None, words))


def buckets_of(specs: list[FormatSpec]) -> list[str]:
    """The aspect buckets these formats need, in the order of first use."""
    return list(dict.fromkeys(bucket_of(spec.width, spec.height) for spec in specs))


def paint_buckets(ctx: StepContext, choice: SceneChoice, prompt: ScenePrompt, buckets: list[str]) -> dict[str, Any]:
    """Paint and store each bucket's scene, as many at a time as the engine can; ``SceneAsset`` fields by bucket."""

    def one(number: int, bucket: str) -> dict[str, Any]:
        def told(sub_step: str, share: float) -> None:
            ctx.progress(sub_step if len(buckets) == 1 else f"{sub_step}, {bucket}", (number + share) / len(buckets))

        told("scene_painting", 0)
        scene = ctx.engines.painter.paint(choice, prompt, BUCKETS[bucket], told, ctx.check_stop)
        return scene_asset(ctx, scene)

    with ThreadPoolExecutor(ctx.engines.painters) as pool:
        return dict(zip(buckets, pool.map(one, range(len(buckets)), buckets), strict=True))


def scene_asset(ctx: StepContext, scene: Backdrop) -> dict[str, Any]:
    """Store a scene; returns what the layer keeps of it."""
    height, width = scene.image.shape[:2]
    asset = SceneAsset(
        artifact=put_scene(ctx.artifacts, scene.image),
        width=width,
        height=height,
        scene=scene.scene,
        palette=scene.palette,
        stage=asdict(scene.stage),
    )
    return asset.model_dump()
