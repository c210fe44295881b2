"""A product taken out of its photo, and the same product at the size an ad needs.

Resampling and sharpening happen here, before the core is fixed: what leaves ``scaled`` is what must be found in the
finished ad, byte for byte.
"""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.errors import CutoutUncertain
from nanococoa_aiserver.imaging.fidelity import core_of
from nanococoa_aiserver.imaging.filters import F32, U8, box_blur, erode, resize
from nanococoa_aiserver.imaging.types import Alpha, Rgb, Rgba, Sprite

MARGIN = 2  # px kept around the matte, so that its softest pixels survive
VISIBLE = 0.03  # coverage below this is noise of the matting
LARGEST_SIDE = 2400  # px; above any placement's need, and a bound on memory
COARSE, FINE = 90, 6  # px, the two radii of Forte and Pitié's blur fusion


def sprite_of(photo: Rgb, alpha: Alpha) -> Sprite:
    """Crop ``photo`` to its matte and free the soft edge's colours from the old background.

    Raises ``CutoutUncertain`` when the matte is empty.
    """
    rows, columns = _extent(alpha)
    rgb, cover = photo[rows, columns], np.ascontiguousarray(alpha[rows, columns], np.float32)
    sprite = _limited(np.ascontiguousarray(rgb), _with_soft_edge(cover))
    return Sprite(_decontaminated(sprite.rgb, sprite.alpha), sprite.alpha)


def whole_cutout(photo: Rgb, alpha: Alpha) -> Rgba:
    """The photo at its own size with ``alpha`` as its fourth channel; the soft edge is free of the old background.

    Raises ``CutoutUncertain`` when the matte is empty.
    """
    rows, columns = _extent(alpha)
    part = np.ascontiguousarray(photo[rows, columns]), np.ascontiguousarray(alpha[rows, columns], np.float32)
    whole = np.dstack([photo, np.rint(alpha * 255).astype(np.uint8)])
    whole[rows, columns, :3] = _decontaminated(*part)
    return whole


def scaled(sprite: Sprite, width: int, height: int) -> Sprite:
    """The sprite at ``width`` × ``height`` px, lightly sharpened against the softness of resampling."""
    if (width, height) == (sprite.width, sprite.height):
        return sprite
    shrink = width < sprite.width
    size = (max(1, width), max(1, height))
    rgb = cv2.resize(sprite.rgb, size, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LANCZOS4)
    alpha = resize(sprite.alpha, *size).clip(0, 1)
    amount = 0.22 if shrink else min(0.5, 0.25 * width / sprite.width)
    return Sprite(_sharpened(np.asarray(rgb, np.uint8), amount), alpha, sprite.contact)


def light_side(sprite: Sprite) -> float:
    """The side the product's own light comes from: -0.8 (left) .. 0.8 (right).

    It is the slope of lightness along the rows. A flat one tells nothing; then the answer is -0.7, the habit of
    product photography, so that a scene always has a direction.
    """
    solid = sprite.alpha > 0.9
    if solid.sum() < 64:
        return -0.7
    grey = np.asarray(cv2.cvtColor(sprite.rgb, cv2.COLOR_RGB2GRAY), np.float32)
    slope = _row_slope(grey, solid) * sprite.width
    side = float(np.clip(slope / 40, -1, 1)) * 0.8  # 40 levels from edge to edge: full side light
    return side if abs(side) > 0.15 else -0.7


def _extent(alpha: Alpha) -> tuple[slice, slice]:
    seen = alpha > VISIBLE
    if not seen.any():
        raise CutoutUncertain()
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    top, left = max(0, int(rows[0]) - MARGIN), max(0, int(columns[0]) - MARGIN)
    return slice(top, int(rows[-1]) + MARGIN + 1), slice(left, int(columns[-1]) + MARGIN + 1)


def _with_soft_edge(alpha: Alpha) -> Alpha:
    """A hard matte keeps a rim of the old background in its outermost pixels: draw it in by half a pixel."""
    solid = alpha > 0.5
    rim = int((solid & ~erode(solid, 1)).sum())
    soft = int(((alpha > 0.05) & (alpha < 0.95)).sum())
    if soft > 0.8 * rim:
        return alpha
    inner = np.asarray(cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 0.9), np.float32)
    return np.asarray(np.clip((inner - 0.42) / 0.5, 0, 1), np.float32)


def _limited(rgb: Rgb, alpha: Alpha) -> Sprite:
    share = LARGEST_SIDE / max(alpha.shape)
    if share >= 1:
        return Sprite(rgb, alpha)
    size = (max(1, round(alpha.shape[1] * share)), max(1, round(alpha.shape[0] * share)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Sprite(small, resize(alpha, *size))


def _decontaminated(rgb: Rgb, alpha: Alpha) -> Rgb:
    """Foreground colours by blur fusion (Forte, Pitié: Approximate Fast Foreground Colour Estimation, 2021)."""
    edge = ~core_of(alpha)
    image, cover = rgb.astype(np.float32), alpha[..., None]
    front, back = _fused(image, image, image, cover, COARSE)
    front, _ = _fused(image, front, back, cover, FINE)
    clean = rgb.copy()
    clean[edge] = np.rint(front[edge].clip(0, 255)).astype(np.uint8)
    return clean


def _fused(image: F32, front: F32, back: F32, cover: F32, radius: int) -> tuple[F32, F32]:
    """One pass: local means of either side, then the residual put where the matte says it belongs."""
    cover2 = cover[..., 0]
    mean_front = box_blur(front * cover, radius) / (box_blur(cover2, radius)[..., None] + 1e-5)
    mean_back = box_blur(back * (1 - cover), radius) / (box_blur(1 - cover2, radius)[..., None] + 1e-5)
    residual = image - cover * mean_front - (1 - cover) * mean_back
    return np.clip(mean_front + cover * residual, 0, 255), mean_back


def _sharpened(rgb: U8, amount: float) -> Rgb:
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.8)
    return np.asarray(cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0), np.uint8)


def _row_slope(grey: F32, solid: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Least-squares slope of grey level per px along each row, all rows together."""
    count = np.maximum(solid.sum(1, keepdims=True), 1)
    x = np.arange(grey.shape[1], dtype=np.float32)[None]
    dx = x - (x * solid).sum(1, keepdims=True) / count
    dy = grey - (grey * solid).sum(1, keepdims=True) / count
    return float((dx * dy * solid).sum() / ((dx**2 * solid).sum() + 1e-6))
