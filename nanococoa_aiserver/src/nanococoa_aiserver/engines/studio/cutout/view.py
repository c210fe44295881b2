"""What all hypotheses share: the photo (or the part around the customer's box) at two sizes, its cues and the prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanococoa_aiserver.imaging.types import Box, Rgb

from .colour import Bytes, Field, Mask, lab_of, resized, shrink, stretched
from .context import guided
from .cues import CUE_SIDE, Cues, known_background, measure
from .prior import Prior

WORK_SIDE = 288
"""Long side of the copy on which hypotheses are drawn: GrabCut takes 30 ms there."""

MARGIN = 0.14
"""Share of the box's long side that is looked at around it, as sure background."""


@dataclass(frozen=True, slots=True)
class View:
    """Pictures at WORK_SIDE; ``cues`` and ``guess`` (the prior, 0..1) at CUE_SIDE; ``prior`` is the guess at WORK_SIDE.

    ``box`` is the customer's rectangle at WORK_SIDE, ``inside`` the pixels it allows (the whole frame without one).
    """

    lab: Field
    bytes: Bytes
    cues: Cues
    guess: Field
    prior: Field
    box: Box | None
    inside: Mask


def around(shape: tuple[int, ...], box: Box) -> Box:
    """The part of a photo around a box, clipped to the photo."""
    grow = int(MARGIN * max(box.width, box.height)) + 2
    x, y = max(0, box.x - grow), max(0, box.y - grow)
    return Box(x, y, min(shape[1], box.right + grow) - x, min(shape[0], box.bottom + grow) - y)


def scaled(box: Box, factor: tuple[float, float]) -> Box:
    """A box in another copy's pixels, rounded outwards."""
    x, y = int(box.x * factor[0]), int(box.y * factor[1])
    right, bottom = int(np.ceil(box.right * factor[0])), int(np.ceil(box.bottom * factor[1]))
    return Box(x, y, max(1, right - x), max(1, bottom - y))


def box_in(photo: Rgb, copy: Bytes, box: Box | None) -> Box | None:
    ratio = (copy.shape[1] / photo.shape[1], copy.shape[0] / photo.shape[0])
    return scaled(box, ratio) if box else None


def view_of(photo: Rgb, box: Box | None, prior: Prior) -> View:
    """The view of a whole photo, or of the part around a box (``photo`` is that part, ``box`` in its pixels)."""
    small, work = shrink(photo, CUE_SIDE), shrink(photo, WORK_SIDE)
    cues = measure(small, box_in(photo, small, box))
    guess = prior(cues)
    lab, own = lab_of(work), box_in(photo, work, box)
    inside = ~known_background(lab.shape, own) if own else np.ones(lab.shape[:2], np.bool_)
    refined = guided(lab[..., 0], resized(guess, lab.shape), 4, 5e-4).clip(0, 1) * inside
    return View(lab, stretched(lab), cues, guess, refined.astype(np.float32), own, inside)
