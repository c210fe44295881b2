"""Stand a product on a backdrop: reflection, shadow, product, a breath of the scene's light on its edge.

Everything below the product is painted first, the product last, its core byte for byte (``fidelity``). The backdrop
may already carry the text that stands behind the product.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.contact import lay_contact
from nanococoa_aiserver.imaging.fidelity import assert_core, core_of, overlap
from nanococoa_aiserver.imaging.filters import F32, Mask, box_blur, from_lab, lay, resize, smoothstep, soften, to_lab
from nanococoa_aiserver.imaging.reflection import reflection
from nanococoa_aiserver.imaging.shadow import (
    Footprint,
    ShadowLayer,
    drop_shadow,
    fades_at_the_wall,
    floor_shadow,
    footprint,
)
from nanococoa_aiserver.imaging.sprite import scaled
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Sprite, Stage

HARMONY_LIMIT = 3.0  # ΔE (CIE76) the edge may be moved towards the scene's light
WRAP = 0.22  # share of the scene's light that spills over the edge
SHADE_DEPTH, SHADE_GAMMA = 0.34, 1.5  # a shadow keeps the floor's hue and gains chroma, as ambient light does


@dataclass(frozen=True, slots=True)
class Composite:
    """A product on its backdrop. ``matte`` and ``core`` have the canvas' size; ``sprite`` is the product as pasted."""

    image: Rgb
    matte: Alpha
    core: Mask
    sprite: Sprite
    at: Box


def stand(
    backdrop: Rgb, sprite: Sprite, at: Box, stage: Stage, *, floor: bool = True, shadow: float = 1.0
) -> Composite:
    """Put ``sprite`` into ``at`` (px of ``backdrop``; may reach beyond it) and light it as ``stage`` says.

    With ``floor`` the product's lowest point stands on the floor; without, or when that point lies above the stage's
    horizon, it floats before a soft drop shadow. ``shadow`` scales the shadow, 0 leaves it out.
    Raises ``fidelity.CoreChanged`` if the core were not the sprite's.
    """
    product = scaled(sprite, at.width, at.height)
    canvas = backdrop.copy()
    if floor and at.bottom > stage.horizon * canvas.shape[0] + 2:
        _on_the_floor(canvas, product, at, stage, shadow)
    elif shadow > 0:
        _darken(canvas, drop_shadow(product.alpha, stage), at, shadow, None)
    _paste(canvas, product, at)
    assert_core(canvas, product, at)
    return Composite(canvas, *_masks(product, at, canvas.shape), product, at)


def _on_the_floor(canvas: Rgb, product: Sprite, at: Box, stage: Stage, shadow: float) -> None:
    foot = footprint(product.alpha)
    _mirror(canvas, product, foot, at, stage)
    if shadow > 0:
        _darken(canvas, floor_shadow(product.alpha, stage), at, shadow, stage)
    if product.contact is not None:
        lay_contact(canvas, product.contact, at)


def _mirror(canvas: Rgb, product: Sprite, foot: Footprint, at: Box, stage: Stage) -> None:
    mirrored = reflection(product, foot, stage.gloss)
    if mirrored is None:
        return
    window = Box(at.x, at.y + mirrored.top, mirrored.cover.shape[1], mirrored.cover.shape[0])
    on_canvas, inside = overlap(window, canvas.shape[1], canvas.shape[0])
    cover = mirrored.cover[inside] * _on_the_rim(stage, on_canvas, canvas.shape)
    _blend(canvas, on_canvas, mirrored.rgb[inside], cover)


def _darken(canvas: Rgb, layer: ShadowLayer, at: Box, shadow: float, stage: Stage | None) -> None:
    """Lay the shadow on the canvas; with ``stage`` it stays on the floor and on the pedestal's top."""
    top = at.y - layer.pad
    wall = 0 if stage is None else max(0, int(stage.horizon * canvas.shape[0]) - top)
    shade = layer.cover[wall:]  # nothing falls above the horizon: those rows need not be touched
    window = Box(at.x - layer.pad, top + wall, shade.shape[1], shade.shape[0])
    on_canvas, inside = overlap(window, canvas.shape[1], canvas.shape[0])
    cover = np.minimum(shade[inside] * shadow, 0.97)
    if cover.size == 0:
        return
    if stage is not None:
        cover = cover * _floor_part(stage, on_canvas, canvas.shape)
    _blend(canvas, on_canvas, _shade(canvas[on_canvas].astype(np.float32)), cover)


