"""The coarse pass: where in the frame the product stands, from the cues at 48 x 48.

A small U-shaped stack of separable convolutions (Ronneberger et al., 2015; Chollet, 2017), some 27,000 fitted numbers
evaluated in NumPy in 10 ms. It sees what no pixel sees by itself: which closed shape stands in the middle of a scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from .colour import Field, resized
from .perceptron import Floats

SIDE = 48
WIDTHS = (16, 24, 40, 56)
"""Channels at 48, 24, 12 and 6 pixels."""

BLOCKS = (1, 2, 2, 2)
"""Separable convolutions at each of those sizes on the way down (one on the way up)."""

BOX_CUES = 6
INPUTS = 48
"""41 cues, the box's six (zero without a box), and whether there is a box."""


def coarse_inputs(stack: Field, boxed: bool) -> Field:
    """(SIDE, SIDE, INPUTS) from the cues of a photo of any aspect."""
    small = np.zeros((SIDE, SIDE, INPUTS), np.float32)
    for channel in range(stack.shape[-1]):
        small[..., channel] = cv2.resize(stack[..., channel], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    small[..., -1] = float(boxed)
    return small


@dataclass(frozen=True, slots=True)
class CoarsePass:
    """The fitted layers by name."""

    table: Mapping[str, Floats]

    def __call__(self, stack: Field, boxed: bool) -> Field:
        """Probability of the product per cue pixel."""
        inputs = coarse_inputs(stack, boxed)
        x = np.clip((inputs - self.table["coarse/mean"]) * self.table["coarse/scale"], -5, 5)
        kept = []
        for level, count in enumerate(BLOCKS):
            x = self._pointwise(f"enter.{level}", _halved(x) if level else x)
            for block in range(count):
                x = self._block(f"down.{level}.{block}", x)
            kept.append(x)
        x = x + self._pointwise("whole", x.mean((0, 1), keepdims=True))
        for level in reversed(range(len(WIDTHS) - 1)):
            x = np.concatenate([x.repeat(2, 0).repeat(2, 1), kept[level]], -1)
            x = self._block(f"up.{level}", self._pointwise(f"merge.{level}", x))
        logit = (x @ self.table["coarse/out/w"] + self.table["coarse/out/b"])[..., 0].clip(-15, 15)
        return resized(np.asarray(1 / (1 + np.exp(-logit)), np.float32), stack.shape)

    def _pointwise(self, name: str, x: Field) -> Field:
        values = x @ self.table[f"coarse/{name}/w"] + self.table[f"coarse/{name}/b"]
        return np.asarray(np.maximum(values, 0), np.float32)

    def _block(self, name: str, x: Field) -> Field:
        kernel = self.table[f"coarse/{name}/d"]
        height, width = x.shape[:2]
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        deep = np.zeros_like(x)
        for dy in range(3):
            for dx in range(3):
                deep += padded[dy : dy + height, dx : dx + width] * kernel[dy, dx]
        return x + self._pointwise(f"{name}.point", deep)


def _halved(x: Field) -> Field:
    height, width, channels = x.shape
    return np.asarray(x.reshape(height // 2, 2, width // 2, 2, channels).mean((1, 3)), np.float32)
