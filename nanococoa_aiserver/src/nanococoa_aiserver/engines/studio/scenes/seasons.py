"""Out of doors and out of focus: spring blossom, summer green and water, autumn leaves, winter snow."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.bokeh import Depths, Ground, Lights, blurred_table, scatter
from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import BLACK, WHITE, Palette, mix, saturated
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.textures import caustics, mottled, wood
from nanococoa_aiserver.imaging.filters import F32
from nanococoa_aiserver.imaging.types import Stage


@scene("autumn", "maple", themed=True, vignette=0.20)
def autumn(canvas: Canvas, palette: Palette) -> Stage:
    """Falling maple leaves over an old table."""
    leaves = (palette.mid, mix(palette.accent, palette.deep, 0.25), mix(palette.mid, palette.light, 0.5), palette.deep)
    depths = Depths(palette.light * 0.98, mix(palette.deep, palette.mid, 0.45), leaves)
    glints = (mix(palette.light, palette.mid, 0.3), palette.mid, mix(palette.light, WHITE, 0.6), palette.accent)
    planks = (mix(palette.deep, BLACK, 0.30), mix(palette.deep, palette.light, 0.42))
    lights = Lights(glints, 46, strength=(0.06, 0.30))
    blurred_table(canvas, depths, lights, Ground(wood(1), planks))

    def leaf(x: float, y: float, size: float, colour: F32, blur: float, turn: float) -> None:
        _maple_leaf(canvas, x, y, size, colour, blur, turn)

    scatter(canvas, leaves[:3], 17, (0.020, 0.036), leaf)
    return canvas.stage(shadow=0.65, tint=(1.04, 1.0, 0.93))


MAPLE = np.array(
    [
        *((0, 1), (0.14, 0.72), (0.30, 0.80), (0.27, 0.45), (0.62, 0.62), (0.60, 0.42), (0.95, 0.36)),
        *((0.70, 0.12), (0.80, -0.08), (0.45, -0.12), (0.42, -0.38), (0.10, -0.25), (0.06, -0.30)),
    ],
    np.float32,
)
"""Right half of a maple leaf's outline, stem down."""


def _maple_leaf(canvas: Canvas, x: float, y: float, size: float, colour: F32, blur: float, turn: float) -> None:
    outline = np.concatenate([MAPLE, MAPLE[::-1] * (-1, 1)]) * (size * 1.15, -size * canvas.random.uniform(0.75, 1.2))
    angle = np.radians(turn)
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    canvas.polygon((outline @ spin + (x, y)).astype(np.float32), colour, 0.94, blur)
    stem = np.array([(-0.03, 0), (0.03, 0), (0, 1)]) * size @ spin + (x, y)
    canvas.polygon(stem.astype(np.float32), colour * 0.7, 0.8, blur)


@scene("snow", "winter", themed=True, vignette=0.08)
def snow(canvas: Canvas, palette: Palette) -> Stage:
    """Firs in haze, flakes in the air, untouched snow to stand on."""
    haze = mix(palette.light, WHITE, 0.35)
    glints = (WHITE, mix(palette.light, palette.mid, 0.3), mix(palette.accent, WHITE, 0.3))
    ground = (mix(palette.light, palette.mid, 0.30), mix(palette.light, WHITE, 0.8))
    _firs_behind(canvas, palette, haze, glints, ground)
    _drifts(canvas, palette)

    def flake(x: float, y: float, size: float, colour: F32, blur: float, turn: float) -> None:
        canvas.ellipse(x, y, size, size, colour, 0.9, blur + 0.10 * size)

    scatter(canvas, (WHITE * 1.2,), 90, (0.0022, 0.0055), flake)
    return canvas.stage(shadow=0.42, softness=1.1, tint=(0.97, 1.0, 1.03))


def _firs_behind(canvas: Canvas, palette: Palette, haze: F32, glints: tuple[F32, ...], ground: tuple[F32, F32]) -> None:
    depths = Depths(mix(palette.mid, palette.light, 0.15), haze)
    lights = Lights(glints, 26, strength=(0.10, 0.40))
    surface = Ground(mottled(1, 2.0), ground, scale=0.5, base=0.88, pool=0.18, mirror=0.03)
    blurred_table(canvas, depths, lights, surface)
    step = 0.17
    for number in range(-int(canvas.half / step) - 1, int(canvas.half / step) + 2):
        x = number * step + canvas.random.uniform(-0.05, 0.05)
        far = canvas.random.random() < 0.55
        if abs(x) > 0.16 or far:
            height = canvas.random.uniform(0.16, 0.26) if far else canvas.random.uniform(0.30, 0.46)
            tone = mix(palette.deep, haze, 0.66 if far else 0.40)
            _fir(canvas, x, canvas.horizon + 0.012, height, tone, 0.012 if far else 0.009)


