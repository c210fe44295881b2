"""What a refining model adds around a product, kept in the product's own coordinates so that every format gets it.

A model refines one composite; each format then places the product anew. What carries over is light: the ratio of the
refined picture to the composite, smoothed until texture is gone (texture belongs to the spot it was painted on) and
faded out at the border. See docs/decisions/0010.
"""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.imaging.fidelity import overlap
from nanococoa_aiserver.imaging.filters import F32, resize, smoothstep, soften
from nanococoa_aiserver.imaging.types import Alpha, Box, Contact, Rgb

REACH = 0.6
"""Share of the product's longer side that contact light reaches beyond its box."""
SIDE = 192
"""px of the map's longer side: smoothed light needs no more."""
SMOOTH = 0.02
"""Sigma of the smoothing, share of the map's longer side: shadows keep their shape, grain and grooves go."""
LIMIT = 1.0
"""The most a pixel is darkened or lightened: one stop."""
DARK = 8.0
"""Levels added to both pictures, so that noise in the dark is no light."""
MATTE_FLOOR = 0.02
"""Coverage from which a pixel belongs to the product."""
FADE = 0.12
"""Outer share of the map over which it fades to nothing."""


def contact_of(composite: Rgb, refined: Rgb, at: Box, matte: Alpha) -> Contact:
    """The light ``refined`` has and ``composite`` has not, around the product at ``at``; ``matte`` has their size."""
    window = _window(at)
    before, after = (_cut(np.asarray(picture, np.float32), window, 1.0) for picture in (composite, refined))
    free = (cv2.dilate(_cut(matte, window, 1.0), np.ones((5, 5), np.uint8)) < MATTE_FLOOR).astype(np.float32)
    size = _map_size(window)
    gain = resize(np.log2((after + DARK) / (before + DARK)) * free[..., None], *size)
    weight = resize(free, *size)
    sigma = SMOOTH * max(size)
    smooth = soften(gain, sigma) / np.maximum(soften(weight, sigma), 1e-3)[..., None]
    return Contact(np.asarray(np.clip(smooth, -LIMIT, LIMIT) * _border(*size), np.float32))


def lay_contact(canvas: Rgb, contact: Contact, at: Box) -> None:
    """Multiply ``canvas`` in place by the contact light of a product at ``at``."""
    window = _window(at)
    on_canvas, inside = overlap(window, canvas.shape[1], canvas.shape[0])
    gain = resize(contact.gain, window.width, window.height)[inside]
    if gain.size:
        canvas[on_canvas] = cv2.convertScaleAbs(canvas[on_canvas].astype(np.float32) * np.exp2(gain))


def encoded(contact: Contact) -> Rgb:
    """As a picture: 128 is no change, a step is 1/127 of ``LIMIT``."""
    return np.asarray(np.rint(128 + 127 * contact.gain / LIMIT).clip(0, 255), np.uint8)


def decoded(picture: Rgb) -> Contact:
    """Inverse of ``encoded``, to half a step."""
    return Contact(np.asarray((picture.astype(np.float32) - 128) * (LIMIT / 127), np.float32))


def _window(at: Box) -> Box:
    reach = round(REACH * max(at.width, at.height))
    return Box(at.x - reach, at.y - reach, at.width + 2 * reach, at.height + 2 * reach)


def _map_size(window: Box) -> tuple[int, int]:
    scale = min(1.0, SIDE / max(window.width, window.height))
    return max(8, round(window.width * scale)), max(8, round(window.height * scale))


def _cut(picture: F32, window: Box, fill: float) -> F32:
    """The window of a picture; what lies beyond it is ``fill``."""
    cut = np.full((window.height, window.width, *picture.shape[2:]), fill, np.float32)
    on_canvas, inside = overlap(window, picture.shape[1], picture.shape[0])
    cut[inside] = picture[on_canvas]
    return cut


def _border(width: int, height: int) -> F32:
    """1 inside, 0 at the border, smooth between."""
    x, y = (np.minimum(np.arange(n), np.arange(n)[::-1]) / (FADE * n) for n in (width, height))
    fade = smoothstep(0, 1, y)[:, None] * smoothstep(0, 1, x)[None]
    return np.asarray(fade[..., None], np.float32)
