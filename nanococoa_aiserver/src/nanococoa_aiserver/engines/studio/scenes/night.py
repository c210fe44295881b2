"""After dark: a table before city lights, and neon on a wet floor."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.bokeh import Depths, Ground, Lights, blurred_table
from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import WHITE, Palette, luma, mix, saturated
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.surfaces import floor, pool_of_light
from nanococoa_aiserver.engines.studio.scenes.textures import mottled
from nanococoa_aiserver.imaging.filters import F32, resize, soften
from nanococoa_aiserver.imaging.types import Stage


def darkened(colour: F32, most: float) -> F32:
    """The colour, no lighter than ``most``: night stays night in any palette."""
    return np.asarray(colour * min(1.0, most / max(luma(colour), 1e-3)), np.float32)


@scene("night", "midnight", themed=True, vignette=0.26)
def night(canvas: Canvas, palette: Palette) -> Stage:
    depths = Depths(darkened(palette.deep, 0.08), darkened(saturated(palette.mid, 1.3), 0.24))
    glints = (palette.light, palette.accent, mix(palette.light, palette.accent, 0.5), mix(palette.light, WHITE, 0.5))
    lacquer = (darkened(palette.deep, 0.05) * 0.8, mix(darkened(palette.deep, 0.12), darkened(palette.mid, 0.2), 0.5))
    lights = Lights(glints, 60, strength=(0.10, 0.5))
    blurred_table(canvas, depths, lights, Ground(mottled(1, 1.4), lacquer, base=0.8, pool=1.0, mirror=0.55))
    return canvas.stage(gloss=0.28, shadow=0.6, tint=(1.04, 1.0, 0.94))


@scene("neon", "electric", themed=True, vignette=0.22)
def neon(canvas: Canvas, palette: Palette) -> Stage:
    """A ring and bars of light tubes, mirrored in a wet floor."""
    street = 1.1 * canvas.glow(1.0 * canvas.light, canvas.horizon - 0.3, 0.5, 0.8)
    canvas.fill(darkened(palette.deep, 0.07) * (0.7 + 0.7 * canvas.clouds(0.5) + street)[..., None])
    tubes = [_glowing(c) for c in (palette.light, palette.accent, palette.mid)]
    canvas.screen(np.minimum(_light_of(canvas, tubes), 0.98))
    wet = (darkened(palette.deep, 0.05), mix(darkened(palette.deep, 0.12), darkened(palette.mid, 0.16), 0.4))
    light = pool_of_light(canvas, 0.8, 0.5)
    floor(canvas, mottled(2, 1.5), wet, scale=0.7, light=light, mirror=0.62, mirror_blur=0.018)
    return canvas.stage(gloss=0.32, shadow=0.5, tint=(1.0, 0.95, 1.06))


def _glowing(colour: F32) -> F32:
    """A tube's light: full brightness and full chroma of the colour's hue; greys glow white."""
    low, high = float(colour.min()), float(colour.max())
    pure = 0.15 + 0.85 * (colour - low) / max(high - low, 1e-3)
    return mix(WHITE, pure.astype(np.float32), min(1.0, (high - low) / max(high, 1e-3) / 0.10))


def _light_of(canvas: Canvas, tubes: list[F32]) -> F32:
    """The tubes with their haloes, at half size unless the picture is small."""
    reduced = 2 if canvas.unit > 400 else 1
    core = np.zeros((canvas.height // reduced + 1, canvas.width // reduced + 1, 3), np.float32)
    unit = canvas.unit / reduced
    thick = max(1, round(0.012 * unit))
    _ring(canvas, core, tubes[0], thick, reduced)
    _bars(canvas, core, tubes, thick, reduced)
    halo = soften(core, 0.012 * unit) + 1.6 * soften(core, 0.05 * unit) + 2.6 * soften(core, 0.16 * unit)
    white = soften(np.ascontiguousarray(core.max(2)), max(0.5, 0.22 * thick))[..., None] * 0.5
    return resize(halo + 0.9 * core + white, canvas.width, canvas.height)


def _spot(canvas: Canvas, x: float, y: float, reduced: int) -> tuple[int, int]:
    px, py = canvas.pixel(x, y)
    return round(px / reduced), round(py / reduced)


def _ring(canvas: Canvas, core: F32, colour: F32, thick: int, reduced: int) -> None:
    top, bottom = max(canvas.horizon - 0.76, canvas.top + 0.04), canvas.horizon - 0.04
    radius = min((bottom - top) / 2, 0.82 * canvas.half)
    middle = _spot(canvas, 0, bottom - radius, reduced)
    cv2.circle(core, middle, int(radius * canvas.unit / reduced), [float(v) for v in colour], thick, cv2.LINE_AA)


def _bars(canvas: Canvas, core: F32, tubes: list[F32], thick: int, reduced: int) -> None:
    for number in range(int(max(0, canvas.half - 0.45) / 0.62) + 1):
        for side in (-1, 1):
            for offset, tube in ((0.0, 1), (0.09, 2)):
                x = side * (0.60 + offset + 0.62 * number)
                high, low = canvas.horizon - 0.78 + 0.10 * (number % 2), canvas.horizon - 0.10
                colour = [float(v) for v in tubes[tube]]
                cv2.line(
                    core, _spot(canvas, x, high, reduced), _spot(canvas, x, low, reduced), colour, thick, cv2.LINE_AA
                )
