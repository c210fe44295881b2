"""Stage 2: the picture is looked at, the copy gets a design, and each format is composed, drawn and measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nanococoa_aiserver.ads.composing import Material, checks_of, compose_formats
from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.designing import brief_of, compose_decided, decide
from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.ads.outcome import contact_of, cutout_of, picture_of, scenes_of
from nanococoa_aiserver.ads.pictures import get_picture, get_sprite, put_picture
from nanococoa_aiserver.ads.restage import restage
from nanococoa_aiserver.engines.ports import ImageAnalyst
from nanococoa_aiserver.imaging.types import Box
from nanococoa_client.schemas import AdLayer


def analyse(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Look at the picture of stage 1. Where a job starts here, that picture is taken apart first."""
    ctx.progress("analyse", 0)
    staged = restage(ctx) if ctx.request.get("start_step") == 2 else {}
    done = staged or picture_of(results)
    image, _ = get_picture(ctx.artifacts, done["image"])
    seen = _analyst(ctx).analyse(image, Box(*done["product"]), ctx.check_stop)
    return {**staged, "analysis": asdict(seen)}


def _analyst(ctx: StepContext) -> ImageAnalyst:
    """The model's eye, or image statistics alone where the request declines it."""
    statistics = ctx.engines.statistics
    return ctx.engines.analyst if statistics is None or ctx.request.get("use_qwen_analysis", True) else statistics


def design(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Split the copy into fields and choose style, mood and colours."""
    ctx.progress("design", 0)
    return decide(ctx, results["analyse"]["analysis"], material_of(ctx, results))


def render(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Compose every format, measure it, and keep the editable layer."""
    specs = select_formats(ctx.request["formats"])
    material = material_of(ctx, results)
    brief = brief_of(ctx, results["analyse"]["analysis"], material)
    chosen, composition = compose_decided(
        ctx, results["design"], brief, lambda made, edits: compose_formats(ctx, made, specs, material, edits)
    )
    cut = cutout_of(results)
    layer = AdLayer(
        fields=chosen.fields,
        style=chosen.style,
        alternatives=chosen.alternatives,
        mood=chosen.mood,
        palette=chosen.palette,
        font_family=chosen.font_family,
        cutout=cut["cutout"],
        source=ctx.engines.source.value,
        contact=contact_of(results),
        scenes=scenes_of(results),
        formats=composition.layers,
        design=chosen.model_dump(mode="json"),
    )
    return {
        "images": {name: put_picture(ctx.artifacts, image) for name, image in composition.images.items()},
        "layer": layer.model_dump(mode="json"),
        "checks": checks_of(composition, cut["confidence"], cut["verdict"]),
        "warnings": composition.warnings,
    }


def material_of(ctx: StepContext, results: Results) -> Material:
    """The cut-out and the scenes, wherever this job got them from."""
    sprite = get_sprite(ctx.artifacts, cutout_of(results)["cutout"], contact_of(results))
    return Material(sprite, scenes_of(results))
