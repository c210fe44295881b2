"""A background colour for a product nobody described a background for: near its hue, far from its lightness."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.palettes import load_palettes
from nanococoa_aiserver.imaging.filters import F32, to_lab
from nanococoa_aiserver.imaging.types import Sprite

CANDIDATES = ("beige", "cream", "pink", "coral", "mint", "green", "sky", "lavender", "gray", "yellow", "teal", "navy")
NEUTRAL = ("beige", "cream", "gray", "sky")
GREY_CHROMA = 12.0  # Lab chroma below which a product has no hue to speak of
CONTRAST = 28.0  # L* between product and wall from which more does not help
HUE_WEIGHT = 0.5  # a hue opposite to the product's costs half of all contrast


def flattering_palette(product: Sprite) -> str:
    """Name of the palette whose wall sets the product off best."""
    lightness, a, b = _mean_lab(product)
    coloured = np.hypot(a, b) > GREY_CHROMA
    names = CANDIDATES if coloured else NEUTRAL

    def merit(name: str) -> float:
        wall = to_lab((load_palettes()[name].mid * 255)[None, None])[0, 0]
        contrast = min(abs(lightness - float(wall[0])), CONTRAST) / CONTRAST
        turn = np.arctan2(b, a) - np.arctan2(wall[2], wall[1]) if coloured else 0.0
        return contrast - HUE_WEIGHT * float(1 - np.cos(turn)) / 2

    return max(names, key=merit)


def _mean_lab(product: Sprite) -> tuple[float, float, float]:
    """Mean lightness, and the mean colour weighted by chroma so that a white label does not wash it out."""
    solid = product.rgb[product.alpha > 0.9][::7]
    if len(solid) == 0:
        return 60.0, 0.0, 0.0
    lab: F32 = to_lab(solid.astype(np.float32)[None])[0]
    chroma = np.hypot(lab[:, 1], lab[:, 2]) + 1e-3
    a, b = (float((lab[:, channel] * chroma).sum() / chroma.sum()) for channel in (1, 2))
    return float(lab[:, 0].mean()), a, b
