"""The few array filters the pictures share: OpenCV with honest types, wide blurs done on a reduced copy."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]
"""Any precision: what arithmetic leaves behind; functions that keep a picture narrow it to ``F32``."""

U8: TypeAlias = npt.NDArray[np.uint8]
Mask: TypeAlias = npt.NDArray[np.bool_]

_REDUCE_FROM = 3.0  # px of sigma; below it reducing costs more than it saves


def smoothstep(start: float, end: float, x: npt.ArrayLike) -> F32:
    """0 before ``start``, 1 after ``end``, a smooth cubic between (``start`` may be the larger one)."""
    t = np.clip((np.asarray(x, np.float32) - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def resize(image: Floats, width: int, height: int) -> F32:
    """Area average when shrinking, bilinear when growing."""
    shrink = width < image.shape[1] and height < image.shape[0]
    how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(np.ascontiguousarray(image, np.float32), (width, height), interpolation=how), np.float32
    )


def soften(image: Floats, sigma: float) -> F32:
    """Gaussian blur of ``sigma`` px; a wide one is computed on a copy up to eight times smaller."""
    if sigma < _REDUCE_FROM:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma, 0.3)), np.float32)
    factor = min(8, int(sigma / 1.5))
    height, width = image.shape[:2]
    small = resize(image, max(2, width // factor), max(2, height // factor))
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), sigma / factor), np.float32)
    return resize(small, width, height)


def box_blur(image: F32, radius: int) -> F32:
    """Mean over a square of ``2 * radius + 1`` px; its cost does not grow with the radius."""
    return np.asarray(cv2.blur(image, (2 * radius + 1, 2 * radius + 1)), np.float32)


def erode(mask: Mask, radius: int) -> Mask:
    """The mask without its outer ``radius`` px; beyond the array counts as inside, so that a cut edge stays."""
    if radius < 1:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel) > 0, np.bool_)


def to_lab(rgb: F32) -> F32:
    """CIE L*a*b* (D65) of sRGB 0..255, same shape."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb / 255, np.float32), cv2.COLOR_RGB2LAB), np.float32)


def from_lab(lab: F32) -> F32:
    """sRGB 0..255 of CIE L*a*b* (D65), clipped to the gamut."""
    rgb = cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(np.asarray(rgb, np.float32), 0, 1) * 255, np.float32)


def lay(part: F32, paint: F32, mask: F32) -> None:
    """Blend a colour (3,) or a picture into ``part``, in place.

    Channels are spread beforehand: numpy is five times slower where its innermost axis has three elements.
    """
    tint = np.asarray(cv2.merge([mask * value for value in paint]), np.float32) if paint.ndim == 1 else paint
    spread = np.asarray(cv2.merge([mask, mask, mask]), np.float32)
    if paint.ndim == 3:
        tint = tint * spread
    np.subtract(1, spread, out=spread)
    part *= spread
    part += tint
