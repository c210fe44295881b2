"""A slab of rock among moss: the one scene whose pedestal is not made by hand."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.bokeh import Depths, Ground, Lights, blurred_table
from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas, Paint, curve
from nanococoa_aiserver.engines.studio.scenes.palettes import BLACK, WHITE, Palette, mix
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.tabletop import flat
from nanococoa_aiserver.engines.studio.scenes.textures import moss, mottled
from nanococoa_aiserver.imaging.filters import F32, Floats
from nanococoa_aiserver.imaging.types import Stage

POINTS = 180


@scene("stone", "moss", themed=True, vignette=0.16)
def stone(canvas: Canvas, palette: Palette) -> Stage:
    leaves = (palette.mid, mix(palette.deep, palette.mid, 0.3), mix(palette.mid, palette.light, 0.4), palette.deep)
    depths = Depths(mix(palette.light, WHITE, 0.1), mix(palette.deep, palette.mid, 0.45), leaves)
    glints = (palette.light, WHITE, mix(palette.light, palette.mid, 0.4))
    cushions = (mix(palette.deep, BLACK, 0.35), mix(palette.mid, palette.deep, 0.25))
    ground = Ground(moss(3), cushions, scale=0.9, base=0.55, pool=0.5, mirror=0.0)
    blurred_table(canvas, depths, Lights(glints, 34, strength=(0.05, 0.26)), ground)
    radius = min(0.46, 0.86 * canvas.half)
    _slab(canvas, palette, radius)
    return canvas.stage(foot=0.012, width=radius * 1.4, shadow=0.62, rim=(0.008, radius * 0.94, radius * 0.20))


def _slab(canvas: Canvas, palette: Palette, radius: float) -> None:
    """A flat boulder: broken outline, a lit top, a side of darker strata, moss along the edge."""
    turn = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    wobble = _wobble(canvas, turn)
    x = radius * wobble * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.72
    y = 0.008 + radius * 0.215 * wobble * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.82
    depth = 0.105 + 0.018 * np.sin(3 * turn + 1) + 0.010 * np.sin(7 * turn)
    rock = mix(mix(palette.light, palette.deep, 0.5), np.full(3, 0.56, np.float32), 0.62)
    canvas.ellipse(0.05 * canvas.side, 0.15, radius * 1.10, radius * 0.24, BLACK, 0.55, 0.03)
    _side(canvas, x, y, depth, rock)
    _top(canvas, x, y, rock, radius)
    _moss_on(canvas, palette, x, y, depth)


def _wobble(canvas: Canvas, turn: Floats) -> F32:
    """The outline's breaks: a few long facets and some small chips, the same for one seed."""
    sum_ = np.ones_like(turn)
    for waves, size in ((3, 0.030), (5, 0.026), (9, 0.014), (17, 0.008), (29, 0.005)):
        sum_ += size * np.sin(waves * turn + canvas.random.uniform(0, 2 * np.pi))
    return np.asarray(sum_, np.float32)


def _side(canvas: Canvas, x: Floats, y: Floats, depth: Floats, rock: F32) -> None:
    front = np.sin(np.linspace(0, 2 * np.pi, POINTS, endpoint=False)) >= 0
    below = curve(x[front] * 0.985, y[front] + depth[front])
    outline = [*curve(x[front], y[front])[::-1], *below]
    strata = flat(canvas, mottled(4, 1.2), 0.9)
    bands = flat(canvas, mottled(6, 1.7), 1.7)
    across = (np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / canvas.unit
    light = 0.50 - 0.26 * np.clip(across * canvas.side / 0.45, -1, 1)

    def paint(rows: slice, columns: slice) -> F32:
        tone = (0.55 + 0.5 * strata[rows, columns] + 0.35 * (bands[rows, columns] - 0.5)) * light[columns][None]
        return np.asarray((rock * tone[..., None]).clip(0, 1), np.float32)

    canvas.polygon(outline, paint)
    canvas.polygon([*below, *[(px, py - 0.035) for px, py in below[::-1]]], rock * 0.14, 0.45, 0.012)


def _top(canvas: Canvas, x: Floats, y: Floats, rock: F32, radius: float) -> None:
    paint = _rock_face(canvas, rock)
    canvas.polygon(curve(x, y), paint)
    front = slice(0, POINTS // 2)
    edge = curve(x[front], y[front])
    lip = [*edge, *[(px * 0.985, py - 0.008) for px, py in edge[::-1]]]
    canvas.polygon(lip, np.asarray(np.clip(rock * 1.25, 0, 1), np.float32), 0.5, 0.003)
    canvas.ellipse(0.16 * canvas.light, 0.0, radius * 0.6, radius * 0.12, WHITE, 0.15, 0.05)


def _rock_face(canvas: Canvas, rock: F32) -> Paint:
    coarse, fine = flat(canvas, mottled(2, 1.5), 0.7), flat(canvas, mottled(7, 0.8), 1.1)

    def paint(rows: slice, columns: slice) -> F32:
        tone = 0.78 + 0.46 * coarse[rows, columns] + 0.26 * (fine[rows, columns] - 0.5)
        return np.asarray((rock * tone[..., None]).clip(0, 1), np.float32)

    return paint


def _moss_on(canvas: Canvas, palette: Palette, x: Floats, y: Floats, depth: Floats) -> None:
    """Cushions that grow in from the rim and hang over it, in a few patches; the dark ones first, lit tips last."""
    patches = canvas.random.uniform(0, 2 * np.pi, 5)
    for number in range(700):
        spread = canvas.random.normal(0, 0.22)
        at = int((patches[number % 5] + spread) / (2 * np.pi) * POINTS) % POINTS
        lush = float(np.exp(-((spread / 0.26) ** 2)))
        inwards = 1 - 0.05 * lush * canvas.random.random()
        hangs = at < POINTS // 2
        down = canvas.random.random() ** 1.6 * 0.8 * lush * float(depth[at]) if hangs else 0.0
        size = canvas.random.uniform(0.003, 0.007) * (0.6 + 0.5 * lush)
        share = 0.05 + 0.85 * (number / 700) * canvas.random.uniform(0.6, 1.0)
        tone = mix(palette.deep * 0.8, mix(palette.mid, palette.light, 0.15), share) * (1.0 if down < 0.02 else 0.72)
        aside = canvas.random.normal(0, 0.007)
        canvas.ellipse(
            float(x[at]) * inwards + aside, float(y[at]) * inwards + down, size * 1.3, size, tone, 0.8, 0.0022
        )
