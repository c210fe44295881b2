"""Shadows a product casts on the floor it stands on, from its matte alone.

Every column of the product is rooted at its own lowest pixel, so a box seen at an angle touches the floor along both
of its lower edges instead of floating over an ellipse. Shadows are soft: they are computed on a matte reduced to
``WORKING`` px, whatever the picture's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import F32, Mask, resize, smoothstep, soften
from nanococoa_aiserver.imaging.types import Alpha, Stage

WORKING = 300  # px, longer side of the matte the shadow is computed from
STANDS = 0.22  # of the width: how far above the lowest point a column may end and still touch the floor
STEEPEST = 2.2  # px up per px aside that a standing edge may climb before it is a handle or a spout
FORWARD = 0.012  # of the width: the pool reaches this far before the contact line, as ambient occlusion does
GAP = 0.12  # of the width: a hole between two feet that is bridged


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a product touches the floor: lowest row per column, and which columns really stand."""

    rows: F32
    stands: Mask
    base: float

    @property
    def width(self) -> float:
        return float(max(4, self.stands.sum()))

    @property
    def rise(self) -> float:
        """Rows between the nearest and the farthest standing point."""
        return self.base - float(self.rows[self.stands].min()) if self.stands.any() else 0.0


@dataclass(frozen=True, slots=True)
class ShadowLayer:
    """Coverage 0..1 over a window that begins ``pad`` px left of and above the product."""

    cover: F32
    pad: int


def footprint(alpha: Alpha) -> Footprint:
    """The contact line of a matte (see ``STANDS``, ``STEEPEST``, ``GAP``)."""
    solid = alpha > 0.5
    if not solid.any():
        return Footprint(np.zeros(alpha.shape[1], np.float32), np.zeros(alpha.shape[1], np.bool_), alpha.shape[0] - 1.0)
    filled = solid.any(0)
    rows = np.where(filled, alpha.shape[0] - 1 - solid[::-1].argmax(0), -1).astype(np.float32)
    base = float(rows.max())
    width = max(1, int(filled.sum()))
    low = filled & (rows > base - STANDS * width)
    stands = np.zeros(len(rows), np.bool_)
    start = int(rows.argmax())
    stands[start] = True
    _walk(rows, low, stands, range(start + 1, len(rows)), GAP * width)
    _walk(rows, low, stands, range(start - 1, -1, -1), GAP * width)
    return Footprint(_bridged(rows, stands), stands, base)


def floor_shadow(alpha: Alpha, stage: Stage) -> ShadowLayer:
    """Contact line, occlusion pool and cast shadow of a product of ``alpha``'s size (px of the picture)."""
    height, width = alpha.shape
    factor = max(1.0, max(height, width) / WORKING)
    small = resize(alpha, max(2, round(width / factor)), max(2, round(height / factor)))
    foot = footprint(small)
    pad = int(0.45 * max(small.shape[1], min(small.shape[0], 1.6 * small.shape[1]))) + 4
    cover = _together(small, foot, pad, stage)
    grown = resize(cover, round(cover.shape[1] * factor), round(cover.shape[0] * factor))
    return ShadowLayer(grown, round(pad * factor))


def drop_shadow(alpha: Alpha, stage: Stage) -> ShadowLayer:
    """A soft shadow on a plane behind the product, away from the light: for products that float."""
    height, width = alpha.shape
    factor = max(1.0, max(height, width) / (WORKING / 2))
    small = resize(alpha, max(2, round(width / factor)), max(2, round(height / factor)))
    reach = max(small.shape)
    pad = int(0.3 * reach) + 4
    dx, dy = -np.sign(stage.light[0] or -1) * 0.035 * reach, 0.06 * reach
    shift = np.array([[1, 0, pad + dx], [0, 1, pad + dy]], np.float32)
    room = (small.shape[1] + 2 * pad, small.shape[0] + 2 * pad)
    moved = np.asarray(cv2.warpAffine(small, shift, room), np.float32)
    cover = 0.55 * stage.shadow * soften(moved, 0.055 * reach) + 0.3 * stage.shadow * soften(moved, 0.018 * reach)
    return ShadowLayer(resize(cover, round(room[0] * factor), round(room[1] * factor)), round(pad * factor))


def _walk(rows: F32, low: Mask, stands: Mask, columns: range, gap: float) -> None:
    """Go outwards from the lowest column and keep what the floor can still touch."""
    last, missed = float(rows[columns[0] - columns.step]) if len(columns) else 0.0, 0
    for column in columns:
        climbs = last - rows[column] > 1 + STEEPEST * (missed + 1)
        if not low[column] or climbs:
            missed += 1
            if missed > gap:
                return
        else:
            stands[column], last, missed = True, float(rows[column]), 0


