"""Where and how a product can stand on a picture that a model painted, estimated from the picture alone.

The horizon is the height where most columns change colour in the same way, the light's side the one towards which
luminance grows. Measured on the studio's own scenes, whose stage is known (cropped so that the horizon lies anywhere
from 0.4 to 0.75): see ``tests/diffusion/test_staging.py``.
"""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import Frame
from nanococoa_aiserver.imaging.filters import F32, Floats, resize, to_lab
from nanococoa_aiserver.imaging.types import Rgb, Stage

ROWS, COLUMNS = 128, 96
STRIP = 4
"""Rows compared above and below a height: a horizon is sharper than this, a vignette is not."""
BAND = (0.3, 0.85)
LIKELY, SPREAD = 0.58, 0.16
"""Where a horizon is asked for, and how far from it one is still believed (standard deviation)."""
CLEAR = 0.6
"""Least evidence for a horizon: change common to the columns over what differs between them. Below it the shape of the
picture says where the floor begins."""
LEVEL = 0.01
"""Slope of a row's logarithmic luminance, from border to border, from which it counts as lit from one side."""
BELIEVED = 0.3
"""Least difference between the sides that says more than the words did: seven of eight are right from here on."""
STANDING = (0.3, 0.75)
"""How far from the horizon to the lower border a product may stand."""
DROP = 0.23
"""From the ground line up to the horizon where none is seen, in shares of the short side: the studio's own."""
SHADOW = (0.675, -0.19)
"""Strength of a shadow = first + second × mean brightness: least squares over the studio's scenes."""
CAST = 0.12
"""Share of the light's colour that a product takes on."""
MARGIN = 0.05
GLOSS = 0.05  # a reflection that the picture does not show is worse than none
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709


def stage_of(image: Rgb, light: float | None = None) -> Stage:
    """The standing place on ``image``. ``light`` is the side asked for, -1 left .. 1 right: it counts where the picture
    shows none clearly."""
    height, width = image.shape[:2]
    frame = Frame.of(width, height)
    small = resize(image.astype(np.float32), COLUMNS, ROWS)
    linear = np.asarray((small / 255) ** 2.2, np.float32)
    floor = horizon(small) or frame.ground - DROP * frame.unit / height
    back, front = (floor + share * (1 - floor) for share in STANDING)
    ground = float(np.clip(frame.ground, back, front))
    brightness = float((linear @ LUMINANCE).mean() ** (1 / 2.2))
    return Stage(
        ground=ground,
        horizon=floor,
        max_width=min(0.9, 0.62 * frame.unit / width),
        max_height=(ground - MARGIN) * frame.fill,
        light=(lit_from(linear, light), 0.8),
        gloss=GLOSS,
        shadow=float(np.clip(SHADOW[0] + SHADOW[1] * brightness, 0.4, 0.65)),
        softness=1.0 + 0.4 * high_key(linear),
        tint=light_colour(linear),
    )


def horizon(small: F32) -> float | None:
    """The height of the horizon, 0 top .. 1 bottom; None where no height stands out. ``small``: sRGB 0..255."""
    rows = small.shape[0]
    sums = np.concatenate([np.zeros((1, *small.shape[1:])), to_lab(small).cumsum(0)])
    at = np.arange(STRIP, rows - STRIP + 1)
    change = (sums[at + STRIP] - 2 * sums[at] + sums[at - STRIP]) / STRIP
    common = np.median(change, 1)
    between = np.abs(change - common[:, None]).mean(1).sum(-1)
    evidence = np.linalg.norm(common, axis=-1) / (1 + between)
    height = at / rows
    believed = evidence * np.exp(-(((height - LIKELY) / SPREAD) ** 2) / 2)
    believed[(height < BAND[0]) | (height > BAND[1])] = 0
    best = int(believed.argmax())
    return float(height[best]) if evidence[best] >= CLEAR else None


def lit_from(linear: F32, asked: float | None = None) -> float:
    """The side the light comes from, -1 left .. 1 right: which side is brighter, and in how many of the rows."""
    log = np.log(linear @ LUMINANCE + 0.02)
    across = np.linspace(-1, 1, linear.shape[1], dtype=np.float32)
    slopes = ((log - log.mean(1, keepdims=True)) * across).mean(1)
    seen = float(np.clip(8 * slopes.mean() + np.clip(slopes / LEVEL, -1, 1).mean(), -2, 2)) / 2
    if asked is not None and abs(seen) < BELIEVED:
        return asked
    return round(seen, 2) or -0.1  # a shadow falls to one side


def light_colour(linear: F32) -> tuple[float, float, float]:
    """How the light colours what stands in it: gains of red, green and blue. The brightest tenth shows its colour."""
    luminance = linear @ LUMINANCE
    bright: Floats = linear[luminance >= np.quantile(luminance, 0.9)].mean(0) + 1e-3
    gains = (1 + CAST * (bright / (bright @ LUMINANCE) - 1)).clip(0.91, 1.06)
    return float(gains[0]), float(gains[1]), float(gains[2])


def high_key(linear: F32) -> float:
    """0..1: how little of the picture is in shade. Light from everywhere softens every shadow."""
    brightness = (linear @ LUMINANCE) ** (1 / 2.2)
    return float(np.clip((np.quantile(brightness, 0.1) - 0.5) / 0.4, 0, 1))
