"""What an edit must leave as it is: everything outside its region, and the product's core.

A painting model changes every pixel a little, so what must stay is put back after every attempt, and the finished
file is held against the upload: a difference is a defect of the program.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.fidelity import CoreChanged, core_difference, core_of
from nanococoa_aiserver.imaging.filters import F32, Mask
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Rgba, Sprite

STRIP = 256
"""Rows blended at a time: a picture of 25 megapixels as floats would take 300 MB."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """``weight`` (local edits) is 0 where nothing may change; ``product`` is the cut-out with its edge cleaned, at the
    picture's own size."""

    original: Rgb
    weight: F32 | None = None
    product: Rgba | None = None

    def put_back(self, edited: Rgb) -> Rgb:
        """``edited`` with everything that must stay as it was."""
        if edited.shape != self.original.shape:
            raise ValueError(f"edited at {edited.shape}, the picture has {self.original.shape}")
        if self.weight is not None:
            return blended(self.original, edited, self._around_product(self.weight))
        if self.product is None:
            return edited
        alpha = coverage(self.product)
        image = blended(edited, np.ascontiguousarray(self.product[..., :3]), alpha)
        core = core_of(alpha)
        image[core] = self.original[core]
        return image

    def outside_difference(self, image: Rgb) -> int | None:
        """Largest difference to the original outside the region; None where all may change."""
        return None if self.weight is None else _difference(image, self.original, self.weight == 0)

    def core_difference(self, image: Rgb) -> int | None:
        """Largest difference inside the product's core; None where no product is kept."""
        if self.product is None:
            return None
        height, width = image.shape[:2]
        return core_difference(image, Sprite(self.original, coverage(self.product)), Box(0, 0, width, height))

    def assert_kept(self, image: Rgb) -> None:
        """Raise ``CoreChanged`` unless all that must stay is the original's, byte for byte."""
        if outside := self.outside_difference(image):
            raise CoreChanged(f"outside the region the picture differs by up to {outside} of 255")
        if core := self.core_difference(image):
            raise CoreChanged(f"the product's core differs by up to {core} of 255")

    def _around_product(self, weight: F32) -> F32:
        return weight if self.product is None else weight * (1 - coverage(self.product))


def blended(base: Rgb, over: Rgb, weight: F32) -> Rgb:
    """``base`` byte for byte where ``weight`` is 0, ``over`` where it is 1, a mixture between."""
    image = base.copy()
    for top in range(0, base.shape[0], STRIP):
        rows = slice(top, top + STRIP)
        if weight[rows].any():
            share = weight[rows][..., None]
            mixed = base[rows] + (over[rows].astype(np.float32) - base[rows]) * share
            image[rows] = np.rint(mixed)
    return image


def coverage(product: Rgba) -> Alpha:
    """A cut-out's alpha channel, 0..1."""
    return np.asarray(product[..., 3], np.float32) / np.float32(255)


def _difference(one: Rgb, other: Rgb, where: Mask) -> int:
    if not where.any():
        return 0
    difference = cv2.absdiff(one, other)
    return int(cv2.bitwise_and(difference, difference, mask=where.astype(np.uint8)).max())