def _fir(canvas: Canvas, x: float, base: float, height: float, tone: F32, blur: float) -> None:
    for tier in range(4):
        top = base - height * (1 - 0.20 * tier)
        half = height * (0.10 + 0.075 * tier)
        foot = base - height * (0.58 - 0.17 * tier)
        canvas.polygon([(x, top), (x + half, foot), (x - half, foot)], tone, 0.8, blur)


def _drifts(canvas: Canvas, palette: Palette) -> None:
    """Long, low waves of snow: lit crests, blue hollows."""
    below = np.maximum(canvas.y - canvas.horizon, 0)
    wave = np.sin(20 * np.sqrt(below + 0.01) + 3.4 * (canvas.clouds(0.5, 2.3, 4) - 0.5) * 2 + 1.2 * canvas.x)
    amount = 0.13 * np.clip(wave, 0, 1) * np.clip(below / 0.10, 0, 1)
    canvas.cover(mix(palette.mid, palette.deep, 0.12), np.asarray(amount, np.float32))


@scene("fresh", "leaf", themed=True, vignette=0.12)
def fresh(canvas: Canvas, palette: Palette) -> Stage:
    """Sunlit leaves behind a light wooden table."""
    leaves = (palette.mid, mix(palette.deep, palette.mid, 0.35), mix(palette.mid, palette.light, 0.55))
    depths = Depths(mix(palette.light, WHITE, 0.15), mix(palette.mid, palette.deep, 0.22), leaves)
    glints = (mix(palette.light, WHITE, 0.5), WHITE, mix(palette.light, palette.mid, 0.35))
    timber = mix(palette.accent, np.array([0.80, 0.60, 0.36], np.float32), 0.5)
    planks = (timber * 0.80, mix(timber, np.array([1.0, 0.93, 0.78], np.float32), 0.55))
    lights = Lights(glints, 40, strength=(0.06, 0.30))
    blurred_table(canvas, depths, lights, Ground(wood(2), planks, base=0.74, pool=0.36, mirror=0.10))
    return canvas.stage(shadow=0.56, gloss=0.05)


@scene("water", "lagoon", themed=True, vignette=0.08)
def water(canvas: Canvas, palette: Palette) -> Stage:
    """Shallow, clear water with the sun's net on its floor."""
    depths = Depths(palette.light, palette.mid)
    lights = Lights((WHITE, mix(palette.light, WHITE, 0.5)), 34, radius=(0.008, 0.045), strength=(0.10, 0.38))
    pool = (mix(palette.deep, palette.mid, 0.25), mix(palette.light, WHITE, 0.5))
    ground = Ground(caustics(1), pool, scale=1.1, base=0.84, pool=0.30, mirror=0.28)
    blurred_table(canvas, depths, lights, ground)
    return canvas.stage(gloss=0.30, shadow=0.42, tint=(0.97, 1.0, 1.03))


@scene("blossom", "petal", themed=True, vignette=0.08)
def blossom(canvas: Canvas, palette: Palette) -> Stage:
    """Blossom in soft light, petals on the wind."""
    leaves = (palette.mid, WHITE, mix(palette.mid, palette.accent, 0.45))
    depths = Depths(palette.light, mix(palette.mid, palette.light, 0.35), leaves)
    glints = (WHITE, mix(palette.light, palette.mid, 0.4), mix(palette.mid, palette.accent, 0.3))
    timber = mix(palette.deep, np.array([0.83, 0.70, 0.56], np.float32), 0.5)
    planks = (timber * 0.92, mix(timber, WHITE, 0.62))
    lights = Lights(glints, 34, strength=(0.06, 0.28))
    blurred_table(canvas, depths, lights, Ground(wood(1), planks, base=0.82, pool=0.26, mirror=0.08))

    def petal(x: float, y: float, size: float, colour: F32, blur: float, turn: float) -> None:
        canvas.ellipse(x, y, size, size * canvas.random.uniform(0.4, 0.75), colour, 0.9, blur, turn)

    petals = (
        mix(palette.mid, palette.accent, 0.25),
        palette.mid,
        saturated(mix(palette.mid, palette.accent, 0.5), 1.1),
    )
    scatter(canvas, petals, 26, (0.009, 0.017), petal)
    return canvas.stage(shadow=0.48)
