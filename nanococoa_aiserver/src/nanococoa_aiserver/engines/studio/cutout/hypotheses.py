"""Guesses of the product's mask at WORK_SIDE, most of them GrabCut (Rother et al., 2004) from different seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor

import cv2
import numpy as np

from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.imaging.types import Box

from .colour import Bytes, Field, Mask, resized
from .masks import bounds, bridged, clean, closed, dilated, extended, hull, main_parts
from .view import View

BACKGROUND, PRODUCT, MAYBE_NOT, MAYBE = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD
FRAME = 0.012
"""Share of the short side along the frame that is background for sure."""


def grabcut(picture: Bytes, seeds: Bytes, rounds: int = 4) -> Mask:
    """GrabCut from a mask of seeds; where one side has no seed the seeds themselves."""
    labels = seeds.copy()
    drawn = np.isin(labels, (MAYBE, PRODUCT))
    if drawn.all() or drawn.sum() < 12 or (~drawn).sum() < 12:
        return drawn
    cv2.setRNGSeed(1)
    product, ground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, labels, (0, 0, 1, 1), ground, product, rounds, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (MAYBE, PRODUCT))


def seeds_from(field: Field, view: View, at: float, never: float, surely: float = np.inf) -> Bytes:
    """Probably product above ``at``, surely background below ``never`` or outside the box, surely product above."""
    seeds = np.where(field > at, MAYBE, MAYBE_NOT).astype(np.uint8)
    seeds[field < never] = BACKGROUND
    seeds[field > surely] = PRODUCT
    if (field > at).sum() < 40:
        height, width = field.shape
        seeds[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = MAYBE
    return _framed(seeds, view)


def _framed(seeds: Bytes, view: View) -> Bytes:
    edge = max(2, int(FRAME * min(seeds.shape)))
    if view.box is None:
        seeds[:edge] = seeds[-edge:] = seeds[:, :edge] = seeds[:, -edge:] = BACKGROUND
    seeds[~view.inside] = BACKGROUND
    return seeds


def _otsu(field: Field) -> float:
    top = max(1e-6, float(field.max()))
    level, _ = cv2.threshold((field.clip(0, top) / top * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    return float(level) / 255 * top


def _from_map(field: Field, view: View, never: float) -> Mask:
    large = resized(field, view.lab.shape)
    level = _otsu(large)
    return grabcut(view.bytes, seeds_from(large, view, level, never * level))


def _rectangle(view: View, box: Box) -> Bytes:
    seeds = np.full(view.inside.shape, BACKGROUND, np.uint8)
    seeds[max(0, box.y) : box.bottom, max(0, box.x) : box.right] = MAYBE
    return seeds


def _inset(view: View, share: float = 0.08) -> Box:
    height, width = view.inside.shape
    return Box(int(share * width), int(share * height), int((1 - 2 * share) * width), int((1 - 2 * share) * height))


def _proposed_box(view: View) -> Box:
    own = bounds(main_parts(view.prior > 0.5))
    grow = int(0.03 * max(view.inside.shape))
    return Box(own.x - grow, own.y - grow, own.width + 2 * grow, own.height + 2 * grow)


def _by_prior(view: View) -> Mask:
    return grabcut(view.bytes, seeds_from(view.prior, view, 0.5, 0.04))


def _by_low_prior(view: View) -> Mask:
    return grabcut(view.bytes, seeds_from(view.prior, view, 0.3, 0.02), 3)


def _by_high_prior(view: View) -> Mask:
    return grabcut(view.bytes, seeds_from(view.prior, view, 0.75, 0.1, 0.97), 3)


def _by_band(view: View) -> Mask:
    """GrabCut only where the prior is in doubt."""
    return grabcut(view.bytes, seeds_from(view.prior, view, 0.5, 0.2, 0.85), 2)


def _by_border(view: View) -> Mask:
    return _from_map(np.log1p(view.cues.border / 2) * np.exp(-(view.cues.centre**2) / 0.3), view, 0.3)


def _by_barrier(view: View) -> Mask:
    return _from_map(np.log1p(view.cues.barrier / 15), view, 0.35)


def _by_rectangle(view: View) -> Mask:
    """GrabCut from the box alone, at half size: with no other seed it would take four times as long."""
    seeds = _framed(_rectangle(view, view.box or _inset(view)), view)
    size = max(8, seeds.shape[1] // 2), max(8, seeds.shape[0] // 2)
    half = np.asarray(cv2.resize(view.bytes, size, interpolation=cv2.INTER_AREA), np.uint8)
    labels = np.asarray(cv2.resize(seeds, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return resized(grabcut(half, labels).astype(np.float32), seeds.shape) > 0.5


def _by_proposed_box(view: View) -> Mask:
    seeds = _rectangle(view, view.box or _proposed_box(view))
    seeds[(seeds == MAYBE) & (view.prior < 0.15)] = MAYBE_NOT
    return grabcut(view.bytes, _framed(seeds, view))


def _by_hull(view: View) -> Mask:
    """GrabCut whose sure background is all that lies outside the prior's hull."""
    seeds = np.where(view.prior > 0.25, MAYBE, MAYBE_NOT).astype(np.uint8)
    seeds[~dilated(hull(clean(view.prior > 0.45)), 9)] = BACKGROUND
    return bridged(clean(grabcut(view.bytes, _framed(seeds, view), 3)))


DRAWN: Mapping[str, Callable[[View], Mask]] = {
    "threshold": lambda view: view.prior > 0.5,
    "prior": _by_prior,
    "prior_low": _by_low_prior,
    "prior_high": _by_high_prior,
    "band": _by_band,
    "border": _by_border,
    "barrier": _by_barrier,
    "rectangle": _by_rectangle,
    "proposed": _by_proposed_box,
    "hull": _by_hull,
}
VOTERS = ("prior", "prior_low", "border", "barrier", "rectangle", "proposed")


def draw(view: View, pool: Executor, stop: StopCheck) -> dict[str, Mask]:
    """All hypotheses by name. OpenCV lets go of the interpreter, so a pool of two draws two at a time."""

    def one(name: str) -> Mask:
        stop()
        return clean(DRAWN[name](view))

    masks = dict(zip(DRAWN, pool.map(one, DRAWN), strict=True))
    masks["bridged"] = bridged(masks["proposed"])
    votes = np.sum([masks[name] for name in VOTERS], 0)
    masks["vote"] = clean(votes > len(VOTERS) // 2)
    masks["closed"] = closed(masks["vote"])
    masks["extended"] = extended(masks["rectangle"], view.box) if view.box else masks["vote"]
    return masks
