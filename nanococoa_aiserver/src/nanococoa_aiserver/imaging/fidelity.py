"""The promise to the customer: the product's core is the photo's, byte for byte.

The core is what is fully opaque and away from the soft edge. Whoever changes a picture around a product pastes the
core back and asserts the difference, which must be 0.
"""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import Mask, erode
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Sprite

OPAQUE = 0.996  # one step of an 8-bit matte below full
EDGE = 1  # px of the opaque area that belong to the edge


class CoreChanged(AssertionError):
    """A product's core is not the photo's. A defect of the program, never of the input."""


def core_of(alpha: Alpha) -> Mask:
    """Where the product must stay untouched: opaque and at least ``EDGE`` px from anything that is not."""
    return erode(alpha >= OPAQUE, EDGE)


def overlap(at: Box, width: int, height: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of ``at`` that lies on a canvas, as (rows, columns) of the canvas and of the sprite."""
    left, top = max(0, at.x), max(0, at.y)
    right, bottom = max(left, min(width, at.right)), max(top, min(height, at.bottom))
    on_canvas = slice(top, bottom), slice(left, right)
    on_sprite = slice(top - at.y, bottom - at.y), slice(left - at.x, right - at.x)
    return on_canvas, on_sprite


def core_difference(image: Rgb, sprite: Sprite, at: Box) -> int:
    """Largest difference (0..255) of any channel inside the core. ``sprite`` has the size of ``at``."""
    on_canvas, on_sprite = overlap(at, image.shape[1], image.shape[0])
    core = core_of(sprite.alpha)[on_sprite]
    if not core.any():
        return 0
    difference = cv2.absdiff(image[on_canvas], sprite.rgb[on_sprite])
    return int(cv2.bitwise_and(difference, difference, mask=core.astype(np.uint8)).max())


def assert_core(image: Rgb, sprite: Sprite, at: Box) -> None:
    """Raise ``CoreChanged`` unless the core is the sprite's, byte for byte."""
    difference = core_difference(image, sprite, at)
    if difference:
        raise CoreChanged(f"the product's core differs by up to {difference} of 255")
