"""Makes one field of the hypotheses: a vote weighted by their expected quality, corrected pixel by pixel.

Stacked generalisation (Wolpert, 1992): a perceptron sees the vote, its surroundings and all cues, and learns where
hypotheses that agree are wrong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from nanococoa_aiserver.engines.ports import StopCheck

from .colour import Field, Mask, resized
from .context import context, guided
from .hypotheses import grabcut, seeds_from
from .masks import clean
from .perceptron import Floats, Perceptron
from .view import View

SHARPNESS = 12.0
"""A hypothesis expected to be 0.1 better weighs e^1.2 = 3.3 times as much."""


def _small(mask: Field, like: Field) -> Field:
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)


def fusion_inputs(view: View, masks: Sequence[Mask], scores: Floats) -> Field:
    """(height, width, features) at CUE_SIDE; ``scores`` are the expected qualities of the masks."""
    stack = np.stack(masks).astype(np.float32)
    weights = np.exp(SHARPNESS * (scores - scores.max()))
    like = view.guess
    vote = _small(np.tensordot(weights / weights.sum(), stack, 1).astype(np.float32), like)
    plain, best = _small(stack.mean(0), like), _small(stack[int(scores.argmax())], like)
    own = np.stack([vote, plain, best, view.guess], -1)
    return np.concatenate([own, view.cues.stack, context(vote, view.cues.lab)], -1)


def fused_field(view: View, masks: Sequence[Mask], scores: Floats, corrector: Perceptron) -> Field:
    """Probability of the product at WORK_SIDE."""
    small = corrector(fusion_inputs(view, masks, scores))
    field = guided(view.lab[..., 0], resized(small, view.lab.shape), 4, 5e-4)
    return np.asarray(field.clip(0, 1) * view.inside, np.float32)


def with_fused(view: View, masks: Mapping[str, Mask], field: Field, stop: StopCheck) -> dict[str, Mask]:
    """The hypotheses and three drawn from the fused field."""
    found = dict(masks)
    found["fused"] = clean(field > 0.5)
    stop()
    found["fused_cut"] = clean(grabcut(view.bytes, seeds_from(field, view, 0.5, 0.06, 0.96), 3))
    stop()
    found["fused_band"] = clean(grabcut(view.bytes, seeds_from(field, view, 0.5, 0.25, 0.75), 2))
    return found
