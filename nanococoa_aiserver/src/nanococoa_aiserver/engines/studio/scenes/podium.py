"""Scenes with a stand for the product: an arch with two steps, and the sunburst of a sale."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import GAMMA, Canvas, Paint, Point, curve
from nanococoa_aiserver.engines.studio.scenes.palettes import WHITE, Palette, mix
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.imaging.filters import F32, smoothstep
from nanococoa_aiserver.imaging.types import Stage

FLATNESS = 0.24  # of an upright disc's height over its width: the camera's height


def cylinder(canvas: Canvas, x: float, y: float, radius: float, height: float, colour: F32) -> None:
    """A round stand: soft shadow, body shaded away from the light, lit top. ``y`` is the top's middle."""
    flat = radius * FLATNESS
    canvas.ellipse(
        x + 0.10 * radius * canvas.side, y + height + 0.02, radius * 1.16, flat * 1.3, colour * 0.25, 0.36, 0.035
    )
    canvas.ellipse(x, y + height + 0.004, radius * 1.01, flat * 1.03, colour * 0.2, 0.5, 0.006)
    turn = np.linspace(0, np.pi, 60)
    front = curve(x - radius * np.cos(turn), y + height + flat * np.sin(turn))
    canvas.polygon([(x - radius, y), *front, (x + radius, y)], _rounded(canvas, x, radius, colour))
    canvas.ellipse(x, y, radius, flat, np.clip(colour * 1.05, 0, 1))
    lit = np.asarray(np.clip(colour * 1.14, 0, 1), np.float32)
    canvas.ellipse(x + 0.25 * radius * canvas.light, y - 0.1 * flat, radius * 0.6, flat * 0.6, lit, 0.6, radius * 0.14)


