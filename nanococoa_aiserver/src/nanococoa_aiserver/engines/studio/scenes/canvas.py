"""A float picture with coordinates a scene can be composed in, and the strokes every scene is made of.

Coordinates are in units of ``unit`` px (about the short side): x from the middle, y from the ground line downwards.
Smooth things (light, glow, fog) live on maps at a quarter of the size; only textures and edges are drawn at full
size. Colours are sRGB 0..1; a light gain g multiplies by g**(1/2.2), which is a multiplication of linear light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.textures import clouds, grain
from nanococoa_aiserver.imaging.filters import F32, U8, Floats, lay, resize, soften
from nanococoa_aiserver.imaging.types import Rgb, Stage

LOW = 4  # light maps are this much smaller than the picture
GAMMA = np.float32(1 / 2.2)

Point: TypeAlias = tuple[float, float]
Paint: TypeAlias = F32 | Callable[[slice, slice], F32]
"""A colour (3,), or what gives the colours (rows, columns, 3) of a part of the picture."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The composition a picture's shape asks for: ground and drop (ground to horizon, units), unit in px."""

    ground: float
    unit: float
    fill: float

    @classmethod
    def of(cls, width: int, height: int) -> Frame:
        """Tall pictures draw things larger, so that a podium is no coin at the foot of a 9:16."""
        aspect = width / height
        ground = float(np.interp(aspect, [0.3, 0.56, 0.8, 1.0, 1.9, 4.0], [0.72, 0.74, 0.78, 0.80, 0.81, 0.86]))
        zoom = float(np.interp(aspect, [0.3, 0.56, 0.8], [1.22, 1.14, 1.0]))
        fill = float(np.interp(aspect, [0.56, 0.8, 1.0, 1.9, 4.0], [0.62, 0.72, 0.74, 0.86, 0.9]))
        return cls(ground, min(width, height) * zoom, fill)


