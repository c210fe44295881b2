"""A bright kitchen, and a landscape cut from paper."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas, closed, curve
from nanococoa_aiserver.engines.studio.scenes.palettes import BLACK, WHITE, Palette, mix
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.surfaces import floor, pool_of_light, wall
from nanococoa_aiserver.engines.studio.scenes.tabletop import flat
from nanococoa_aiserver.engines.studio.scenes.textures import mottled, wood
from nanococoa_aiserver.imaging.filters import F32, soften
from nanococoa_aiserver.imaging.types import Stage


@scene("kitchen", "sunlit", themed=True, vignette=0.08)
def kitchen(canvas: Canvas, palette: Palette) -> Stage:
    """Tiles, a window onto green, a shelf: all a little out of focus behind the worktop."""
    wall(canvas, mix(palette.mid, palette.deep, 0.06), base=0.70, pool=0.34)
    _tiles(canvas, palette)
    side = -canvas.side
    _window(canvas, palette, 0.42 * side)
    for number in range(int(max(0.0, canvas.half - 0.7) / 1.1) + 1):
        _shelf(canvas, palette, -side * (0.44 + 1.1 * number))
        if number:
            _window(canvas, palette, side * (0.42 + 1.1 * number))
    canvas.image = soften(canvas.image, 0.0065 * canvas.unit)
    timber = palette.deep if not palette.dark else mix(palette.deep, palette.mid, 0.4)
    planks = (timber * 0.78, mix(timber, WHITE, 0.42))
    floor(canvas, wood(0), planks, scale=0.8, light=pool_of_light(canvas, 0.76, 0.36), mirror=0.14)
    canvas.blur_rows(canvas.horizon, 0.03, 0.006)
    return canvas.stage(gloss=0.08, shadow=0.55)


def _tiles(canvas: Canvas, palette: Palette) -> None:
    joint = mix(palette.mid, palette.deep, 0.35)
    edge = canvas.horizon - 0.42
    for row in range(7):
        y = canvas.horizon - 0.07 * row
        canvas.rectangle(-canvas.half, y - 0.0016, canvas.half, y + 0.0016, joint, 0.5)
        count = int(canvas.half / 0.14) + 1
        for number in range(-count, count + 1):
            x = 0.14 * number + 0.07 * (row % 2)
            if row < 6:
                canvas.rectangle(x - 0.0016, max(edge, y - 0.07), x + 0.0016, y, joint, 0.5)


def _window(canvas: Canvas, palette: Palette, x: float) -> None:
    """A bright pane over a garden; the frame stands out against both the wall and the light."""
    low, high = canvas.horizon - 0.17, max(canvas.horizon - 0.80, canvas.top + 0.05)
    half, frame = 0.25, mix(palette.light, WHITE, 0.75)
    canvas.rectangle(x - half - 0.025, high - 0.025, x + half + 0.035, low + 0.03, BLACK, 0.16, 0.014)
    canvas.rectangle(x - half - 0.02, high - 0.02, x + half + 0.02, low + 0.02, frame)
    canvas.rectangle(x - half, high, x + half, low, mix(palette.accent, WHITE, 0.80))
    for _ in range(34):
        at = x + canvas.random.uniform(-0.86, 0.86) * half
        y = low - 0.04 - 0.34 * canvas.random.random() ** 1.5
        tone = mix(palette.accent, WHITE, canvas.random.uniform(0.05, 0.55))
        canvas.ellipse(at, y, canvas.random.uniform(0.025, 0.06), 0.045, tone, 0.45, 0.014)
    canvas.rectangle(x - half - 0.03, low, x + half + 0.03, low + 0.028, frame)
    canvas.rectangle(x - half - 0.03, low + 0.028, x + half + 0.03, low + 0.036, BLACK, 0.18, 0.004)
    canvas.rectangle(x - 0.010, high, x + 0.010, low, frame)
    canvas.screen(canvas.glow(x, (low + high) / 2, 0.34)[..., None] * mix(palette.light, WHITE, 0.5) * 0.20)


def _shelf(canvas: Canvas, palette: Palette, x: float) -> None:
    y = max(canvas.horizon - 0.50, canvas.top + 0.20)
    board = mix(palette.deep, palette.mid, 0.25)
    canvas.rectangle(x - 0.24, y + 0.02, x + 0.24, y + 0.06, BLACK, 0.14, 0.02)
    things = (mix(palette.accent, palette.mid, 0.45), mix(palette.deep, palette.light, 0.5), WHITE * 0.96, board * 0.8)
    at = x - 0.20
    while at < x + 0.16:
        width, height = canvas.random.uniform(0.03, 0.055), canvas.random.uniform(0.06, 0.14)
        canvas.rectangle(at, y - height, at + width, y, things[int(canvas.random.integers(4))] * 0.95)
        at += width + canvas.random.uniform(0.008, 0.04)
    canvas.rectangle(x - 0.24, y, x + 0.24, y + 0.022, board)


@scene("papercut", "coral", vignette=0.05)
def papercut(canvas: Canvas, palette: Palette) -> Stage:
    """Hills and a sun cut from card, each layer's shadow on the next."""
    canvas.fill(palette.light * (0.96 + 0.06 * canvas.glow(0.3 * canvas.light, canvas.horizon - 0.5, 0.8))[..., None])
    _sun(canvas, palette)
    for number in range(3):
        _hill(canvas, palette, number)
    _ground(canvas, palette)
    canvas.image *= (0.985 + 0.03 * flat(canvas, mottled(3, 0.6), 0.8))[..., None]
    return canvas.stage(shadow=0.5)


