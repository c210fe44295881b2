"""What a first guess of the product says about each pixel: auto-context (Tu & Bai, TPAMI 2010).

The next pass of the prior sees the guess blurred at several scales, by colour, by colour near the pixel, mirrored,
and at steps to all four sides.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .colour import Field, blurred

SCALES = (1.5, 4.0, 10.0, 24.0)
STEPS = (9, 24)
"""Pixels at CUE_SIDE of the looks to the left, right, up and down."""

Cells = npt.NDArray[np.int64]


def _shifted(field: Field, dx: int, dy: int) -> Field:
    """Value found ``dx``, ``dy`` pixels away, the frame's edge repeated."""
    height, width = field.shape
    rows = np.clip(np.arange(height) + dy, 0, height - 1)
    columns = np.clip(np.arange(width) + dx, 0, width - 1)
    return field[rows][:, columns]


def _levels(values: Field, low: float, high: float, count: int) -> Cells:
    return np.asarray(np.clip((values - low) / (high - low) * count, 0, count - 1), np.int64)


def _smoothed(grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[1 2 1] / 4 along every axis."""
    for axis in range(grid.ndim):
        padded = np.concatenate([grid.take([0], axis), grid, grid.take([-1], axis)], axis)
        n = grid.shape[axis]
        before, after = (padded.take(range(start, start + n), axis) for start in (0, 2))
        grid = (before + 2 * grid + after) / 4
    return grid


def share_in_cells(guess: Field, cells: tuple[Cells, ...], counts: tuple[int, ...]) -> Field:
    """Mean guess among the pixels of the same (and neighbouring) cells: colour alone, or colour and place."""
    index = np.ravel_multi_index(tuple(c.ravel() for c in cells), counts)
    total = int(np.prod(counts))
    product = _smoothed(np.bincount(index, guess.ravel(), total).reshape(counts).astype(np.float64))
    everything = _smoothed(np.bincount(index, minlength=total).reshape(counts).astype(np.float64))
    share = (product + 0.5 * float(guess.mean())) / (everything + 0.5)
    return share.ravel()[index].reshape(guess.shape).astype(np.float32)


def _by_colour(guess: Field, lab: Field) -> list[Field]:
    """The guess averaged by fine colour, and by coarser colour near the pixel at two reaches."""
    height, width = guess.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    fine = (_levels(lab[..., 0], 0, 100, 24), _levels(lab[..., 1], -48, 48, 24), _levels(lab[..., 2], -48, 48, 24))
    coarse = (_levels(lab[..., 0], 0, 100, 12), _levels(lab[..., 1], -40, 40, 10), _levels(lab[..., 2], -40, 40, 10))
    found = [share_in_cells(guess, fine, (24, 24, 24))]
    for n in (4, 10):
        place = (_levels(y, 0, height, n), _levels(x, 0, width, n))
        found.append(share_in_cells(guess, (*place, *coarse), (n, n, 12, 10, 10)))
    return found


def guided(light: Field, field: Field, radius: int, epsilon: float) -> Field:
    """Guided filter (He et al., ECCV 2010) along the edges of a lightness 0..100."""
    guide = np.asarray(light / 100, np.float32)
    window = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_field = cv2.blur(guide, window), cv2.blur(field, window)
    slope = (cv2.blur(guide * field, window) - mean_guide * mean_field) / (
        cv2.blur(guide * guide, window) - mean_guide * mean_guide + epsilon
    )
    offset = mean_field - slope * mean_guide
    return np.asarray(cv2.blur(slope, window) * guide + cv2.blur(offset, window), np.float32)


def _posture(guess: Field) -> tuple[list[Field], float]:
    """Place relative to the guess's centre and spread, and the column (a float) about which it is centred."""
    height, width = guess.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    weight = guess**2
    total = float(weight.sum()) + 1e-6
    cx, cy = float((weight * x).sum()) / total, float((weight * y).sum()) / total
    sx = float(np.sqrt((weight * (x - cx) ** 2).sum() / total)) + 4
    sy = float(np.sqrt((weight * (y - cy) ** 2).sum() / total)) + 4
    size = np.full_like(guess, float(guess.mean()) ** 0.5)
    return [np.clip((x - cx) / sx, -4, 4), np.clip((y - cy) / sy, -4, 4), size], cx


def _mirrored(guess: Field, axis: float) -> Field:
    columns = np.rint(2 * axis - np.arange(guess.shape[1])).astype(np.int64)
    mirror = guess[:, np.clip(columns, 0, guess.shape[1] - 1)]
    mirror[:, (columns < 0) | (columns >= guess.shape[1])] = 0
    return mirror


def context(guess: Field, lab: Field) -> Field:
    """(height, width, features) of a guess 0..1 of the product over its smoothed Lab picture."""
    soft = blurred(guess, 3)
    posture, axis = _posture(guess)
    logit = np.log((guess + 0.01) / (1.01 - guess))
    shifts = [_shifted(soft, s * dx, s * dy) for s in STEPS for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))]
    rows = np.broadcast_to(guess.max(1, keepdims=True), guess.shape)
    columns = np.broadcast_to(guess.max(0, keepdims=True), guess.shape)
    extra = [_mirrored(soft, axis), rows, columns, guided(lab[..., 0], guess, 6, 1e-3), *posture]
    parts = [logit, *(blurred(guess, s) for s in SCALES), *_by_colour(guess, lab), *shifts, *extra]
    return np.stack(parts, -1).astype(np.float32)