class Canvas:
    """One picture while it is painted. ``side`` is +1 or -1: where the light's shadows fall."""

    def __init__(self, width: int, height: int, seed: int, light: float) -> None:
        self.width, self.height, self.seed, self.light = width, height, seed, light
        self.side = -1.0 if light > 0 else 1.0
        self.frame = Frame.of(width, height)
        self.unit = self.frame.unit
        self.ground = int(height * self.frame.ground)
        self.random = np.random.default_rng(seed)
        self.image: F32 = np.zeros((height, width, 3), np.float32)
        self.low_width, self.low_height = -(-width // LOW), -(-height // LOW)
        self.x = (((np.arange(self.low_width, dtype=np.float32) + 0.5) * LOW - width / 2) / self.unit)[None]
        self.y = (((np.arange(self.low_height, dtype=np.float32) + 0.5) * LOW - self.ground) / self.unit)[:, None]
        self.half = width / self.unit / 2
        self.top = -self.ground / self.unit
        self.bottom = (height - self.ground) / self.unit
        self.horizon = -0.23 * min(1.0, self.bottom / 0.2 * 0.9 + 0.1)

    @property
    def long(self) -> float:
        """How many units the longer side has: elements that fill the picture are multiplied by it."""
        return max(self.width, self.height) / self.unit

    def row(self, y: float) -> int:
        """Picture row of a height in units, kept inside the picture."""
        return int(np.clip(self.ground + y * self.unit, 0, self.height))

    def pixel(self, x: float, y: float) -> Point:
        return self.width / 2 + x * self.unit, self.ground + y * self.unit

    # maps at a quarter of the size

    def grown(self, low: F32) -> F32:
        """A low map (broadcast to the low size) at the picture's size."""
        shape = (self.low_height, self.low_width, *low.shape[2:])
        return resize(np.broadcast_to(low, shape), self.width, self.height)

    def glow(self, x: float, y: float, rx: float, ry: float | None = None) -> F32:
        """A Gaussian spot of light."""
        return np.asarray(np.exp(-(((self.x - x) / rx) ** 2) - ((self.y - y) / (ry or rx)) ** 2), np.float32)

    def clouds(self, scale: float = 1.0, beta: float = 1.8, number: int = 0) -> F32:
        """Smooth noise 0..1 over the picture; ``scale`` is the share of a tile it shows."""
        tile = clouds(beta, (self.seed * 7 + number) % 40)
        share = 256 * scale / max(self.low_width, self.low_height)
        part = tile[: max(8, int(share * self.low_height)), : max(8, int(share * self.low_width))]
        grown = cv2.resize(part, (self.low_width, self.low_height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(grown, np.float32)

    def fill(self, low: F32) -> None:
        """The whole picture in a colour (3,) or a low map of colours."""
        self.image = self.grown(np.broadcast_to(low, (self.low_height, self.low_width, 3)))

    def fill_lit(self, colour: F32, light: F32) -> None:
        """The whole picture in one colour under a low map of linear light."""
        self.fill((colour**2.2 * light[..., None]).clip(0, 1) ** GAMMA)

    def gain(self, light: F32) -> None:
        """Multiply by a low map of linear light."""
        self.image *= self.grown(np.maximum(light, 0).astype(np.float32) ** GAMMA)[..., None]

    def screen(self, light: F32) -> None:
        """Add light without burning out (low map or full-size, three channels)."""
        full = light if light.shape[:2] == self.image.shape[:2] else self.grown(light)
        dark = 1 - np.minimum(full, 1)
        np.subtract(1, self.image, out=self.image)
        self.image *= dark
        np.subtract(1, self.image, out=self.image)

    def cover(self, colour: F32, amount: F32) -> None:
        """Lay a colour (3,) or a low map of colours over the picture with a low map of coverage."""
        lay(self.image, self.grown(colour) if colour.ndim == 3 else colour, self.grown(amount))

    # shapes at full size

    def polygon(self, points: Sequence[Point] | Floats, paint: Paint, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Anti-aliased polygon (units), ``blur`` in units too."""
        corners = np.array([self.pixel(float(p[0]), float(p[1])) for p in points])

        def draw(mask: U8, origin: Floats) -> None:
            cv2.fillPoly(mask, [np.rint((corners - origin) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)

        self._stencil(draw, corners.min(0), corners.max(0), paint, opacity, blur)

    def rectangle(
        self, x0: float, y0: float, x1: float, y1: float, paint: Paint, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], paint, opacity, blur)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        paint: Paint,
        opacity: float = 1.0,
        blur: float = 0.0,
        angle: float = 0.0,
    ) -> None:
        """Anti-aliased ellipse (units), turned by ``angle`` degrees."""
        middle = np.array(self.pixel(x, y))
        reach = max(rx, ry) * self.unit
        axes = (max(1, int(rx * self.unit * 16)), max(1, int(ry * self.unit * 16)))

        def draw(mask: U8, origin: Floats) -> None:
            at = np.rint((middle - origin) * 16).astype(int)
            cv2.ellipse(mask, (int(at[0]), int(at[1])), axes, angle, 0, 360, 255, -1, cv2.LINE_AA, 4)

        self._stencil(draw, middle - reach, middle + reach, paint, opacity, blur)

    def _stencil(
        self, draw: Callable[[U8, Floats], None], low: Floats, high: Floats, paint: Paint, opacity: float, blur: float
    ) -> None:
        """Draw a mask in its own rectangle, soften it, lay the paint through it."""
        sigma = blur * self.unit
        pad = int(3 * sigma) + 2
        x0, y0 = (max(-2 * pad, int(v) - pad) for v in np.floor(low))
        x1, y1 = (min(s + 2 * pad, int(v) + pad) for v, s in zip(np.ceil(high), (self.width, self.height), strict=True))
        rows, columns = slice(max(0, y0), min(self.height, y1)), slice(max(0, x0), min(self.width, x1))
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        raw = np.zeros((y1 - y0, x1 - x0), np.uint8)
        draw(raw, np.array([x0, y0], np.float32))
        mask = np.asarray(raw / np.float32(255), np.float32)
        if sigma > 0.4:
            mask = soften(mask, sigma)
        mask = mask[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0] * np.float32(opacity)
        lay(self.image[rows, columns], paint(rows, columns) if callable(paint) else paint, mask)

    # after the painting

    def blur_rows(self, y: float, half: float, sigma: float) -> None:
        """Depth of field around a height (units): hides the seam between wall and floor as a lens would."""
        middle, reach = self.ground + y * self.unit, max(1.0, half * self.unit)
        first, last = max(0, int(middle - 2 * reach)), min(self.height, int(middle + 2 * reach))
        if last - first < 4:
            return
        rows = self.image[first:last]
        near = np.exp(-(((np.arange(first, last, dtype=np.float32) - middle) / reach) ** 2))[:, None, None]
        self.image[first:last] = rows + (soften(rows, sigma * self.unit) - rows) * near

    def finished(self, vignette: float = 0.10, grainy: float = 0.006) -> Rgb:
        """Vignette, grain against banding, and 8 bit."""
        across = self.x * self.unit / self.width * 1.7
        down = (np.arange(self.low_height, dtype=np.float32)[:, None] / self.low_height - 0.48) * 1.6
        self.gain(np.asarray(1 - vignette * (across**2 + down**2), np.float32))
        tile = grain()
        repeat = (-(-self.height // tile.shape[0]), -(-self.width // tile.shape[1]))
        self.image += np.tile(tile * np.float32(grainy), repeat)[: self.height, : self.width, None]
        return np.asarray(cv2.convertScaleAbs(np.maximum(self.image, 0), alpha=255), np.uint8)

    def stage(
        self,
        *,
        foot: float = 0.0,
        width: float = 0.62,
        gloss: float = 0.0,
        shadow: float = 0.55,
        softness: float = 1.0,
        tint: tuple[float, float, float] | None = None,
        rim: tuple[float, float, float] | None = None,
    ) -> Stage:
        """The standing place in shares of the picture.

        ``foot`` is the height of the standing line and ``width`` the product's largest width, both in units; ``rim``
        is a pedestal's top as (middle y, half width, half height), in units.
        """
        ground = (self.ground + foot * self.unit) / self.height
        return Stage(
            ground=ground,
            horizon=(self.ground + self.horizon * self.unit) / self.height,
            max_width=min(0.9, width * self.unit / self.width),
            max_height=(ground - 0.05) * self.frame.fill,
            pedestal=rim is not None,
            light=(self.light, 0.8),
            gloss=gloss,
            shadow=shadow,
            softness=softness,
            tint=tint,
            rim=None if rim is None else self._shares(rim),
        )

    def _shares(self, rim: tuple[float, float, float]) -> tuple[float, float, float, float]:
        middle, half_width, half_height = rim
        y = (self.ground + middle * self.unit) / self.height
        return 0.5, y, half_width * self.unit / self.width, half_height * self.unit / self.height


def between(low: F32, high: F32, share: F32) -> F32:
    """Colours from ``low`` to ``high`` (3,) by a map of shares; mixed in linear light."""
    start, end = low**2.2, high**2.2
    return np.asarray((start + (end - start) * share[..., None]).clip(0, 1) ** GAMMA, np.float32)


def curve(xs: Floats, ys: Floats) -> list[Point]:
    """Two arrays as a list of points."""
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def closed(points: Iterable[Point], *, bottom: float, half: float) -> list[Point]:
    """A curve from left to right, closed along the picture's lower edge."""
    return [*points, (half, bottom), (-half, bottom)]
