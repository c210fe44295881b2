"""What the background is thought to look like: per row from both sides, by colour clusters, and under a shadow."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from .colour import Field, Mask, rgb_of

CLUSTERS = 7
RARE = 0.03
"""A cluster with less than this share of the known background may be the product's own rim."""


class RowModel(NamedTuple):
    """Expected Lab colour of every pixel without the product, and the spread of each row."""

    colour: Field
    spread: Field


def _side(lab: Field, columns: slice) -> tuple[Field, Field]:
    part = lab[:, columns]
    return np.median(part, 1).astype(np.float32), part.var(1)


def row_model(lab: Field, left: int, right: int) -> RowModel:
    """Joins the colours left of column ``left`` and right of column ``right`` linearly along each row.

    That is a model of wall and floor with any number of horizontal regions and a gradient of light. A side with
    fewer than three columns is taken from the other.
    """
    height, width = lab.shape[:2]
    sides = [_side(lab, s) for s, room in ((slice(0, left), left), (slice(right, None), width - right)) if room >= 3]
    sides = sides or [_side(lab, slice(None))]
    first, last = (cv2.GaussianBlur(s[0][:, None], (0, 0), sigmaX=0.1, sigmaY=1.2)[:, 0] for s in (sides[0], sides[-1]))
    share = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    spread = np.sqrt(np.mean([s[1] for s in sides], 0))[:, None].astype(np.float32)
    spread = np.asarray(cv2.GaussianBlur(spread, (0, 0), sigmaX=0.1, sigmaY=max(0.5, height * 0.02)), np.float32)
    colour = (first[:, None] * (1 - share) + last[:, None] * share).astype(np.float32)
    return RowModel(colour, spread.reshape(height, 1, 3))


def row_residual(lab: Field, model: RowModel, floor: float = 3.0) -> tuple[Field, Field]:
    """Normalised distance to the row model (all channels; chroma alone), tolerant to a slightly tilted horizon."""
    reach = int(0.015 * lab.shape[0]) + 1
    scale = np.sqrt(model.spread**2 * 2 + floor * floor)
    squares = [((lab - np.roll(model.colour, shift, 0)) / scale) ** 2 for shift in (-reach, 0, reach)]
    full = np.min([np.sqrt(s.sum(-1)) for s in squares], 0)
    return full.astype(np.float32), np.min([np.sqrt(s[..., 1:].sum(-1)) for s in squares], 0).astype(np.float32)


def shadow_likeness(lab: Field, model: RowModel) -> tuple[Field, Field]:
    """(1 where a pixel is the row model times one factor 0.2 .. 0.97 in linear light; darkness in nepers)."""
    ratio = np.log(rgb_of(lab).clip(0.01, 1) ** 2.2 + 0.004) - np.log(rgb_of(model.colour).clip(0.01, 1) ** 2.2 + 0.004)
    mean = ratio.mean(-1)
    spread = np.sqrt(((ratio - mean[..., None]) ** 2).mean(-1))
    inside = 1 / (1 + np.exp((-(mean + 1.7) * 5).clip(-30, 30))) / (1 + np.exp(((mean + 0.03) * 40).clip(-30, 30)))
    return (np.exp(-((spread / 0.09) ** 2)) * inside).astype(np.float32), (-mean).astype(np.float32)


def cluster_distance(lab: Field, known: Mask) -> Field:
    """Smallest Mahalanobis-like distance to a colour cluster of the known background; rare ones count as farther."""
    pixels = np.ascontiguousarray(lab[known][:: max(1, known.sum() // 6000)])
    if len(pixels) < CLUSTERS * 4:
        return np.zeros(lab.shape[:2], np.float32)
    cv2.setRNGSeed(1)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, labels, centres = cv2.kmeans(pixels, CLUSTERS, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)
    members = [pixels[labels.ravel() == k] for k in range(CLUSTERS)]
    best = np.full(lab.shape[:2], 1e9, np.float32)
    for centre, own in zip(centres, members, strict=True):
        variance = own.var(0) if len(own) > 4 else np.full(3, 30, np.float32)
        distance = np.sqrt(((lab - centre) ** 2 / (variance * 2 + 10)).sum(-1))
        best = np.minimum(best, distance + (0.8 if len(own) < RARE * len(pixels) else 0))
    return best


def _colour_cells(lab: Field) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    light = np.clip(lab[..., 0] / 100 * 12, 0, 11).astype(np.int64)
    chroma = np.clip((lab[..., 1:] + 64) / 8, 0, 15).astype(np.int64)
    return (light * 16 + chroma[..., 0]) * 16 + chroma[..., 1]


def colour_statistics(lab: Field, known: Mask) -> tuple[Field, Field]:
    """Per pixel: how common its colour is in the known background, and how compact that colour lies in the frame."""
    cells, n = _colour_cells(lab).ravel(), 12 * 16 * 16
    height, width = lab.shape[:2]
    y, x = (axis.ravel() / size for axis, size in zip(np.mgrid[:height, :width], (height, width), strict=True))
    count = np.bincount(cells, minlength=n) + 1e-3
    variance = sum(
        np.bincount(cells, axis * axis, n) / count - (np.bincount(cells, axis, n) / count) ** 2 for axis in (x, y)
    )
    share = np.bincount(cells[known.ravel()], minlength=n) / max(1, known.sum()) / (count / cells.size)
    common = np.clip(share[cells], 0, 4).reshape(height, width)
    compact = np.sqrt(np.clip(variance, 0, 1))[cells].reshape(height, width)
    return common.astype(np.float32), compact.astype(np.float32)
