"""Per-pixel cues of product or background, on a copy with a long side of ``CUE_SIDE`` pixels.

They ask classical questions: is this colour found in what is surely background, is it reachable from there without
crossing an edge, does it differ from what the row shows at both sides, is it only that row in shadow?
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.types import Box, Rgb

from .background import cluster_distance, colour_statistics, row_model, row_residual, shadow_likeness
from .barrier import barrier_distance
from .colour import Field, Mask, blurred, gradient, lab_of

CUE_SIDE = 192
RING = 0.06
"""Share of the frame's short side that counts as background when no box is given."""

SPREAD = (3.0, 9.0)
"""Standard deviations, in pixels at CUE_SIDE, of the blurred copies that give a pixel its surroundings."""


@dataclass(frozen=True, slots=True)
class Cues:
    """``stack`` is (height, width, cues); ``known`` marks what counts as background; ``lab`` is smoothed."""

    stack: Field
    known: Mask
    lab: Field
    shadow: Field
    row: Field
    border: Field
    barrier: Field
    edges: Field
    centre: Field


def known_background(shape: tuple[int, ...], box: Box | None) -> Mask:
    """The ring along the frame, or everything outside the customer's box."""
    height, width = shape[:2]
    known = np.ones((height, width), np.bool_)
    ring = max(2, int(RING * min(height, width)))
    inside = box or Box(ring, ring, width - 2 * ring, height - 2 * ring)
    known[max(0, inside.y) : inside.bottom, max(0, inside.x) : inside.right] = False
    return known


def _log(field: Field, unit: float) -> Field:
    return np.asarray(np.log1p(np.maximum(field, 0) / unit), np.float32)


def _behind_edges(edges: Field) -> list[Field]:
    """Strongest edge between a pixel and the frame's left, right, top and bottom."""
    flip = [(edges, 1, False), (edges[:, ::-1], 1, True), (edges, 0, False), (edges[::-1], 0, True)]
    swept = [(np.maximum.accumulate(field, axis), axis, back) for field, axis, back in flip]
    return [np.flip(field, axis) if back else field for field, axis, back in swept]


def _texture(light: Field, known: Mask) -> Field:
    mean = blurred(light, 2)
    deviation = np.sqrt(np.maximum(blurred(light * light, 2) - mean * mean, 0))
    usual = float(np.median(deviation[known])) if known.any() else 0.0
    return np.asarray(np.log(deviation + 1) - np.log(usual + 1), np.float32)


def _places(shape: tuple[int, ...], box: Box | None) -> list[Field]:
    """Where a pixel lies in the frame; with a box also its distances to the four sides, in box sizes."""
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    frame = [np.abs(x / width - 0.5), y / height - 0.5]
    if box is None:
        return frame
    u, v = (x + 0.5 - box.x) / max(1, box.width), (y + 0.5 - box.y) / max(1, box.height)
    depth = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
    return [*frame, u, 1 - u, v, 1 - v, depth, (depth > 0).astype(np.float32)]


def _centre_distance(saliency: Field) -> Field:
    """Distance from the centre of mass of what looks unlike the background."""
    height, width = saliency.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    weight = np.clip(saliency, 0, 20) ** 2 * np.exp(-(x * x + y * y) / 0.08)
    total = weight.sum() + 1e-6
    return np.asarray(np.hypot(x - (weight * x).sum() / total, y - (weight * y).sum() / total), np.float32)


def _side_columns(shape: tuple[int, ...], box: Box | None) -> tuple[int, int]:
    margin = max(3, int(0.05 * shape[1]))
    return (margin, shape[1] - margin) if box is None else (max(0, box.x), min(shape[1], box.right))


def measure(photo: Rgb, box: Box | None) -> Cues:
    """All cues of a small photo (long side <= CUE_SIDE); ``box`` is in its pixels."""
    lab = lab_of(np.asarray(cv2.medianBlur(photo, 3), np.uint8))
    lab = np.asarray(cv2.bilateralFilter(lab, 5, 12, 3), np.float32)
    known = known_background(lab.shape, box)
    model = row_model(lab, *_side_columns(lab.shape, box))
    row, row_chroma = row_residual(lab, model)
    shadow, dark = shadow_likeness(lab, model)
    border = cluster_distance(lab, known)
    barrier, barrier_chroma = barrier_distance(blurred(lab, 0.8), known)
    common, compact = colour_statistics(lab, known)
    slope = gradient(lab)
    edges = _log(slope, float(np.median(slope)) + 6)
    behind = _behind_edges(blurred(edges, 0.7))
    enclosed = np.minimum(np.minimum(behind[0], behind[1]), behind[2])
    main = [_log(border, 2), _log(row, 2), _log(row_chroma, 1.5), _log(barrier, 15), _log(barrier_chroma, 8)]
    main += [shadow, enclosed]
    fine = [common, compact, edges, _texture(lab[..., 0], known), dark.clip(-1, 3), *behind]
    hue = np.asarray(lab[..., 1:] / 30, np.float32)
    fine += [np.asarray(lab[..., 0] / 50 - 1, np.float32), np.hypot(hue[..., 0], hue[..., 1]), hue[..., 0], hue[..., 1]]
    wide = [blurred(field, sigma) for sigma in SPREAD for field in (*main, edges, compact)]
    centre = _centre_distance(border * np.maximum(row, 0.2))
    stack = np.stack([*main, *fine, *wide, centre, *_places(lab.shape, box)], -1).astype(np.float32)
    return Cues(stack, known, lab, shadow, row, border, barrier, edges, centre)
