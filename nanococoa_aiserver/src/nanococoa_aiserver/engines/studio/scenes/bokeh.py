"""Lights and leaves far out of focus behind a table: the ground of the seasonal scenes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas, between
from nanococoa_aiserver.engines.studio.scenes.surfaces import Colours, floor, pool_of_light
from nanococoa_aiserver.engines.studio.scenes.textures import Texture
from nanococoa_aiserver.imaging.filters import F32, resize, smoothstep, soften

REDUCED = 3  # discs are drawn this much smaller

DrawPiece = Callable[[float, float, float, F32, float, float], None]
"""x, y, size (units), colour, blur (units), turn (degrees)."""


@dataclass(frozen=True, slots=True)
class Lights:
    """Out-of-focus lights: how many per unit of length, their radii (units), strengths, and height (mean, spread)."""

    colours: Sequence[F32]
    count: int = 40
    radius: tuple[float, float] = (0.02, 0.07)
    strength: tuple[float, float] = (0.08, 0.4)
    height: tuple[float, float] = (-0.42, 0.28)


@dataclass(frozen=True, slots=True)
class Ground:
    """The table: its texture, colours, light (base, pool) and gloss."""

    texture: Texture
    colours: Colours
    scale: float = 0.8
    base: float = 0.6
    pool: float = 0.55
    mirror: float = 0.15


@dataclass(frozen=True, slots=True)
class Depths:
    """What lies behind the table: sky above, air below, leaves in between."""

    top: F32
    bottom: F32
    leaves: Sequence[F32] = field(default_factory=tuple)


def blurred_table(canvas: Canvas, depths: Depths, lights: Lights, ground: Ground) -> None:
    """Paint the far distance, the lights in it and the table before it."""
    down = smoothstep(-1.1, 0.1, canvas.y - canvas.horizon) + 0.25 * (canvas.clouds(0.5) - 0.5)
    low = between(depths.top, depths.bottom, np.asarray(np.clip(down, 0, 1), np.float32))
    canvas.fill(foliage(canvas, low, depths.leaves) if depths.leaves else low)
    draw_lights(canvas, lights)
    light = pool_of_light(canvas, ground.base, ground.pool)
    floor(canvas, ground.texture, ground.colours, scale=ground.scale, light=light, mirror=ground.mirror)
    canvas.blur_rows(canvas.horizon, 0.035, 0.007)


LAYERS = (
    (0.5, (0.05, 0.12), 0.022, 0.45, 0.35),
    (0.3, (0.03, 0.09), 0.015, 0.7, 0.6),
    (0.2, (0.02, 0.06), 0.011, 0.85, 0.8),
)
"""Foliage from far to near: share of all leaves, radii, blur (units), opacity, share that keeps to the sides."""


def foliage(canvas: Canvas, low: F32, colours: Sequence[F32], count: int = 130) -> F32:
    """Leaves out of focus over a low map, the far ones pale and wide, the near ones at the sides."""
    result = np.ascontiguousarray(low, np.float32)
    for number, (share, radii, blur, opacity, aside) in enumerate(LAYERS):
        layer = result.copy()
        for _ in range(int(count * share * canvas.long)):
            _leaf(canvas, layer, colours, radii, near=number > 0, side=canvas.random.random() < aside)
        result = soften(result + (layer - result) * np.float32(opacity), blur * canvas.unit / 4)
    return result


def _leaf(
    canvas: Canvas, layer: F32, colours: Sequence[F32], radii: tuple[float, float], *, near: bool, side: bool
) -> None:
    random, unit = canvas.random, canvas.unit / 4
    x = random.uniform(0.5, 1.24) * random.choice([-1, 1]) if side else random.uniform(-1.2, 1.2)
    y = random.uniform(canvas.top - 0.05, canvas.horizon + 0.03)
    if near:
        edges = (
            random.uniform(canvas.top - 0.05, canvas.top + 0.3),
            random.uniform(canvas.horizon - 0.35, canvas.horizon + 0.03),
        )
        y = edges[int(random.random() < 0.5)]
    shade = np.clip(colours[int(random.integers(len(colours)))] * random.uniform(0.82, 1.14), 0, 1)
    radius = random.uniform(*radii) * unit
    middle = (int(x * canvas.half * unit + canvas.low_width / 2), int(y * unit + canvas.ground / 4))
    axes = (max(1, int(radius)), max(1, int(radius * random.uniform(0.35, 0.8))))
    cv2.ellipse(layer, middle, axes, random.uniform(0, 180), 0, 360, [float(v) for v in shade], -1, cv2.LINE_AA)


def draw_lights(canvas: Canvas, lights: Lights) -> None:
    """Discs with a brighter rim, as a lens draws points far behind its focus."""
    height, width = canvas.height // REDUCED + 1, canvas.width // REDUCED + 1
    sum_ = np.zeros((height, width, 3), np.float32)
    for _ in range(int(lights.count * canvas.long)):
        _disc(canvas, sum_, lights)
    canvas.screen(np.minimum(resize(sum_, canvas.width, canvas.height), 0.96))


def _disc(canvas: Canvas, sum_: F32, lights: Lights) -> None:
    random, unit = canvas.random, canvas.unit / REDUCED
    radius = random.uniform(*lights.radius) * unit * (1.5 if random.random() < 0.2 else 1)
    spread = max(1.0, canvas.height / canvas.width * 0.8)
    x = random.uniform(-0.05, 1.05) * sum_.shape[1]
    y = canvas.ground / REDUCED + random.normal(*lights.height) * unit * spread
    colour = lights.colours[int(random.integers(len(lights.colours)))] * random.uniform(*lights.strength)
    left, top = max(0, int(x - radius - 3)), max(0, int(y - radius - 3))
    part = sum_[top : max(top, int(y + radius + 4)), left : max(left, int(x + radius + 4))]
    if part.size == 0:
        return
    dx = np.arange(left, left + part.shape[1], dtype=np.float32)[None] - x
    dy = np.arange(top, top + part.shape[0], dtype=np.float32)[:, None] - y
    distance = np.hypot(dx, dy)
    disc = smoothstep(radius + 1, radius - 1.2 - 0.06 * radius, distance) * (0.75 + 0.25 * (distance / radius) ** 2)
    rim = 0.35 * np.exp(-(((distance - 0.92 * radius) / (0.06 * radius + 0.8)) ** 2))
    part += (disc + rim)[..., None] * colour


def scatter(canvas: Canvas, colours: Sequence[F32], count: int, size: tuple[float, float], draw: DrawPiece) -> None:
    """Leaves, petals or flakes in the air; a few are near, large and blurred; none before the product."""
    random = canvas.random
    for _ in range(int(count * canvas.long)):
        near = random.random() < 0.2
        extent = random.uniform(*size) * (2.4 if near else 1)
        x, y = random.uniform(-1.1, 1.1) * canvas.half, random.uniform(canvas.top, canvas.bottom)
        if abs(x) < 0.30 and y > -0.55:
            x = float(np.sign(x)) * (0.30 + abs(x) * 0.8)
        colour = np.clip(colours[int(random.integers(len(colours)))] * random.uniform(0.9, 1.1), 0, 1)
        draw(x, y, extent, colour.astype(np.float32), extent * (0.16 if near else 0.03), random.uniform(0, 360))