def _rounded(canvas: Canvas, x: float, radius: float, colour: F32) -> Paint:
    across = (np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / canvas.unit - x
    turn = np.clip(across / radius, -1, 1) * canvas.side
    light = (1 - 0.42 * smoothstep(-0.55, 1.05, turn) - 0.10 * smoothstep(0.75, 1, -turn)) ** GAMMA

    def paint(rows: slice, columns: slice) -> F32:
        return np.asarray(np.clip(colour * light[columns][None, :, None], 0, 1), np.float32)

    return paint


@scene("podium", "pink", vignette=0.08)
def podium(canvas: Canvas, palette: Palette) -> Stage:
    """Two steps before an arched niche."""
    light = 0.66 + 0.50 * canvas.glow(0.35 * canvas.light, canvas.horizon - 0.5, 0.8, 0.7)
    canvas.fill_lit(palette.mid, light)
    base = canvas.horizon + 0.03
    _arch(canvas, palette, base)
    _stage_floor(canvas, mix(palette.light, palette.mid, 0.55), base)
    stone = mix(palette.light, WHITE, 0.35)
    radius = min(0.36, 0.80 * canvas.half)
    cylinder(canvas, 0, 0.045, radius * 1.22, 0.055, mix(palette.light, palette.mid, 0.35))
    cylinder(canvas, 0, -0.015, radius, 0.05, stone)
    rim = (-0.015, radius, radius * FLATNESS)
    return canvas.stage(foot=0.004, width=radius * 1.55, gloss=0.05, shadow=0.58, rim=rim)


def _arch(canvas: Canvas, palette: Palette, base: float) -> None:
    half = min(0.34, 0.62 * canvas.half)
    spring = max(canvas.horizon - 0.46, canvas.top + half + 0.08)
    canvas.polygon(_arch_outline(half + 0.022, spring, base), mix(palette.light, palette.mid, 0.25), 0.9)
    across = (np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / canvas.unit
    light = (0.60 + 0.36 * smoothstep(-half * 1.1, half * 1.2, across * canvas.side)) ** GAMMA
    colour = mix(palette.mid, palette.deep, 0.55) * 1.12

    def paint(rows: slice, columns: slice) -> F32:
        return np.asarray(np.clip(colour * light[columns][None, :, None], 0, 1), np.float32)

    canvas.polygon(_arch_outline(half, spring, base), paint)


def _arch_outline(half: float, spring: float, base: float) -> list[Point]:
    turn = np.linspace(np.pi, 2 * np.pi, 80)
    return [(-half, base), *curve(half * np.cos(turn), spring + half * np.sin(turn)), (half, base)]


def _stage_floor(canvas: Canvas, colour: F32, base: float) -> None:
    shade = 0.16 * np.exp(-np.abs(canvas.y - base) / 0.05)
    light = 0.80 + 0.28 * canvas.glow(0.1 * canvas.light, 0.08, 0.7, 0.2) - shade
    lit = np.asarray((colour**2.2 * light[..., None]).clip(0, 1) ** GAMMA, np.float32)
    canvas.cover(lit, smoothstep(base - 0.001, base + 0.003, canvas.y))


@scene("sale", "yellow", themed=True, vignette=0.06)
def sale(canvas: Canvas, palette: Palette) -> Stage:
    """A sunburst with a disc, confetti and a round stage: for offers."""
    middle = max(canvas.horizon - 0.30, canvas.top + 0.42)
    _rays(canvas, palette, middle)
    disc = min(0.39, 0.84 * canvas.half)
    canvas.ellipse(0, middle + 0.012, disc, disc, palette.deep * 0.6, 0.25, 0.02)
    canvas.ellipse(0, middle, disc, disc, mix(palette.light, WHITE, 0.6), 0.95)
    canvas.ellipse(0, middle, disc * 0.91, disc * 0.91, mix(palette.accent, palette.light, 0.3), 0.92)
    _confetti(canvas, palette, middle, disc)
    ground = mix(palette.deep, palette.mid, 0.3) if palette.dark else mix(palette.accent, palette.deep, 0.35)
    _stage_floor(canvas, ground, canvas.horizon + 0.05)
    radius = min(0.42, 0.84 * canvas.half)
    cylinder(canvas, 0, -0.012, radius, 0.06, mix(palette.light, WHITE, 0.5))
    return canvas.stage(foot=0.01, width=radius * 1.45, shadow=0.55, rim=(-0.012, radius, radius * FLATNESS))


def _rays(canvas: Canvas, palette: Palette, middle: float) -> None:
    """Rays by their angle on the full-size grid: one pass instead of a polygon each."""
    x = (np.arange(canvas.width, dtype=np.float32)[None] - canvas.width / 2) / canvas.unit
    y = (np.arange(canvas.height, dtype=np.float32)[:, None] - canvas.ground) / canvas.unit - middle
    turn = np.arctan2(y, x) * (18 / (2 * np.pi))
    width = np.hypot(x, y) * (2 * np.pi / 18)
    edge = (0.5 - np.abs(turn % 1 - 0.5) - 0.25) * width * canvas.unit
    ray = np.clip(edge + 0.5, 0, 1)
    low, high = palette.mid, mix(palette.mid, palette.light, 0.6)
    canvas.image = np.dstack([a + (b - a) * ray for a, b in zip(low, high, strict=True)])
    canvas.gain(0.86 + 0.34 * canvas.glow(0, middle, 0.6))


def _confetti(canvas: Canvas, palette: Palette, middle: float, disc: float) -> None:
    colours = (palette.light, palette.accent, WHITE, palette.deep)
    for _ in range(int(46 * canvas.long)):
        x = canvas.random.uniform(-canvas.half, canvas.half)
        y = canvas.random.uniform(canvas.top, canvas.horizon)
        turn, size = canvas.random.uniform(0, np.pi), canvas.random.uniform(0.008, 0.018)
        paint = colours[int(canvas.random.integers(len(colours)))]
        if np.hypot(x, y - middle) > disc + 0.03:
            canvas.polygon(_leaflet(x, y, size, turn), paint)


def _leaflet(x: float, y: float, size: float, turn: float) -> list[Point]:
    along, across = (
        (size * np.cos(turn), size * np.sin(turn)),
        (-0.35 * size * np.sin(turn), 0.35 * size * np.cos(turn)),
    )
    signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    return [(float(x + a * along[0] + b * across[0]), float(y + a * along[1] + b * across[1])) for a, b in signs]