def _sun(canvas: Canvas, palette: Palette) -> None:
    x, y = 0.16 * canvas.side, max(canvas.horizon - 0.38, canvas.top + 0.34)
    for radius, share in ((0.30, 0.80), (0.225, 0.30)):
        canvas.ellipse(x + 0.006 * canvas.side, y + 0.012, radius, radius, palette.deep * 0.4, 0.22, 0.016)
        canvas.ellipse(x, y, radius, radius, mix(palette.accent, palette.light, share))


def _hill(canvas: Canvas, palette: Palette, number: int) -> None:
    base, height = canvas.horizon - (0.30, 0.17, 0.06)[number], (0.060, 0.054, 0.042)[number]
    waves = (1.5, 1.9, 1.5)[number] * np.pi
    half = canvas.half + 0.1
    x = np.linspace(-half, half, int(160 * max(1.0, half)))
    phases = canvas.random.uniform(0, 6, 2)
    y = base + height * np.sin(waves * x + phases[0]) + 0.4 * height * np.sin(2.3 * waves * x + phases[1])
    shift = 0.006 * canvas.side
    shadow = closed(curve(x + shift, y - 0.012), bottom=0.10, half=half)
    canvas.polygon(shadow, palette.deep * 0.25, 0.34, 0.015)
    canvas.polygon(
        closed(curve(x, y), bottom=0.10, half=half), mix(palette.mid, palette.deep, (0.10, 0.38, 0.64)[number])
    )


def _ground(canvas: Canvas, palette: Palette) -> None:
    """The nearest sheet: its wavy edge throws a shadow on the last hill."""
    half = canvas.half + 0.1
    x = np.linspace(-half, half, 160)
    edge = canvas.horizon + 0.026 - 0.006 * np.sin(4 * x)
    canvas.polygon(closed(curve(x, edge - 0.014), bottom=0.20, half=half), palette.deep * 0.25, 0.30, 0.014)
    light = canvas.grown(0.92 + 0.12 * canvas.glow(0.1 * canvas.light, 0.06, 0.6, 0.2))[..., None]
    colour = mix(palette.light, palette.mid, 0.35)

    def paint(rows: slice, columns: slice) -> F32:
        return np.asarray((colour * light[rows, columns]).clip(0, 1), np.float32)

    canvas.polygon(closed(curve(x, edge), bottom=canvas.bottom + 0.1, half=half), paint)
