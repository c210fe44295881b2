"""Scenes of light alone: seamless paper, and a gradient of the palette's colours."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import GAMMA, Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import Palette, akin, luma, mix
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.imaging.filters import F32, smoothstep, soften
from nanococoa_aiserver.imaging.types import Stage


def seamless(canvas: Canvas, palette: Palette) -> None:
    """Paper that runs from wall into floor: only the light tells them apart."""
    back = 0.60 + 0.48 * canvas.glow(0.30 * canvas.light, canvas.horizon - 0.30, 0.85, 0.62)
    front = 0.92 + 0.16 * canvas.glow(0.10 * canvas.light, 0.05, 0.7, 0.25)
    bend = smoothstep(canvas.horizon - 0.10, canvas.horizon + 0.18, canvas.y)
    light = (back * (1 - bend) + front * bend)[..., None]
    bright = np.clip(light - 0.55, 0, 1) * 0.9
    linear = palette.mid**2.2 * light * (1 + 0.15 * (light - 0.8)) + (palette.light**2.2 - palette.mid**2.2) * bright
    canvas.fill(np.asarray(linear.clip(0, 1) ** GAMMA, np.float32))


@scene("sweep", "pink", vignette=0.05)
def sweep(canvas: Canvas, palette: Palette) -> Stage:
    seamless(canvas, palette)
    return canvas.stage(gloss=0.06, shadow=0.52)


@scene("mesh", "lavender", vignette=0.03)
def mesh(canvas: Canvas, palette: Palette) -> Stage:
    """Veils of colour folded by noise, over a floor that mirrors them."""
    canvas.fill(_veils(canvas, palette))
    _milky_floor(canvas, palette)
    return canvas.stage(gloss=0.20, shadow=0.38, softness=1.4)


def _veils(canvas: Canvas, palette: Palette) -> F32:
    """Five colours along a diagonal whose phase is bent by two wide noises, as light falls through glass."""
    bend = 1.9 * (canvas.clouds(0.34, 2.4, 1) - 0.5) + 1.1 * (canvas.clouds(0.5, 2.4, 2) - 0.5)
    along = 0.34 * canvas.side * canvas.x - 0.42 * (canvas.y - canvas.horizon)
    phase = 0.16 + along + bend
    warm = mix(palette.accent if akin(palette.accent, palette.mid) else palette.light, palette.mid, 0.30)
    stops = (
        palette.light,
        palette.mid,
        warm,
        mix(palette.mid, palette.light, 0.6),
        mix(palette.deep, palette.mid, 0.35),
    )
    turn = (phase % 1.0) * len(stops)
    linear = np.zeros((*turn.shape, 3), np.float32)
    for number, stop in enumerate(stops):
        distance = np.minimum(np.abs(turn - number), len(stops) - np.abs(turn - number))
        linear += smoothstep(1, 0, distance)[..., None] * stop**2.2
    fold = 1 + 0.16 * np.sin(2 * np.pi * (2.2 * phase + 0.2))[..., None]
    return np.asarray((soften(linear, 0.02 * canvas.unit) * fold).clip(0, 1) ** GAMMA, np.float32)


def _milky_floor(canvas: Canvas, palette: Palette) -> None:
    first = canvas.row(canvas.horizon)
    count = canvas.height - first
    above = canvas.image[max(0, first - count) : first][::-1]
    if above.shape[0] < 2:
        return
    rows = np.linspace(0, above.shape[0] - 1, count).astype(int)
    veil = mix(palette.light, palette.mid, 0.2) if luma(palette.light) > 0.6 else palette.mid
    image = soften(np.ascontiguousarray(above[rows]), 0.05 * canvas.unit)
    share = smoothstep(0, 0.16, np.arange(count) / canvas.unit)[:, None, None]
    canvas.image[first:] += (image * 0.55 + veil * 0.45 - canvas.image[first:]) * share
    canvas.blur_rows(canvas.horizon, 0.10, 0.05)
