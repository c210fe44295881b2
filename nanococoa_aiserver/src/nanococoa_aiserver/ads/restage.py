"""A finished picture of stage 1 taken apart again, so that text can be set on it in every format.

The product is cut out and the place where it stood is filled from its surroundings; after that it is an ad like any
other, only with a scene somebody else painted.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import cv2
import numpy as np

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.formats import bucket_of, select_formats
from nanococoa_aiserver.ads.pictures import get_picture, put_scene
from nanococoa_aiserver.ads.product import cut_product, record
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Stage
from nanococoa_client.schemas import SceneAsset

SHADOW_MARGIN = 0.06
"""How far beyond the product, as a share of its size, its old shadow and glow are taken out with it."""


def restage(ctx: StepContext) -> dict[str, Any]:
    """Cut-out and scene of ``step1_image`` as the steps of stage 1 would have left them."""
    image, _ = get_picture(ctx.artifacts, ctx.request["step1_image"])
    product = cut_product(ctx, "step1_image")
    at = find_in(image, product.sprite.rgb, product.sprite.alpha)
    scene = without_product(image, _matte_on(image, product.sprite.alpha, at))
    asset = SceneAsset(
        artifact=put_scene(ctx.artifacts, scene),
        width=image.shape[1],
        height=image.shape[0],
        scene="given",
        palette="given",
        stage=asdict(stage_under(at, image.shape[1], image.shape[0])),
    ).model_dump()
    buckets = {bucket_of(spec.width, spec.height) for spec in select_formats(ctx.request["formats"])}
    return {
        **record(ctx, product),
        "image": ctx.request["step1_image"],
        "product": list(at),
        "scenes": dict.fromkeys(sorted(buckets), asset),
    }


def find_in(image: Rgb, colours: Rgb, alpha: Alpha) -> Box:
    """Where a cut-out lies in the picture it came from, by masked template matching at reduced size."""
    height, width = alpha.shape
    if height > image.shape[0] or width > image.shape[1]:
        return Box(0, 0, image.shape[1], image.shape[0])
    scale = min(1.0, 256 / max(image.shape[:2]))
    small, template, mask = (
        cv2.resize(a, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for a in (image, colours, alpha)
    )
    score = cv2.matchTemplate(small, template, cv2.TM_SQDIFF, mask=np.dstack([mask] * 3))
    _, _, (x, y), _ = cv2.minMaxLoc(np.nan_to_num(score, nan=np.inf))
    left, top = min(round(x / scale), image.shape[1] - width), min(round(y / scale), image.shape[0] - height)
    return Box(left, top, width, height)


def without_product(image: Rgb, matte: Alpha) -> Rgb:
    """The picture with the product (and a margin for its shadow) filled from coarse to fine by its surroundings."""
    radius = max(3, int(SHADOW_MARGIN * max(np.ptp(axis) for axis in np.nonzero(matte > 0.1))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    hole = cv2.dilate((matte > 0.1).astype(np.uint8), kernel) > 0
    filled = _pull_push(image.astype(np.float32), (~hole).astype(np.float32))
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), radius / 3)[..., None]
    return np.asarray(np.rint(image * (1 - soft) + filled * soft).clip(0, 255), np.uint8)


def stage_under(at: Box, width: int, height: int) -> Stage:
    """A floor under the product where it stood."""
    ground = at.bottom / height
    return Stage(
        ground=min(0.97, ground),
        x=(at.x + at.width / 2) / width,
        horizon=max(0.0, min(0.97, ground) - 0.35 * at.height / height),
        max_width=max(0.2, at.width / width),
        max_height=max(0.2, at.height / height),
        shadow=0.45,
    )


def _pull_push(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill unknown pixels by a pyramid of averages of the known ones (Gortler et al. 1996)."""
    if min(known.shape) <= 2 or bool((known > 0).all()):
        total = max(float(known.sum()), 1e-6)
        mean = (image * known[..., None]).sum((0, 1)) / total
        return np.where(known[..., None] > 0, image, mean)
    weight = cv2.resize(known, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(image * known[..., None], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = _pull_push(colour / np.maximum(weight, 1e-6)[..., None], (weight > 0).astype(np.float32))
    filled = cv2.resize(coarse, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(image * known[..., None] + filled * (1 - known[..., None]))


def _matte_on(image: Rgb, alpha: Alpha, at: Box) -> Alpha:
    matte = np.zeros(image.shape[:2], np.float32)
    matte[at.y : at.bottom, at.x : at.right] = alpha[: at.height, : at.width]
    return matte
