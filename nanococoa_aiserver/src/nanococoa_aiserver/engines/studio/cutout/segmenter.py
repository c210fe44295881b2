"""The studio's cut-out: no network weights, only hypotheses of GrabCut, fitted coefficients and a confidence."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.imaging.types import Box, Cutout, Rgb

from .choice import confidence_inputs, expected
from .colour import Mask
from .edge import matte
from .fusion import fused_field, with_fused
from .hypotheses import draw
from .perceptron import Floats, Perceptron, coefficients, perceptron
from .prior import Prior, prior
from .quality import measures
from .view import View, around, view_of

VERDICT_THRESHOLD = 0.6
"""At this confidence or above a cut-out is ``ok``, below it ``uncertain``.

A higher one turns away many more good cut-outs than bad ones, on held-out kinds of the tuning photos and on a look at
35 of the unseen ones, so ``good_among_accepted`` in docs/benchmarks/cutout.json is a little flattering.
"""


STAGES = ("first_choice", "corrector", "choice", "confidence")


@dataclass(frozen=True, slots=True)
class Models:
    """The fitted perceptrons of one mode (whole photo, or around a box)."""

    prior: Prior
    first_choice: Perceptron
    corrector: Perceptron
    choice: Perceptron
    confidence: Perceptron


def models(mode: str, table: dict[str, Floats]) -> Models:
    return Models(prior(table, mode), *(perceptron(table, f"{mode}_{name}") for name in STAGES))


@dataclass(frozen=True, slots=True)
class Found:
    """All masks of a view, their measures and expected qualities."""

    names: tuple[str, ...]
    masks: Sequence[Mask]
    measured: Floats
    scores: Floats

    @property
    def best(self) -> int:
        return int(self.scores.argmax())


def search(view: View, fit: Models, pool: Executor, stop: StopCheck) -> Found:
    """Draws hypotheses, fuses them, and scores all against the fused field."""
    first = draw(view, pool, stop)
    scores = expected(measures(view, list(first.values())), fit.first_choice)
    stop()
    field = fused_field(view, list(first.values()), scores, fit.corrector)
    found = with_fused(view, first, field, stop)
    measured = measures(replace(view, prior=field), list(found.values()))
    return Found(tuple(found), list(found.values()), measured, expected(measured, fit.choice))


class StudioSegmenter:
    """``engines.ports.Segmenter`` without weights: safe in several threads, the same cut-out for the same photo."""

    def __init__(self, threads: int = 2) -> None:
        table = coefficients()
        self._whole, self._boxed = models("auto", table), models("box", table)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="cutout")

    def cut(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        """Alpha at the photo's size; ``box`` (photo pixels) limits the product.

        A photo in which nothing stands out gets a confidence near 0, and no product if no mask was possible.
        """
        if box is None:
            return self._cut_part(photo, None, stop)
        inside = _clipped(box, photo.shape)
        window = around(photo.shape, inside)
        part = np.ascontiguousarray(photo[window.y : window.bottom, window.x : window.right])
        own = self._cut_part(part, Box(inside.x - window.x, inside.y - window.y, inside.width, inside.height), stop)
        alpha = np.zeros(photo.shape[:2], np.float32)
        alpha[window.y : window.bottom, window.x : window.right] = own.alpha
        return replace(own, alpha=alpha)

    def _cut_part(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        fit = self._boxed if box else self._whole
        stop()
        view = view_of(photo, box, fit.prior)
        found = search(view, fit, self._pool, stop)
        if found.scores[found.best] < 0:
            return Cutout(np.zeros(photo.shape[:2], np.float32), 0.0, "none")
        stop()
        sure = float(fit.confidence(confidence_inputs(found.measured, found.scores)[None])[0])
        return Cutout(matte(photo, found.masks[found.best]), sure, found.names[found.best])


def _clipped(box: Box, shape: tuple[int, ...]) -> Box:
    x, y = min(max(0, box.x), shape[1] - 1), min(max(0, box.y), shape[0] - 1)
    return Box(x, y, max(1, min(box.right, shape[1]) - x), max(1, min(box.bottom, shape[0]) - y))
