"""Walls and floors: the two planes nearly every scene begins with."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.canvas import GAMMA, Canvas
from nanococoa_aiserver.engines.studio.scenes.textures import SIZE, Texture
from nanococoa_aiserver.imaging.filters import F32, U8, Floats, resize, smoothstep, soften

NEAREST = 0.20  # distance of the first floor row, in units: sets the perspective
Colours: TypeAlias = tuple[F32, ...]


def wall(canvas: Canvas, colour: F32, *, base: float = 0.62, pool: float = 0.5, drift: float = 0.10) -> None:
    """A plain wall with a pool of light on the light's side and a little unevenness."""
    light = base + pool * canvas.glow(0.3 * canvas.light, canvas.horizon - 0.45, 0.75, 0.7)
    light = light + 0.12 * canvas.glow(1.1 * canvas.light, canvas.horizon - 0.5, 1.4, 1.2)
    canvas.fill_lit(colour, np.asarray(light * (1 + drift * (canvas.clouds(0.7) - 0.5)), np.float32))


def blurred_shapes(canvas: Canvas, count: int, amount: float) -> None:
    """Furniture far out of focus: darker and lighter upright blots along the horizon."""
    gain = np.ones((canvas.low_height, canvas.low_width), np.float32)
    for _ in range(int(count * max(1.0, canvas.half))):
        x = canvas.random.uniform(-canvas.half, canvas.half)
        y = canvas.horizon - canvas.random.uniform(0, 0.3)
        rx, ry = canvas.random.uniform(0.06, 0.2), canvas.random.uniform(0.1, 0.36)
        blot = np.exp(-(np.abs((canvas.x - x) / rx) ** 4) - np.abs((canvas.y - y) / ry) ** 4)
        gain *= 1 - amount * canvas.random.uniform(-0.5, 1) * blot
    canvas.gain(gain)


def pool_of_light(
    canvas: Canvas, base: float = 0.62, amount: float = 0.55, radius: float = 0.6, y: float = 0.02
) -> F32:
    """Light on the floor around the product, displaced towards the light."""
    return base + amount * canvas.glow(0.12 * canvas.light, y, radius, radius * 0.45)


def corner_shade(canvas: Canvas, depth: float, reach: float = 0.035) -> F32:
    """The darkening where a floor meets its wall, to subtract from the floor's light."""
    return np.asarray(depth * np.exp(-np.maximum(canvas.y - canvas.horizon, 0) / reach), np.float32)


def floor(
    canvas: Canvas,
    texture: Texture,
    colours: Colours,
    *,
    scale: float = 1.0,
    light: F32 | None = None,
    mirror: float = 0.0,
    mirror_blur: float = 0.03,
    edge: float = 0.004,
) -> None:
    """A patterned ground plane in perspective, from the horizon to the lower edge.

    ``colours`` are (low, high) for a pattern of one channel, (low, high) again when the second channel is the light in
    its seams, and (ground, one per chip) for more. ``mirror`` is the share of what stands above the horizon.
    """
    first = canvas.row(canvas.horizon)
    count = canvas.height - first
    if count < 2:
        return
    depth = np.arange(count, dtype=np.float32) / canvas.unit
    plane = _coloured(_in_perspective(canvas, texture, depth, scale), colours)
    if light is not None:
        plane *= canvas.grown(np.maximum(light, 0).astype(np.float32) ** GAMMA)[first:, :, None]
    if mirror > 0:
        _mirrored(canvas, plane, depth, mirror, mirror_blur)
    seam = smoothstep(0, max(edge, 1e-4), depth)[:, None, None]
    canvas.image[first:] += (plane - canvas.image[first:]) * seam


def _in_perspective(canvas: Canvas, texture: Texture, depth: F32, scale: float) -> F32:
    """The pattern as seen from a low camera, 0..1; far rows take a blurred copy instead of shimmering."""
    nearness = (1 / (depth + NEAREST))[:, None]
    across = ((np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / canvas.unit)[None]
    u = np.asarray((across * nearness * (0.62 * scale * SIZE) + SIZE / 2) % SIZE, np.float32)
    v = np.broadcast_to((nearness * (0.95 * scale * SIZE)) % SIZE, u.shape)
    v = np.ascontiguousarray(v, np.float32)
    near = _sampled(texture.near, u, v)
    far = _sampled(texture.far, u, v)
    sharp = smoothstep(0.02, 0.22, depth)[:, None]
    if near.ndim == 3:
        sharp = sharp[..., None]
    return np.asarray((far + (near - far) * sharp) / 255, np.float32)


def _sampled(pattern: U8, u: Floats, v: Floats) -> F32:
    seen = cv2.remap(pattern, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(seen, np.float32)


def _mirrored(canvas: Canvas, plane: F32, depth: F32, share: float, blur: float) -> None:
    """Mix the upside-down picture above the horizon into the floor, weaker towards the viewer."""
    count = plane.shape[0]
    first = canvas.height - count
    above = np.ascontiguousarray(canvas.image[max(0, first - count) : first][::-1])
    if above.shape[0] < 2:
        return
    small = resize(above, max(2, canvas.width // 8), max(2, count // 8))
    image = resize(soften(small, max(0.6, blur * canvas.unit / 8)), canvas.width, count)
    plane += (image - plane) * (share * (1 - 0.75 * smoothstep(0, 0.30, depth)))[:, None, None]


def _coloured(pattern: F32, colours: Colours) -> F32:
    if pattern.ndim == 2:
        return _ramp(pattern, colours)
    if pattern.shape[2] == 2:
        return np.asarray(_ramp(pattern[..., 0], colours) * (0.5 + 0.5 * pattern[..., 1:]), np.float32)
    chips = np.stack(colours[1:]) - colours[0]
    return np.asarray(colours[0] + pattern @ chips, np.float32)


def _ramp(tone: F32, colours: Colours) -> F32:
    """From the first colour to the second by a map 0..1, channel by channel."""
    return np.asarray(cv2.merge([a + (b - a) * tone for a, b in zip(*colours[:2], strict=True)]), np.float32)
