"""Which hypothesis to believe, and how far: perceptrons over the measures of all masks of one photo."""

from __future__ import annotations

import numpy as np

from .perceptron import Floats, Perceptron


def candidates(measured: Floats, names: int) -> Floats:
    """(hypotheses, inputs): a mask's own measures, how they stand among the photo's other masks, and which it is."""
    living = measured.any(1)
    pool = measured[living] if living.any() else measured
    spread = pool.std(0) + 1e-3
    against = np.clip((measured - pool.mean(0)) / spread, -3, 3)
    return np.concatenate([measured, against, np.eye(names, dtype=np.float32)], 1)


def expected(measured: Floats, model: Perceptron) -> Floats:
    """Expected quality of every mask, -1 for a degenerate one."""
    scores = model(candidates(measured, len(measured)))
    return np.where(measured.any(1), scores, np.float32(-1))


def confidence_inputs(measured: Floats, scores: Floats) -> Floats:
    """What the confidence is judged by: the chosen mask's measures, its score, the lead and the field's spread."""
    best = int(scores.argmax())
    order = np.sort(scores)[::-1]
    extra = [scores[best], order[0] - order[min(3, len(order) - 1)], float(np.median(scores)), float(scores.std())]
    return np.concatenate([measured[best], extra]).astype(np.float32)