def _floor_part(stage: Stage, on_canvas: tuple[slice, slice], shape: tuple[int, ...]) -> F32:
    rows = np.arange(on_canvas[0].start, on_canvas[0].stop, dtype=np.float32)[:, None]
    wall = fades_at_the_wall(rows, stage.horizon * shape[0], stage.ground * shape[0])
    return np.asarray(wall * _on_the_rim(stage, on_canvas, shape), np.float32)


def _on_the_rim(stage: Stage, on_canvas: tuple[slice, slice], shape: tuple[int, ...]) -> F32:
    """1 on a pedestal's top, 0 beyond its rim (1 everywhere when the stage has none)."""
    rows = np.arange(on_canvas[0].start, on_canvas[0].stop, dtype=np.float32)[:, None] / shape[0]
    columns = np.arange(on_canvas[1].start, on_canvas[1].stop, dtype=np.float32)[None] / shape[1]
    if stage.rim is None:
        return np.ones((rows.shape[0], columns.shape[1]), np.float32)
    x, y, half_width, half_height = stage.rim
    radius = np.hypot((columns - x) / half_width, (rows - y) / half_height)
    return smoothstep(1.0, 0.985, radius)


def _shade(region: F32) -> F32:
    """What stays of the floor in full shade."""
    height, width = region.shape[:2]
    local = soften(resize(region, max(2, width // 8), max(2, height // 8)), 2.5) / 255
    return resize(255 * SHADE_DEPTH * local**SHADE_GAMMA, width, height)


def _blend(canvas: Rgb, where: tuple[slice, slice], colour: F32, cover: F32) -> None:
    if cover.size == 0:
        return
    under = canvas[where].astype(np.float32)
    lay(under, colour, np.asarray(cover, np.float32))
    canvas[where] = cv2.convertScaleAbs(under)


def _paste(canvas: Rgb, product: Sprite, at: Box) -> None:
    on_canvas, inside = overlap(at, canvas.shape[1], canvas.shape[0])
    alpha, colour = product.alpha[inside], product.rgb[inside]
    if alpha.size == 0:
        return
    core = core_of(product.alpha)[inside]
    under = canvas[on_canvas].astype(np.float32)
    lit = _edge_lit(colour, alpha, core, under)
    lay(under, lit, alpha)
    result = np.asarray(cv2.convertScaleAbs(under), np.uint8)
    cv2.copyTo(np.ascontiguousarray(colour), core.astype(np.uint8), result)
    canvas[on_canvas] = result


def _edge_lit(colour: Rgb, alpha: Alpha, core: Mask, under: F32) -> F32:
    """The edge's colours with the light of the scene behind them, moved by ``HARMONY_LIMIT`` at most."""
    lit = colour.astype(np.float32)
    edge = ~core & (alpha > 0)
    if not edge.any():
        return lit
    reach = max(2, round(0.006 * max(alpha.shape)))
    spill = np.clip(1 - box_blur(alpha, reach), 0, 1)[edge][:, None] * WRAP
    glow = np.clip(soften(under, 20.0)[edge] - 90, 0, 165)
    before = lit[edge]
    lit[edge] = _within(before, np.clip(before + glow * spill, 0, 255))
    return lit


def _within(before: F32, after: F32) -> F32:
    """``after``, pulled back until no colour (N, 3) is more than ``HARMONY_LIMIT`` from ``before``."""
    start, end = to_lab(before[None])[0], to_lab(after[None])[0]
    distance = np.linalg.norm(end - start, axis=1, keepdims=True)
    share = np.minimum(1.0, HARMONY_LIMIT / np.maximum(distance, 1e-6))
    return np.asarray(from_lab((start + (end - start) * share)[None])[0], np.float32)


def _masks(product: Sprite, at: Box, shape: tuple[int, ...]) -> tuple[Alpha, Mask]:
    on_canvas, inside = overlap(at, shape[1], shape[0])
    matte, core = np.zeros(shape[:2], np.float32), np.zeros(shape[:2], np.bool_)
    matte[on_canvas], core[on_canvas] = product.alpha[inside], core_of(product.alpha)[inside]
    return matte, core
