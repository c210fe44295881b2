"""Stage 1: the product is cut out of its photo and stands on a painted scene, once per aspect bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.formats import BUCKETS, bucket_of, select_formats
from nanococoa_aiserver.ads.pictures import get_sprite, put_scene
from nanococoa_aiserver.ads.plain import plain_picture
from nanococoa_aiserver.ads.product import cut_product, record
from nanococoa_aiserver.ads.scenes import backdrop_of
from nanococoa_aiserver.engines.ports import SceneChoice, ScenePrompt
from nanococoa_aiserver.imaging.types import Backdrop
from nanococoa_client.schemas import FormatSpec, SceneAsset


def segment(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Cut the product out; the checkpoint holds the cut-out and how sure of it we are."""
    ctx.progress("cutout", 0)
    return record(ctx, cut_product(ctx, "product_image"))


def background(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Paint the scene once for each aspect bucket the wanted formats need."""
    product = get_sprite(ctx.artifacts, results["segment"]["cutout"])
    prompt = scene_prompt(ctx)
    choice = ctx.engines.painter.choose(prompt, product)
    scenes = paint_buckets(ctx, choice, prompt, buckets_of(select_formats(ctx.request["formats"])))
    unknown = prompt.text.strip() and not choice.known
    warnings = [["background_unknown", {"prompt": prompt.text[:80]}]] if unknown else []
    return {"choice": asdict(choice), "scenes": scenes, "warnings": warnings}


def composite(ctx: StepContext, results: Results) -> dict[str, Any]:
    """The product on its scene in the first format, without text: what clients see as ``step1_result``."""
    ctx.progress("composite", 0)
    spec = select_formats(ctx.request["formats"])[0]
    sprite = get_sprite(ctx.artifacts, results["segment"]["cutout"])
    picture = plain_picture(sprite, backdrop_of(ctx.artifacts, results["background"]["scenes"], spec), spec)
    artifact = put_scene(ctx.artifacts, picture.image)  # a preview: finished ads are composed anew
    ctx.preview("step1_result", artifact)
    return {"image": artifact, "product": list(picture.at), "core_difference": picture.core_difference}


def refine(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Repaint edge and shadow where the engine can; the studio's composite is final as it stands."""
    ctx.progress("refine", 0)
    done = results["composite"]
    return {"image": done["image"], "core_difference": done["core_difference"]}


def scene_prompt(ctx: StepContext) -> ScenePrompt:
    """The request's background in words. Without a seed, the photo's own content decides, so a job is repeatable."""
    words = (ctx.request.get("bg_prompt", ""), ctx.request.get("bg_composition_prompt", ""))
    negative = (ctx.request.get("bg_negative_prompt", ""), ctx.request.get("bg_composition_negative_prompt", ""))
    return ScenePrompt(", ".join(filter(None, words)), ", ".join(filter(None, negative)), seed_of(ctx))


def seed_of(ctx: StepContext) -> int:
    """The seed asked for, else one derived from the photo's content hash."""
    if (seed := ctx.request.get("seed")) is not None:
        return int(seed)
    return int((ctx.request.get("product_image") or ctx.request.get("cutout_image") or "0")[:8], 16)


def buckets_of(specs: list[FormatSpec]) -> list[str]:
    """The aspect buckets these formats need, in the order of first use."""
    return list(dict.fromkeys(bucket_of(spec.width, spec.height) for spec in specs))


def paint_buckets(ctx: StepContext, choice: SceneChoice, prompt: ScenePrompt, buckets: list[str]) -> dict[str, Any]:
    """Paint and store each bucket's scene, two at a time; returns ``SceneAsset`` fields by bucket."""

    def painted(number: int, bucket: str) -> dict[str, Any]:
        ctx.progress(f"scene_painting ({number}/{len(buckets)})", (number - 1) / len(buckets))
        scene = ctx.engines.painter.paint(choice, prompt, BUCKETS[bucket], lambda name, share: None, ctx.check_stop)
        return scene_asset(ctx, scene)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(buckets, pool.map(painted, range(1, len(buckets) + 1), buckets), strict=True))


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
