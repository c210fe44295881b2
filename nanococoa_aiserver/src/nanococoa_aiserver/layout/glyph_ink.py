"""One glyph on the final pixels: how much ink it left, how well it stands out, and how much of it is covered.

Ink is what changes when the text is made transparent and nothing else is; so no style is asked for its colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nanococoa_aiserver.imaging.types import Alpha, Rgb
from nanococoa_aiserver.render.drawing import Drawing, Glyph

F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

BLANK = 2  # of 255: a smaller change of the plane is no ink at all
UNSEEN = 12  # of 255: a smaller change of the picture can't be seen
CORE = 0.75  # of the glyph's strongest ink: inside the stroke
BODY = 0.5  # of it: counted as covered by the glyph
CLEAR = 0.25  # of it: no longer the stroke's soft edge
RING = 5  # px: the surroundings reach two px from the stroke
WORST_SHARE = 8  # per cent of the surroundings that may be worse than what is reported
MOSTLY_HIDDEN = 0.6  # such a glyph's contrast says nothing; its occlusion does
LINE = 0.62  # em above and below the middle that belong to the glyph and not to the next line
SIDE = 0.15  # of the advance at either side, where a neighbour may overhang
EXTRA = 2  # px around the advance box

_LINEAR: Final = np.array(
    [v / 12.92 if (v := i / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for i in range(256)], np.float32
)
_WEIGHTS: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
_KERNEL: Final = np.ones((RING, RING), np.uint8)


@dataclass(frozen=True, slots=True)
class Ink:
    """``contrast`` is WCAG's ratio (None: not measurable, as for emoji); ``pixels`` the stroke's area;
    ``on_product`` the part of it over the product (front) or hidden by something (back).
    """

    drawn: bool
    contrast: float | None
    pixels: int
    on_product: float


def measure_ink(glyph: Glyph, drawing: Drawing, plate: Rgb, product: Alpha, *, colourful: bool) -> Ink | None:
    """The glyph's ink, None when it lies outside the picture. ``colourful`` glyphs (emoji) get no contrast."""
    window = _window(glyph, plate.shape[1], plate.shape[0])
    if window is None:
        return None
    if not _is_drawn(glyph, drawing):
        return Ink(False, None, 0, 0)
    if glyph.plane == "back":
        return _back_ink(window, drawing, plate, product, colourful)
    return _front_ink(window, drawing, plate, product, colourful)


def luminance(rgb: Rgb) -> F32:
    """Relative luminance (WCAG 2.2) of 8-bit sRGB, the last axis dropped."""
    return np.asarray(_LINEAR[rgb] @ _WEIGHTS, np.float32)


def contrast_ratio(one: npt.ArrayLike, other: npt.ArrayLike) -> F32:
    """WCAG 2.2 contrast of relative luminances."""
    a, b = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return np.asarray((np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05), np.float32)


def _is_drawn(glyph: Glyph, drawing: Drawing) -> bool:
    """Is there ink in the middle of the advance, where no neighbour's reaches?"""
    with_text, without = (
        (drawing.back, drawing.back_textless) if glyph.plane == "back" else (drawing.front, drawing.front_textless)
    )
    height, width = with_text.shape[:2]
    inset = 0 if glyph.rotated else SIDE * (glyph.x1 - glyph.x0)
    left, right = max(0, int(glyph.x0 + inset)), min(width, int(glyph.x1 - inset) + 1)
    top, bottom = max(0, int(glyph.y0)), min(height, int(glyph.y1) + 1)
    if right <= left or bottom <= top:
        return True
    middle = slice(top, bottom), slice(left, right)
    return bool(cv2.absdiff(with_text[middle], without[middle]).max() > BLANK)


def _window(glyph: Glyph, width: int, height: int) -> tuple[slice, slice] | None:
    x0, y0, x1, y1 = glyph.x0, glyph.y0, glyph.x1, glyph.y1
    if not glyph.rotated:
        x0, x1 = _narrowed(x0, x1, LINE * glyph.font_px)
        y0, y1 = _narrowed(y0, y1, LINE * glyph.font_px)
    left, top = max(0, int(x0) - EXTRA), max(0, int(y0) - EXTRA)
    right, bottom = min(width, int(x1) + 1 + EXTRA), min(height, int(y1) + 1 + EXTRA)
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def _narrowed(start: float, end: float, reach: float) -> tuple[float, float]:
    middle = (start + end) / 2
    return max(start, middle - reach), min(end, middle + reach)


def _front_ink(window: tuple[slice, slice], drawing: Drawing, plate: Rgb, product: Alpha, colourful: bool) -> Ink:
    under = plate[window]
    final, bare = _over(drawing.front[window], under), _over(drawing.front_textless[window], under)
    change = _change(final, bare)
    strongest = float(change.max())
    if strongest < UNSEEN:
        return Ink(True, None if colourful else 1.0, 0, 0)
    body = change > BODY * strongest
    share = float((body & (product[window] > 0.5)).sum()) / float(body.sum())
    contrast = None if colourful else _contrast(final, bare, change, np.ones(change.shape, np.bool_))
    return Ink(True, contrast, int(body.sum()), share)


def _back_ink(window: tuple[slice, slice], drawing: Drawing, plate: Rgb, product: Alpha, colourful: bool) -> Ink:
    change = _change(drawing.back[window][..., :3], drawing.back_textless[window][..., :3])
    strongest = float(change.max())
    cover = np.maximum(product[window], drawing.front_textless[window][..., 3].astype(np.float32) / 255)
    body = change > BODY * strongest
    hidden = float(cover[body].mean()) if body.any() else 0.0
    if colourful or hidden > MOSTLY_HIDDEN:
        return Ink(True, None, int(body.sum()), hidden)
    if strongest < UNSEEN:
        return Ink(True, 1.0, int(body.sum()), hidden)
    # after the shadow the scene under the letters is not known: what is seen around them is
    seen = plate[window]
    return Ink(True, _contrast(seen, seen, change, cover < 0.1), int(body.sum()), hidden)


def _over(layer: npt.NDArray[np.uint8], under: Rgb) -> Rgb:
    if not layer[..., 3].any():
        return under
    alpha = layer[..., 3:].astype(np.float32) / 255
    return np.asarray(np.rint(under + (layer[..., :3] - under.astype(np.float32)) * alpha), np.uint8)


def _change(one: Rgb, other: Rgb) -> F32:
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)


def _contrast(final: Rgb, around: Rgb, change: F32, visible: Mask) -> float | None:
    """The stroke's median colour against its surroundings, all but their worst ``WORST_SHARE`` per cent."""
    strongest = change.max()
    stroke = (change > CORE * strongest) & visible
    if not stroke.any():
        return None
    near = cv2.dilate(stroke.astype(np.uint8), _KERNEL).astype(np.bool_)
    ring = near & (change < CLEAR * strongest) & visible
    if not ring.any():
        ring = near & ~stroke & visible
    if not ring.any():
        return 1.0
    ink = np.median(final[stroke], axis=0).astype(np.uint8)
    return float(np.percentile(contrast_ratio(luminance(ink), luminance(around[ring])), WORST_SHARE))
