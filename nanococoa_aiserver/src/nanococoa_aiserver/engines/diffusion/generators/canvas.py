"""The sizes a model paints at, and how a picture of any size gets onto such a canvas and back.

Diffusion models are sharp and well composed near the sizes they were trained on (about a megapixel, no stripe), so a
wanted size is painted at a near bucket and brought to its pixels afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb

CELL = 16
"""Pixels of one token's side: eight by the autoencoder, two by two latents to a token. The same in every family."""
PAINTED_ASPECT = 2.4
"""The longest shape painted as it is (cinema wide); longer ones are cut out of it."""
EDITED_ASPECT = 4.0
"""The longest shape repainted as it is; longer pictures are continued by their mirror image."""
LARGEST = 1.75
"""Areas of the canvas' square: what a long side may add (1024 × 1792)."""
SMALLEST = 0.25
"""Of the same area: smaller pictures are enlarged for the model, which draws no detail below it."""
CONTEXT = 0.5
"""Of a mask's size, on each side: what the model sees around what it fills."""
WHOLE_FROM = 0.7
"""Of the picture's area: a window larger than this is not worth cutting."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The square a model likes, in pixels, and the multiple a new picture's sides are rounded to."""

    pixels: int = 1024 * 1024
    step: int = 64

    @property
    def side(self) -> int:
        return int(self.pixels**0.5)

    def painted(self, width: int, height: int) -> tuple[int, int]:
        """Where a new picture of this size is painted: 1080 × 1350 → 1024 × 1280, 1440 × 360 → 1408 × 576."""
        aspect = float(np.clip(width / height, 1 / PAINTED_ASPECT, PAINTED_ASPECT))
        covering = max(width / aspect**0.5, height * aspect**0.5) ** 2  # pixels, once the short side is extended
        short = self._floor(min(self.side, (covering * min(aspect, 1 / aspect)) ** 0.5))
        ratio = max(aspect, 1 / aspect)
        long = min(self._round(short * ratio), self._floor(LARGEST * self.pixels / short))
        return (long, short) if aspect >= 1 else (short, long)

    def repainted(self, width: int, height: int) -> tuple[int, int]:
        """Where a picture of this size is repainted: its own shape within the square's area."""
        area = float(np.clip(width * height, SMALLEST * self.pixels, self.pixels))
        aspect = float(np.clip(width / height, 1 / EDITED_ASPECT, EDITED_ASPECT))
        return _down((area * aspect) ** 0.5, CELL), _down((area / aspect) ** 0.5, CELL)

    def halved(self, size: tuple[int, int]) -> tuple[int, int]:
        """The same shape with half the pixels, for when memory is short."""
        return _down(size[0] * 0.5**0.5, CELL), _down(size[1] * 0.5**0.5, CELL)

    def _floor(self, length: float) -> int:
        return _down(length, self.step)

    def _round(self, length: float) -> int:
        return _down(length + self.step / 2, self.step)


def _down(length: float, step: int) -> int:
    return max(step, int(length + 1e-6) // step * step)


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture lies on a canvas: continued to ``padded`` (width, height) px about its middle, then resized."""

    size: tuple[int, int]
    padded: tuple[int, int]
    canvas: tuple[int, int]

    @classmethod
    def of(cls, width: int, height: int, canvas: Canvas) -> Framing:
        padded = (max(width, round(height / EDITED_ASPECT)), max(height, round(width / EDITED_ASPECT)))
        return cls((width, height), padded, canvas.repainted(*padded))

    @property
    def _margins(self) -> tuple[int, int, int, int]:
        left, top = ((p - s) // 2 for p, s in zip(self.padded, self.size, strict=True))
        right, bottom = self.padded[0] - self.size[0] - left, self.padded[1] - self.size[1] - top
        return top, bottom, left, right

    def onto(self, image: Rgb) -> Rgb:
        """The picture as the model sees it."""
        continued = cv2.copyMakeBorder(image, *self._margins, cv2.BORDER_REFLECT)
        return resized(np.asarray(continued, np.uint8), *self.canvas)

    def cells(self, mask: Alpha) -> Mask:
        """``mask`` on the canvas, grown to whole cells: any part of one opens all of it."""
        continued = cv2.copyMakeBorder(mask, *self._margins, cv2.BORDER_CONSTANT, value=0.0)
        width, height = self.canvas
        open_ = cv2.dilate((continued > 0).astype(np.uint8), _reach(self.padded, self.canvas))
        fine = cv2.resize(open_, (width, height), interpolation=cv2.INTER_NEAREST) > 0
        rows = fine.reshape(height // CELL, CELL, width // CELL, CELL).any((1, 3))
        return np.asarray(np.kron(rows, np.ones((CELL, CELL), np.bool_)), np.bool_)

    def back(self, image: Rgb) -> Rgb:
        """The model's answer (of any size with the canvas' shape) as the picture it came from."""
        top, _, left, _ = self._margins
        width, height = self.size
        grown = resized(image, *self.padded)
        return grown[top : top + height, left : left + width]


def _reach(padded: tuple[int, int], canvas: tuple[int, int]) -> np.ndarray:
    """A kernel that keeps thin lines when every n-th pixel is taken."""
    sides = [2 * (-(-p // c) // 2) + 1 for p, c in zip(padded, canvas, strict=True)]
    return np.ones((sides[1], sides[0]), np.uint8)


def resized(image: Rgb, width: int, height: int) -> Rgb:
    """Area average when shrinking, Lanczos when growing."""
    if image.shape[1::-1] == (width, height):
        return image
    shrink = width <= image.shape[1] and height <= image.shape[0]
    how = cv2.INTER_AREA if shrink else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=how), np.uint8)


def covered(image: Rgb, width: int, height: int, focus: tuple[float, float]) -> Rgb:
    """The largest part of the picture with this shape, about ``focus`` (shares of it), at ``width`` × ``height``."""
    rows, columns = image.shape[:2]
    scale = min(columns / width, rows / height)
    across, down = min(columns, round(width * scale)), min(rows, round(height * scale))
    left = int(np.clip(focus[0] * columns - across / 2, 0, columns - across))
    top = int(np.clip(focus[1] * rows - down / 2, 0, rows - down))
    return resized(image[top : top + down, left : left + across], width, height)


def window(mask: Alpha) -> Box:
    """What the model is shown to fill ``mask``: its box with context, the whole picture where that is most of it."""
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    reach = int(CONTEXT * max(np.ptp(rows), np.ptp(columns))) + 32
    left, top = max(0, int(columns[0]) - reach), max(0, int(rows[0]) - reach)
    right, bottom = min(width, int(columns[-1]) + reach + 1), min(height, int(rows[-1]) + reach + 1)
    if (right - left) * (bottom - top) > WHOLE_FROM * width * height:
        return Box(0, 0, width, height)
    return Box(left, top, right - left, bottom - top)
