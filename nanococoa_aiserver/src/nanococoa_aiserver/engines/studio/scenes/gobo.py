"""Scenes made by a shadow on a plain wall: a window with leaves, and a rattan screen."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import Palette, mix
from nanococoa_aiserver.engines.studio.scenes.plain import seamless
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.surfaces import corner_shade, floor, pool_of_light
from nanococoa_aiserver.engines.studio.scenes.textures import SIZE, basket, cane
from nanococoa_aiserver.imaging.filters import F32, U8, resize, smoothstep, soften
from nanococoa_aiserver.imaging.types import Stage

REDUCED = 3  # shadows are soft: they are drawn this much smaller
SLANT = 0.46  # how far light from a window leans per unit of height


@scene("window", "beige", vignette=0.06)
def window(canvas: Canvas, palette: Palette) -> Stage:
    """Afternoon sun through panes and leaves, on a plain wall and floor."""
    seamless(canvas, palette)
    sun = _panes(canvas)
    _twigs(canvas, sun)
    light = _low(canvas, sun, 0.009)
    light *= smoothstep(1.25, 0.1, canvas.side * canvas.x * 0.7 / max(1.0, canvas.half) + 0.25)
    canvas.gain(0.66 + 0.54 * light)
    canvas.image *= 1 + light_colour(palette) * canvas.grown(light)[..., None]
    return canvas.stage(shadow=0.5, gloss=0.04)


def light_colour(palette: Palette) -> F32:
    """What sunlight adds per channel: warm, unless the palette itself is cool."""
    warm = palette.light[0] >= palette.light[2]
    return np.array([0.015, 0.004, -0.03] if warm else [-0.012, 0.0, 0.012], np.float32)


def _panes(canvas: Canvas) -> U8:
    """The lit panes, leaning with the light, as many as the picture has room for."""
    sun = np.zeros((canvas.height // REDUCED + 1, canvas.width // REDUCED + 1), np.uint8)
    reach = int(canvas.half / 0.34) + 3
    for column in range(-reach, reach):
        for row in range(-8, 5):
            x, y = -0.55 + column * 0.36, canvas.horizon - 0.52 + row * 0.38
            if (column % 5) == 4:
                continue  # the wall between two windows
            corners = [(x, y), (x + 0.31, y), (x + 0.31, y + 0.33), (x, y + 0.33)]
            cv2.fillPoly(
                sun, [np.array([_leaning(canvas, *corner) for corner in corners]).astype(np.int32)], 255, cv2.LINE_AA
            )
    return sun


def _leaning(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    px, py = canvas.pixel(x + SLANT * canvas.side * (y - canvas.horizon), y)
    return px / REDUCED, py / REDUCED


def _twigs(canvas: Canvas, sun: U8) -> None:
    """Branches with paired leaves hanging in from the light's side."""
    unit = canvas.unit / REDUCED
    for _ in range(max(4, int(3 * canvas.half * 2))):
        x = canvas.side * canvas.random.uniform(-0.1, 0.6) * max(1.0, canvas.half * 1.4)
        y = canvas.horizon - canvas.random.uniform(0.35, 0.95)
        turn = canvas.random.uniform(20, 70)
        for leaf in range(15):
            along = leaf / 15
            size = 0.13 * (1 - 0.5 * along) * unit
            px, py = canvas.pixel(x - canvas.side * 0.5 * along, y + 0.44 * along)
            angle = -canvas.side * (turn + (62 if leaf % 2 else -45))
            dx, dy = 0.8 * size * np.cos(np.radians(angle)), 0.8 * size * np.sin(np.radians(angle))
            middle = (int(px / REDUCED + dx), int(py / REDUCED + dy))
            cv2.ellipse(sun, middle, (int(size), max(1, int(size * 0.2))), angle, 0, 360, 0, -1, cv2.LINE_AA)


def _low(canvas: Canvas, mask: U8, blur: float) -> F32:
    soft = soften(mask.astype(np.float32) / 255, blur * canvas.unit / REDUCED)
    return resize(soft, canvas.low_width, canvas.low_height)


@scene("rattan", "cream", vignette=0.08)
def rattan(canvas: Canvas, palette: Palette) -> Stage:
    """A cane-webbed screen throws its net on a warm wall; the product stands on a plaited mat."""
    seamless(canvas, palette)
    web = _web(canvas)
    near = smoothstep(-0.5, 0.6, canvas.side * canvas.x / max(0.6, canvas.half) + 0.35)
    above = smoothstep(canvas.horizon + 0.06, canvas.horizon - 0.10, canvas.y)
    canvas.gain(1.06 - 0.50 * web * near * above)
    straw = (mix(palette.deep, palette.accent, 0.25) * 0.86, mix(palette.light, palette.mid, 0.45))
    light = pool_of_light(canvas, 0.74, 0.36) - corner_shade(canvas, 0.25)
    floor(canvas, basket(), straw, scale=0.55, light=light, mirror=0.03, edge=0.006)
    return canvas.stage(shadow=0.6)


def _web(canvas: Canvas) -> F32:
    """The webbing on the wall, leaning with the light, with the panel's wooden frame across it."""
    height, width = canvas.height // 2 + 1, canvas.width // 2 + 1
    y = (np.arange(height, dtype=np.float32)[:, None] * 2 - canvas.ground) / canvas.unit - canvas.horizon
    x = (np.arange(width, dtype=np.float32)[None] * 2 - canvas.width / 2) / canvas.unit - 0.30 * canvas.side * y
    u = np.ascontiguousarray((x * SIZE * 0.92) % SIZE, np.float32)
    v = np.ascontiguousarray(np.broadcast_to((y * SIZE * 0.92) % SIZE, u.shape), np.float32)
    web = np.asarray(cv2.remap(cane().near, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32) / 255
    frame = np.maximum(np.abs((x + 0.31) % 0.62 - 0.31) < 0.020, np.abs(y + 0.16) < 0.016)
    return resize(soften(np.maximum(web, frame), 0.0035 * canvas.unit), canvas.low_width, canvas.low_height)
