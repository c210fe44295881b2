"""Colour spaces and sizes of the cut-out. CIE Lab is float32 (L 0..100); 8-bit copies have stretched axes."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from nanococoa_aiserver.imaging.types import Rgb

Field: TypeAlias = npt.NDArray[np.float32]
"""(height, width) or (height, width, channels), one number or vector per pixel."""

Mask: TypeAlias = npt.NDArray[np.bool_]
"""(height, width), True on the product."""

Bytes: TypeAlias = npt.NDArray[np.uint8]

GAIN = np.array([1.6, 2.0, 2.0], np.float32)
"""GrabCut separates best in Lab with chroma stretched a quarter more than lightness (measured)."""


def size_within(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """(width, height) with the long side at most ``side`` and both at least 8 pixels."""
    scale = min(1.0, side / max(shape[:2]))
    return max(8, round(shape[1] * scale)), max(8, round(shape[0] * scale))


def shrink(image: Bytes, side: int) -> Bytes:
    """A copy whose long side is at most ``side``; tiny photos grow to 8 pixels."""
    return np.asarray(cv2.resize(image, size_within(image.shape, side), interpolation=cv2.INTER_AREA), np.uint8)


def resized(field: Field, like: tuple[int, ...]) -> Field:
    """Bilinear copy of a field with the height and width of ``like``."""
    return np.asarray(cv2.resize(field, (like[1], like[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def blurred(field: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def lab_of(rgb: Rgb) -> Field:
    """Float CIE Lab of an 8-bit sRGB picture."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def rgb_of(lab: Field) -> Field:
    """sRGB 0..1 of float CIE Lab."""
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32).clip(0, 1)


def stretched(lab: Field) -> Bytes:
    """The 8-bit Lab picture GrabCut works on."""
    return np.ascontiguousarray((lab * GAIN + np.array([0, 128, 128], np.float32)).clip(0, 255).astype(np.uint8))


def gradient(lab: Field) -> Field:
    """Length of the colour gradient (Sobel, all three channels)."""
    across = np.asarray(cv2.Sobel(lab, cv2.CV_32F, 1, 0), np.float32)
    down = np.asarray(cv2.Sobel(lab, cv2.CV_32F, 0, 1), np.float32)
    return np.asarray(np.sqrt((across * across + down * down).sum(-1)), np.float32)
