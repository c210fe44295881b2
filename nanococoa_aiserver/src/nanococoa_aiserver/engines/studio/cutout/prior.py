"""The prior: a probability of the product per cue pixel, from a coarse pass and auto-context passes after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .coarse import CoarsePass
from .colour import Field
from .context import context
from .cues import Cues
from .perceptron import Floats, Perceptron, perceptron


@dataclass(frozen=True, slots=True)
class Prior:
    """The fitted passes of one mode; with ``boxed`` nothing outside the box is the product."""

    coarse: CoarsePass
    passes: tuple[Perceptron, ...]
    boxed: bool

    def __call__(self, cues: Cues) -> Field:
        guess = self.coarse(cues.stack, self.boxed)
        for later in self.passes:
            guess = later(np.concatenate([cues.stack, context(guess, cues.lab)], -1))
        return np.where(cues.known, np.float32(0), guess) if self.boxed else guess


def prior(table: Mapping[str, Floats], mode: str) -> Prior:
    """The prior of ``mode`` (``auto`` or ``box``) from the fitted coefficients."""
    count = sum(f"{mode}{k}/mean" in table for k in range(9))
    return Prior(CoarsePass(table), tuple(perceptron(table, f"{mode}{k}") for k in range(count)), mode == "box")
