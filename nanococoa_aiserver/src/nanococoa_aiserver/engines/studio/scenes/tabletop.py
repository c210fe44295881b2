"""Scenes of one surface before a wall: wood, marble, terrazzo, concrete, linen."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import BLACK, WHITE, Palette, mix, saturated
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.surfaces import blurred_shapes, corner_shade, floor, pool_of_light, wall
from nanococoa_aiserver.engines.studio.scenes.textures import Texture, linen, marble, mottled, terrazzo, wood
from nanococoa_aiserver.imaging.filters import F32, smoothstep
from nanococoa_aiserver.imaging.types import Stage


def grey(value: float) -> F32:
    return np.full(3, value, np.float32)


def flat(canvas: Canvas, texture: Texture, scale: float) -> F32:
    """A map 0..1 (picture's size) of a texture seen face on; ``scale`` is the share of a tile per unit."""
    rows = (np.arange(canvas.height, dtype=np.float32)[:, None] / canvas.unit * scale * texture.near.shape[0]) % 1024
    columns = (np.arange(canvas.width, dtype=np.float32)[None] / canvas.unit * scale * texture.near.shape[1]) % 1024
    shape = (canvas.height, canvas.width)
    u, v = np.ascontiguousarray(np.broadcast_to(columns, shape)), np.ascontiguousarray(np.broadcast_to(rows, shape))
    seen = cv2.remap(texture.near, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(seen / np.float32(255), np.float32)


@scene("wood", "brown", vignette=0.14)
def wood_table(canvas: Canvas, palette: Palette) -> Stage:
    wall(canvas, mix(palette.light, palette.mid, 0.12))
    blurred_shapes(canvas, 6, 0.12)
    planks = (mix(palette.deep, BLACK, 0.30), mix(palette.deep, palette.mid, 0.85))
    floor(canvas, wood(canvas.seed % 3), planks, scale=0.8, light=pool_of_light(canvas, 0.66, 0.5), mirror=0.12)
    canvas.blur_rows(canvas.horizon, 0.03, 0.006)
    return canvas.stage(gloss=0.10, shadow=0.62)


@scene("marble", "white", vignette=0.08)
def marble_top(canvas: Canvas, palette: Palette) -> Stage:
    """Polished stone with long veins; the wall is the same family, matt."""
    wall(canvas, mix(palette.mid, palette.deep, 0.22), base=0.66, pool=0.5)
    blurred_shapes(canvas, 4, 0.07)
    vein = mix(palette.deep, palette.accent, 0.45) * 0.80
    stone = mix(palette.light, WHITE, 0.30) * 0.985 if not palette.dark else mix(palette.deep, palette.mid, 0.35)
    vein = vein if not palette.dark else mix(palette.light, palette.accent, 0.45)
    light = pool_of_light(canvas, 0.84, 0.22) - corner_shade(canvas, 0.16)
    floor(canvas, marble(canvas.seed % 3), (stone, vein), scale=0.34, light=light, mirror=0.26, mirror_blur=0.02)
    canvas.blur_rows(canvas.horizon, 0.022, 0.005)
    return canvas.stage(gloss=0.22, shadow=0.5)


@scene("terrazzo", "mint", vignette=0.08)
def terrazzo_floor(canvas: Canvas, palette: Palette) -> Stage:
    wall(canvas, palette.mid, base=0.66, pool=0.46)
    disc = mix(palette.mid, palette.light, 0.55)
    canvas.ellipse(-0.36 * canvas.side, canvas.horizon - 0.32, 0.26, 0.26, disc)
    ground = mix(palette.light, WHITE, 0.4) * 0.97
    chips = (palette.deep, palette.accent, mix(palette.mid, palette.deep, 0.3), mix(grey(0.35), palette.deep, 0.4))
    light = pool_of_light(canvas, 0.84, 0.24) - corner_shade(canvas, 0.18, 0.03)
    floor(canvas, terrazzo(canvas.seed % 3), (ground, *chips), scale=0.80, light=light, mirror=0.12)
    return canvas.stage(gloss=0.12, shadow=0.52)


@scene("concrete", "gray", vignette=0.12)
def concrete(canvas: Canvas, palette: Palette) -> Stage:
    """Cast wall with joints and tie holes, cut by a hard edge of daylight."""
    low = mix(palette.deep, grey(0.50), 0.35) * 0.92
    high = mix(palette.mid, grey(0.78), 0.25)
    surface = mottled(canvas.seed % 3, 1.45)
    canvas.image = np.asarray(low + (high - low) * (0.30 + 0.62 * flat(canvas, surface, 0.75))[..., None], np.float32)
    _joints(canvas)
    canvas.gain(0.62 + 0.58 * canvas.glow(0.45 * canvas.light, canvas.horizon - 0.5, 0.75, 0.7))
    edge = canvas.side * canvas.x + 0.75 * (canvas.y - canvas.horizon) + 0.10
    canvas.gain(1 - 0.42 * smoothstep(-0.02, 0.05, edge))
    light = pool_of_light(canvas, 0.74, 0.38) - corner_shade(canvas, 0.30)
    floor(canvas, surface, (mix(low, high, 0.22), high), scale=0.42, light=light, mirror=0.10)
    return canvas.stage(gloss=0.08, shadow=0.62)


def _joints(canvas: Canvas) -> None:
    dark = grey(0.08)
    count = int(canvas.half) + 1
    for number in range(-count, count + 1):
        x = number + 0.5
        canvas.rectangle(x - 0.0016, canvas.top - 1, x + 0.0016, canvas.horizon, dark, 0.30)
        for y in (canvas.horizon - 0.16, canvas.horizon - 0.62, canvas.horizon - 1.08):
            for offset in (-0.12, 0.12):
                canvas.ellipse(x + offset, y, 0.010, 0.010, dark, 0.45, 0.0015)


@scene("linen", "beige", vignette=0.10)
def linen_cloth(canvas: Canvas, palette: Palette) -> Stage:
    """Cloth that hangs in folds and lies under the product."""
    threads = flat(canvas, linen(canvas.seed % 3), 0.9)[..., None]
    cloth = mix(palette.light, palette.mid, 0.5)
    canvas.image = np.asarray(cloth * (0.86 + 0.24 * threads), np.float32).clip(0, 1)
    hanging, lying = _hanging(canvas), _lying(canvas)
    turn = smoothstep(
        canvas.horizon - 0.05, canvas.horizon + 0.11, canvas.y + 0.10 * (canvas.clouds(0.5, 2.2, 1) - 0.5)
    )
    spread = 0.80 + 0.34 * canvas.glow(0.4 * canvas.light, canvas.horizon - 0.3, 0.9, 0.8)
    light = (hanging * (1 - turn) + lying * turn) * spread
    _tinted_shade(canvas, palette, np.asarray(light, np.float32))
    return canvas.stage(shadow=0.52, softness=1.2)


def _hanging(canvas: Canvas) -> F32:
    """Folds: a bent sine, sharper in the hollows than on the crests."""
    bend, depth = canvas.clouds(0.5, 2.2, 1), canvas.clouds(0.6, 2.0, 2)
    phase = 9.5 * (canvas.x * (1.1 + 0.25 * np.sin(2 * canvas.y)) + 0.40 * (bend - 0.5))
    phase = phase + 0.5 * np.sin(3 * canvas.y + 5 * depth)
    fold = 0.5 + 0.5 * np.sin(phase + 0.7 * np.sin(phase))
    return np.asarray(0.50 + 0.62 * fold * (0.55 + 0.9 * depth), np.float32)


def _lying(canvas: Canvas) -> F32:
    """Low waves that run towards the viewer and vanish under the product."""
    bend = canvas.clouds(0.55, 2.3, 3)
    wave = np.sin(14 * (canvas.y - canvas.horizon) + 4.5 * (bend - 0.5) - 2.2 * canvas.x * canvas.side)
    aside = smoothstep(0.1, 0.55, np.abs(canvas.x) + 0.4 * np.abs(canvas.y - 0.02))
    return np.asarray(0.94 + 0.11 * wave * aside + 0.10 * (bend - 0.5), np.float32)


def _tinted_shade(canvas: Canvas, palette: Palette, light: F32) -> None:
    """Apply the light, and let the shaded folds take on more of the cloth's own colour."""
    canvas.gain(light)
    shade = smoothstep(0.85, 0.45, light) * 0.22
    canvas.cover(saturated(mix(palette.mid, palette.deep, 0.55), 1.1) * 0.8, shade)
