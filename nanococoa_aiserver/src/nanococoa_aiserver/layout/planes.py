"""Pixels of an ad's planes: the scene under the product, what hides what, and one plane over another."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from nanococoa_aiserver.imaging.align import CannotAlign, align
from nanococoa_aiserver.imaging.composite import Composite
from nanococoa_aiserver.imaging.filters import F32, Mask
from nanococoa_aiserver.imaging.types import Alpha, Backdrop, Box, Rgb, Rgba, Sprite, Stage
from nanococoa_aiserver.layout.placement import Placement
from nanococoa_aiserver.render.drawing import Glyph

PREVIEW_SIDE = 640
"""Longest side of the scene inside the editable layer: the finished picture has its own."""
SYLLABLE = (0.34, 0.20)
"""Share of a Hangul syllable that may be hidden, one and on average; digits may lose what the style says."""
SAME_PIXEL = 32
"""Levels by which a pixel of the scene may differ after the browser drew it from a JPEG."""
SAFETY = 0.9
"""Part of those limits that is used: the gate measures after antialiasing and shadow."""


def aligned(backdrop: Backdrop, size: tuple[int, int], at: Box) -> Backdrop:
    """The backdrop at ``size`` with its ground under ``at``; where that can't be, the nearest that can."""
    foot = (at.x + at.width / 2, float(at.bottom))
    for limit, share in ((1.6, 0.97), (2.6, 0.97), (2.6, 0.85), (2.6, 0.75)):
        try:
            within = (min(max(foot[0], 1.0), size[0] - 1.0), min(foot[1], share * size[1]))
            return align(backdrop, size, within, width=at.width, limit=limit)
        except CannotAlign:
            continue
    return _covering(backdrop, size)


def shadow_on_scene(composite: Composite, back: Rgb, scene: Rgb, box: Box) -> Composite:
    """The composite with its shadow only where the scene shows: a panel beside the picture is paper, not floor."""
    if (box.width, box.height) == (back.shape[1], back.shape[0]):
        return composite
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    seen = np.zeros(back.shape[:2], np.uint8)
    seen[window] = np.abs(back[window].astype(np.int16) - scene).max(2) < SAME_PIXEL
    seen = np.asarray(cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), np.uint8)
    keep = (seen > 0) | (composite.matte > 0)
    return replace(composite, image=np.where(keep[..., None], composite.image, back))


def studio_floor(placement: Placement) -> Stage:
    """A floor for styles that draw their own ground: soft light from the upper left."""
    ground = placement.product.bottom / placement.frame.height
    depth = 0.35 * placement.product.height / placement.frame.height
    return Stage(
        ground=ground, horizon=max(0.0, ground - depth), light=(-0.3, 0.95), shadow=0.5, softness=1.2, depth=0.25
    )


def stage_on_canvas(stage: Stage, placement: Placement) -> Stage:
    """A stage of the scene's box, in shares of the whole canvas."""
    frame, box = placement.frame, placement.scene
    if not placement.layout.paints or (box.width, box.height) == (frame.width, frame.height):
        return stage
    sx, sy = box.width / frame.width, box.height / frame.height
    ox, oy = box.x / frame.width, box.y / frame.height
    rim = stage.rim and (ox + stage.rim[0] * sx, oy + stage.rim[1] * sy, stage.rim[2] * sx, stage.rim[3] * sy)
    gloss = stage.gloss if box.bottom >= frame.height else 0.0  # a panel does not mirror
    return replace(
        stage, gloss=gloss, ground=oy + stage.ground * sy, horizon=oy + stage.horizon * sy, x=ox + stage.x * sx, rim=rim
    )


def _covering(backdrop: Backdrop, size: tuple[int, int]) -> Backdrop:
    """The scene scaled to cover ``size``, its lower part kept."""
    height, width = backdrop.image.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    shape = (max(size[0], round(width * scale)), max(size[1], round(height * scale)))
    large = np.asarray(cv2.resize(backdrop.image, shape), np.uint8)
    left, top = (large.shape[1] - size[0]) // 2, large.shape[0] - size[1]
    image = np.ascontiguousarray(large[top : top + size[1], left : left + size[0]])
    return replace(backdrop, image=image, stage=replace(backdrop.stage, rim=None))


def shrunk(at: Box, share: float) -> Box:
    """A box made smaller on the middle of its foot."""
    width, height = round(at.width * share), round(at.height * share)
    return Box(at.x + (at.width - width) // 2, at.bottom - height, max(2, width), max(2, height))


def hidden_shares(
    glyphs: Sequence[Glyph],
    ink: Mask,
    sprite: Sprite,
    at: Box,
    hides: tuple[float, float],
) -> tuple[F32, F32]:
    """Share of each glyph's ink that the product at ``at`` covers, and how much it may (one, on average)."""
    matte = _matte(sprite, at, ink.shape)
    shares, limits = [np.float32(0)], [(1.0, 0.0)]
    for glyph in glyphs:
        part = slice(max(0, int(glyph.y0)), int(glyph.y1) + 1), slice(max(0, int(glyph.x0)), int(glyph.x1) + 1)
        own = ink[part]
        if own.sum() > 20:
            shares.append(matte[part][own].mean())
            limits.append(hides if glyph.char.isdigit() else (min(hides[0], SYLLABLE[0]), min(hides[1], SYLLABLE[1])))
    return np.array(shares, np.float32), SAFETY * np.array(limits, np.float32)


def _matte(sprite: Sprite, at: Box, shape: tuple[int, ...]) -> Alpha:
    matte = np.zeros(shape[:2], np.float32)
    small = cv2.resize(sprite.alpha, (at.width, at.height), interpolation=cv2.INTER_AREA)
    top, left = max(0, at.y), max(0, at.x)
    bottom, right = min(shape[0], at.bottom), min(shape[1], at.right)
    if bottom > top and right > left:
        matte[top:bottom, left:right] = small[top - at.y : bottom - at.y, left - at.x : right - at.x]
    return matte


def opaque(plane: Rgba) -> Rgb:
    """A plane that fills the canvas, without its alpha."""
    return np.ascontiguousarray(plane[..., :3])


def over(front: Rgba, under: Rgb) -> Rgb:
    """Straight-alpha composition, only where the front plane has ink."""
    image = under.copy()
    rows, columns = np.flatnonzero(front[..., 3].any(1)), np.flatnonzero(front[..., 3].any(0))
    if not len(rows):
        return image
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    cover = front[part][..., 3:].astype(np.uint16)
    mixed = front[part][..., :3] * cover + image[part] * (255 - cover)
    image[part] = ((mixed + 127) // 255).astype(np.uint8)
    return image


def product_alone(composite: Composite) -> Rgba:
    """The product where it is on the canvas, cropped to its box: see-through around it."""
    height, width = composite.image.shape[:2]
    at = composite.at
    part = slice(max(0, at.y), min(height, at.bottom)), slice(max(0, at.x), min(width, at.right))
    alpha = np.rint(composite.matte[part] * 255).astype(np.uint8)
    return np.dstack([composite.image[part], alpha])


def preview(scene: Rgb) -> Rgb:
    """The scene no larger than ``PREVIEW_SIDE``."""
    scale = PREVIEW_SIDE / max(scene.shape[:2])
    if scale >= 1:
        return scene
    return np.asarray(cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def data_uri(scene: Rgb, quality: int) -> str:
    """A picture as a JPEG data URI."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(scene, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
