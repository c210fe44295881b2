"""From the customer's photo to a product that can be placed: the cut-out and how sure of it we are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.pictures import get_picture, put_sprite
from nanococoa_aiserver.errors import CutoutUncertain, InvalidImage, InvalidParameter
from nanococoa_aiserver.imaging.sprite import sprite_of, whole_cutout
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Rgba, Sprite

TRANSPARENT_SHARE = 0.02
"""An upload with at least this share of see-through pixels was cut out already."""


LARGEST_SIDE = 1 << 15
"""Beyond any upload's side: such a picture is not shrunk."""


@dataclass(frozen=True, slots=True)
class Product:
    """A photo's product with its record. ``verdict`` is ``ok``, ``uncertain``, or ``given`` when it came cut out."""

    photo: Rgb
    alpha: Alpha
    confidence: float
    verdict: str
    method: str

    @property
    def sprite(self) -> Sprite:
        """The product cropped to its matte. Raises ``InvalidImage`` when there is none."""
        if not (self.alpha > 0.5).any():
            raise InvalidImage("product_not_found")
        return sprite_of(self.photo, self.alpha)


def cut_product(ctx: StepContext, source: str) -> Product:
    """The product of the request's photo ``source`` (a field's name), from the ready cut-out where there is one."""
    if ready := ctx.request.get("cutout_image"):
        return _given(*get_picture(ctx.artifacts, ready))
    photo, alpha = get_picture(ctx.artifacts, ctx.request[source])
    if alpha is not None and float((alpha < 0.5).mean()) >= TRANSPARENT_SHARE:
        return _given(photo, alpha)
    return _guessed(ctx, photo)


def whole_picture(ctx: StepContext, source: str, product: Product) -> Rgba:
    """The product's photo with the matte as alpha, at the upload's own size."""
    if not (product.alpha > 0.5).any():
        raise InvalidImage("product_not_found")
    photo, _ = get_picture(ctx.artifacts, ctx.request[source], side=LARGEST_SIDE)
    alpha = cv2.resize(product.alpha, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return whole_cutout(photo, np.asarray(alpha.clip(0, 1), np.float32))


def _guessed(ctx: StepContext, photo: Rgb) -> Product:
    cutout = ctx.engines.segmenter.cut(photo, _box_in(photo, ctx.request.get("product_box"), ctx), ctx.check_stop)
    sure = cutout.confidence >= ctx.engines.sure_from
    return Product(photo, cutout.alpha, round(cutout.confidence, 3), "ok" if sure else "uncertain", cutout.method)


def record(ctx: StepContext, product: Product) -> dict[str, Any]:
    """What the step's checkpoint keeps of a product. Ends the job when it must be sure and is not."""
    artifact = put_sprite(ctx.artifacts, product.sprite)
    if product.verdict == "uncertain" and ctx.request.get("cutout_policy") == "strict":
        raise CutoutUncertain(preview=artifact, confidence=product.confidence)
    return {"cutout": artifact, **told(product)}


def told(product: Product) -> dict[str, Any]:
    """How sure we are of a product, and what to warn of."""
    warnings = [["cutout_uncertain", {"confidence": product.confidence}]] if product.verdict == "uncertain" else []
    return {
        "confidence": product.confidence,
        "verdict": product.verdict,
        "method": product.method,
        "warnings": warnings,
    }


def _given(photo: Rgb, alpha: Alpha | None) -> Product:
    if alpha is None:
        raise InvalidParameter("cutout_without_alpha", field="cutout_image")
    return Product(photo, alpha, 1.0, "given", "given")


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
