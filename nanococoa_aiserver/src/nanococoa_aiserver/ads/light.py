"""Light work: one step each, answered at once when it is quick. Chosen by name by the light lane."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.pictures import get_picture, put_rgba
from nanococoa_aiserver.ads.product import cut_product, told, whole_picture
from nanococoa_aiserver.ads.rerender import rerender
from nanococoa_aiserver.engines.ports import VisionLanguageModel
from nanococoa_aiserver.errors import ModelUnavailable
from nanococoa_aiserver.imaging.types import Rgb


def cutout(ctx: StepContext) -> dict[str, Any]:
    """The photo at its own size with the background see-through, and how sure we are of it."""
    ctx.progress("cutout", 0)
    started = time.perf_counter()
    product = cut_product(ctx, "image")
    artifact = put_rgba(ctx.artifacts, whole_picture(ctx, "image", product))
    seconds = round(time.perf_counter() - started, 3)
    return {"cutout": artifact, **told(product), "outputs": {"cutout": artifact}, "seconds": seconds}


def analyze(ctx: StepContext) -> dict[str, Any]:
    """What the engine sees in a picture. A free question needs a vision-language model."""
    ctx.progress("analyse", 0)
    if question := ctx.request.get("question"):
        vlm = _vlm(ctx)
        return {"text": vlm.ask(_image(ctx), question, ctx.check_stop), "question": question}
    seen = ctx.engines.analyst.analyse(_image(ctx), None, ctx.check_stop)
    return {
        "text": seen.text,
        "palette": list(seen.palette),
        "brightness": seen.brightness,
        "busy": seen.busy,
        "free_space": seen.free_space,
        "views": seen.views,
    }


def _image(ctx: StepContext) -> Rgb:
    return get_picture(ctx.artifacts, ctx.request["image"])[0]


def _vlm(ctx: StepContext) -> VisionLanguageModel:
    if ctx.engines.vlm is None:
        raise ModelUnavailable(model="Qwen3-VL", install="ENGINE=diffusion")
    return ctx.engines.vlm


def clip_score(ctx: StepContext) -> dict[str, Any]:
    """How well a picture fits a text, 0 to 100, and what that number means for this model."""
    ctx.progress("clip_score", 0)
    model, prompt = ctx.request["model_type"], ctx.request["prompt"]
    scorer = ctx.engines.scorer
    if scorer is None:
        raise ModelUnavailable(model=f"CLIP ({model})", install="ENGINE=diffusion")
    found = scorer.score(_image(ctx), prompt, model, ctx.check_stop)
    return {
        "clip_score": round(found, 2),
        "prompt": prompt,
        "model_type": model,
        "interpretation": scorer.interpretation(found, model, ctx.request.get("locale", "ko")),
    }


LIGHT_TASKS: dict[str, Callable[[StepContext], dict[str, Any]]] = {
    "cutout": cutout,
    "render": rerender,
    "analyze": analyze,
    "clip_score": clip_score,
}
