"""From the customer's photo to a product that can be placed: the cut-out and how sure of it we are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.pictures import get_picture, put_sprite
from nanococoa_aiserver.errors import CutoutUncertain, InvalidImage, InvalidParameter
from nanococoa_aiserver.imaging.sprite import sprite_of
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Sprite

TRANSPARENT_SHARE = 0.02
"""An upload with at least this share of see-through pixels was cut out already."""


@dataclass(frozen=True, slots=True)
class Product:
    """A cut-out with its record. ``verdict`` is ``ok``, ``uncertain``, or ``given`` when the customer cut it out."""

    sprite: Sprite
    confidence: float
    verdict: str
    method: str


def cut_product(ctx: StepContext, source: str) -> Product:
    """The product of the request's photo ``source`` (a field's name), from the ready cut-out where there is one."""
    if ready := ctx.request.get("cutout_image"):
        return _given(*get_picture(ctx.artifacts, ready))
    photo, alpha = get_picture(ctx.artifacts, ctx.request[source])
    if alpha is not None and float((alpha < 0.5).mean()) >= TRANSPARENT_SHARE:
        return _given(photo, alpha)
    return guess_product(ctx, photo, ctx.request.get("product_box"))


def guess_product(ctx: StepContext, photo: Rgb, box: list[int] | None) -> Product:
    """The product as the engine sees it; ``box`` is the customer's rectangle in pixels of the upload."""
    cutout = ctx.engines.segmenter.cut(photo, _box_in(photo, box, ctx), ctx.check_stop)
    sure = cutout.confidence >= ctx.engines.sure_from
    return Product(
        _cropped(photo, cutout.alpha), round(cutout.confidence, 3), "ok" if sure else "uncertain", cutout.method
    )


def record(ctx: StepContext, product: Product) -> dict[str, object]:
    """What the step's checkpoint keeps of a product. Ends the job when it must be sure and is not."""
    artifact = put_sprite(ctx.artifacts, product.sprite)
    if product.verdict == "uncertain" and ctx.request.get("cutout_policy") == "strict":
        raise CutoutUncertain(preview=artifact, confidence=product.confidence)
    warnings = [["cutout_uncertain", {"confidence": product.confidence}]] if product.verdict == "uncertain" else []
    return {
        "cutout": artifact,
        "confidence": product.confidence,
        "verdict": product.verdict,
        "method": product.method,
        "warnings": warnings,
    }


def _given(photo: Rgb, alpha: Alpha | None) -> Product:
    if alpha is None:
        raise InvalidParameter("cutout_without_alpha", field="cutout_image")
    return Product(_cropped(photo, alpha), 1.0, "given", "given")


def _cropped(photo: Rgb, alpha: Alpha) -> Sprite:
    if not (alpha > 0.5).any():
        raise InvalidImage("product_not_found")
    return sprite_of(photo, alpha)


def _box_in(photo: Rgb, box: list[int] | None, ctx: StepContext) -> Box | None:
    """The customer's box in pixels of the working copy, clipped to the picture."""
    if box is None:
        return None
    scale = photo.shape[1] / ctx.request.get("photo_width", photo.shape[1])
    height, width = photo.shape[:2]
    left, top = (int(np.clip(round(v * scale), 0, m - 1)) for v, m in zip(box[:2], (width, height), strict=True))
    right = int(np.clip(round((box[0] + box[2]) * scale), left + 1, width))
    bottom = int(np.clip(round((box[1] + box[3]) * scale), top + 1, height))
    return Box(left, top, right - left, bottom - top)
