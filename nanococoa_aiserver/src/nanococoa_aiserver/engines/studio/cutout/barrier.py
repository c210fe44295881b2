"""Minimum barrier distance (Zhang et al., ICCV 2015): how much a path from the background must change in colour.

A product's pixel is reached only over an edge, so its distance is high even where its colour is also the wall's.
"""

from __future__ import annotations

import numpy as np

from .colour import Field, Mask

ROUNDS = 2
"""Two rounds of four sweeps agree with the raster scan of the paper to 1 % of the pixels (measured)."""


def _sweep(image: Field, distance: Field, high: Field, low: Field) -> None:
    """One pass down axis 1 of (channel, row, column) arrays, each row taking the better path from the row before."""
    for y in range(1, image.shape[1]):
        above = np.maximum(high[:, y - 1], image[:, y])
        below = np.minimum(low[:, y - 1], image[:, y])
        cost = above - below
        better = cost < distance[:, y]
        np.copyto(distance[:, y], cost, where=better)
        np.copyto(high[:, y], above, where=better)
        np.copyto(low[:, y], below, where=better)


def _turned(state: tuple[Field, ...], quarter: int) -> tuple[Field, ...]:
    """Views whose axis 1 runs down, up, right or left over the picture."""
    views = tuple(part if quarter < 2 else part.swapaxes(1, 2) for part in state)
    return tuple(part[:, ::-1] if quarter % 2 else part for part in views)


def barrier_distance(lab: Field, known: Mask) -> tuple[Field, Field]:
    """(distance summed over L, a, b; over a, b alone) from the pixels ``known`` to be background."""
    image = np.ascontiguousarray(lab.transpose(2, 0, 1))
    distance = np.where(known[None], np.float32(0), np.float32(1e4)).repeat(3, 0)
    state = (image, distance, image.copy(), image.copy())
    for _ in range(ROUNDS):
        for quarter in range(4):
            _sweep(*_turned(state, quarter))
    each = np.minimum(distance, 255)
    return each.sum(0), each[1:].sum(0)