def _bridged(rows: F32, stands: Mask) -> F32:
    """Rows of the columns that hang in the air, taken over from their standing neighbours."""
    at = np.flatnonzero(stands)
    return np.interp(np.arange(len(rows)), at, rows[at]).astype(np.float32)


def _together(alpha: Alpha, foot: Footprint, pad: int, stage: Stage) -> F32:
    shape = (alpha.shape[0] + 2 * pad, alpha.shape[1] + 2 * pad)
    pool = _pool(alpha, foot, pad, shape)
    size, strength = foot.width, stage.shadow
    soft = stage.softness
    layers = (
        (0.95, soften(pool, max(0.8, 0.012 * size))),
        (0.88, soften(pool, max(1.2, 0.050 * size * soft))),
        (0.66, soften(pool, max(2.0, 0.15 * size * soft))),
        (0.92, _cast(alpha, foot, pad, shape, stage)),
    )
    light = np.ones(shape, np.float32)
    for weight, layer in layers:
        light *= 1 - weight * strength * layer
    return 1 - light


def _pool(alpha: Alpha, foot: Footprint, pad: int, shape: tuple[int, int]) -> F32:
    """The area under the product: between its contact line and an assumed back edge, as deep as boxes and cans are."""
    pool = np.zeros(shape, np.float32)
    at = np.flatnonzero(foot.stands)
    if len(at) < 2:
        return pool
    x = np.arange(at[0], at[-1] + 1)
    front = foot.rows[x]
    depth = np.clip(0.16 * foot.width, 2, 0.5 * alpha.shape[0])
    across = (x - x.mean()) / (np.ptp(x) / 2 + 1e-3)
    back = front - depth * np.sqrt(np.clip(1 - across**2, 0.04, 1))
    outline = np.concatenate([np.stack([x, front + 1 + FORWARD * foot.width], 1), np.stack([x, back], 1)[::-1]]) + pad
    cv2.fillPoly(pool, [np.rint(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return pool


BANDS = ((0.0, 0.12, 0.012, 1.0), (0.12, 0.35, 0.03, 0.85), (0.35, 0.65, 0.06, 0.66), (0.65, 1.0, 0.10, 0.5))
"""Parts of the product's height: from, to, blur of their shadow (of the footprint's width), strength."""


def _cast(alpha: Alpha, foot: Footprint, pad: int, shape: tuple[int, int], stage: Stage) -> F32:
    """The silhouette laid on the floor, sharp at the foot and soft at the far end."""
    cover = np.zeros(shape, np.float32)
    columns = np.flatnonzero((alpha > 0.5).any(0))
    if len(columns) < 2 or not foot.stands.any():
        return cover
    for low, high, blur, strength in BANDS:
        band = _laid(alpha, foot, columns, (low, high), pad, shape, stage)
        cover = np.maximum(cover, strength * soften(band, max(0.8, blur * foot.width * stage.softness)))
    return cover


def _laid(
    alpha: Alpha,
    foot: Footprint,
    columns: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    span: tuple[float, float],
    pad: int,
    shape: tuple[int, int],
    stage: Stage,
) -> F32:
    """A pixel ``h`` above its column's foot falls to (x + aside × h, foot - back × h)."""
    height = alpha.shape[0]
    rise = np.linspace(span[0] * height, span[1] * height, max(3, int((span[1] - span[0]) * height / 1.5)))[:, None]
    root = foot.rows[columns][None]
    source = np.rint(root - rise).astype(int)
    shaded = (source >= 0) & (alpha[source.clip(0), columns[None]] > 0.5)
    aside, back = _fall(stage)
    x = np.rint(columns[None] + pad + aside * rise).astype(int)[shaded]
    y = np.rint(root + pad - back * rise).astype(int)[shaded]
    band = np.zeros(shape, np.uint8)
    on = (x >= 0) & (x < shape[1] - 1) & (y >= 0) & (y < shape[0])
    band[y[on], x[on]] = 1
    band[y[on], x[on] + 1] = 1
    return cv2.morphologyEx(band, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.float32)


def _fall(stage: Stage) -> tuple[float, float]:
    """Shadow length aside and into the depth, per unit of height: longer the more the light comes from the side."""
    side, elevation = stage.light
    length = (0.34 + 0.50 * abs(side)) * 0.8 / max(0.3, elevation)
    return float(-np.sign(side or -1) * length), 0.45 * stage.depth


def fades_at_the_wall(rows: F32, horizon: float, ground: float) -> F32:
    """1 on the floor, 0 above ``horizon`` (px): a floor's shadow does not climb the wall."""
    return smoothstep(horizon, horizon + max(4.0, 0.25 * (ground - horizon)), rows)
