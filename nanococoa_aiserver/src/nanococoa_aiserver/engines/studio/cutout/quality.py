"""Numbers that tell a good mask from a bad one without knowing the true one; none of them needs the photo's meaning."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .colour import Field, Mask, blurred, resized
from .masks import bounds, dilated, overlap, signed_distance
from .view import View

Floats = npt.NDArray[np.float32]
MEASURES = 33
"""Numbers per mask: agreement 4, contour 5, shape 8, belief 8, colour 4, box 4."""


def boundary(mask: Mask, step: float = 3.0) -> tuple[tuple[npt.NDArray[np.int64], ...], ...]:
    """((rows, columns) just inside the contour, the same just outside), ``step`` pixels along its normal."""
    distance = signed_distance(mask)
    smooth = blurred(distance, 1.5)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    rows, columns = np.nonzero(np.abs(distance) < 1.2)
    length = np.hypot(across[rows, columns], down[rows, columns]) + 1e-6
    ny, nx = down[rows, columns] / length, across[rows, columns] / length
    height, width = mask.shape

    def moved(by: float) -> tuple[npt.NDArray[np.int64], ...]:
        y, x = np.rint(rows + by * ny), np.rint(columns + by * nx)
        return y.clip(0, height - 1).astype(np.int64), x.clip(0, width - 1).astype(np.int64)

    return moved(step), moved(-step)


def degenerate(mask: Mask) -> bool:
    """Too small or too large to be measured (or to be a product)."""
    area = int(mask.sum())
    return area < 60 or area > 0.92 * mask.size


def _contour(view: View, mask: Mask, smooth: Field) -> list[float]:
    """Contrast along the contour: its share over 7, low percentiles, prior step, prior's own doubt there."""
    inner, outer = boundary(mask)
    contrast = np.sqrt(((smooth[inner] - smooth[outer]) ** 2).sum(-1))
    steps = view.prior[inner] - view.prior[outer]
    low, middle = np.percentile(contrast, [20, 50])
    found = (contrast > 7).mean(), np.log1p(low), np.log1p(middle), steps.mean(), (steps < 0.3).mean()
    return [float(value) for value in found]


def _shape(mask: Mask) -> list[float]:
    """Area, frame contact, solidity, roughness, parts, distance from the middle, symmetry, width over height."""
    height, width = mask.shape
    area, box = int(mask.sum()), bounds(mask)
    frame = np.concatenate([mask[:3].ravel(), mask[-3:].ravel(), mask[:, :3].ravel(), mask[:, -3:].ravel()])
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = cv2.convexHull(np.concatenate(contours))
    length = sum(cv2.arcLength(c, True) for c in contours) / max(1.0, cv2.arcLength(outline, True))
    parts = sum(cv2.contourArea(c) > 0.03 * area for c in contours)
    y, x = np.nonzero(mask)
    part = mask[:, box.x : box.right]
    return [
        float(np.sqrt(area / mask.size)),
        float(min(0.2, frame.mean())),
        area / max(1.0, cv2.contourArea(outline)),
        min(4.0, length) - 1,
        float(parts - 1),
        float(np.hypot(x.mean() / width - 0.5, y.mean() / height - 0.5)),
        overlap(part, part[:, ::-1]),
        float(np.log(box.width / box.height)),
    ]


def _belief(view: View, mask: Mask) -> list[float]:
    """What the prior says of the mask: inside, outside, missed, wrongly taken, overlap at two levels, doubt at all."""
    prior, area = view.prior, int(mask.sum())
    missed, extra = ((prior > 0.6) & ~mask).sum() / area, ((prior < 0.3) & mask).sum() / area
    levels = [overlap(prior > level, mask) for level in (0.3, 0.5, 0.75)]
    doubt = float(np.minimum(prior, 1 - prior).sum() / area)
    inside, outside = float(prior[mask].mean()), float(prior[~mask].mean())
    return [inside, outside, float(min(3, missed)), float(extra), *levels, min(2.0, doubt)]


def _colour(view: View, mask: Mask, shadow: Field, edges: Field) -> list[float]:
    """Colours shared with the background, shadow taken in (all; lowest fifth), edges missed near the mask."""
    cells = (view.bytes >> 4).astype(np.int64)
    index = (cells[..., 0] * 16 + cells[..., 1]) * 16 + cells[..., 2]
    inside = np.bincount(index[mask], minlength=4096) / mask.sum()
    outside = np.bincount(index[~mask], minlength=4096) / (~mask).sum()
    box = bounds(mask)
    low = mask.copy()
    low[: box.y + int(0.8 * box.height)] = False
    near = dilated(mask, int(0.06 * max(mask.shape)) | 1) & ~dilated(mask, 7)
    missed = float(edges[near].mean() / (edges[mask].mean() + 0.05)) if near.any() else 0.0
    shaded = float(shadow[low].mean()) if low.any() else 0.0
    return [float(np.sqrt(inside * outside).sum()), float(shadow[mask].mean()), shaded, missed]


def _boxed(view: View, mask: Mask) -> list[float]:
    """How well the mask fills the customer's box: widest and mean gap, sides it touches, share of the box."""
    if view.box is None:
        return [0.0] * 4
    own, box = bounds(mask), view.box
    gaps = np.array([
        (own.x - box.x) / box.width, (box.right - own.right) / box.width,
        (own.y - box.y) / box.height, (box.bottom - own.bottom) / box.height,
    ])  # fmt: skip
    found = gaps.max(), gaps.mean(), (gaps < 0.003).sum(), mask.sum() / max(1, view.inside.sum())
    return [float(value) for value in found]


def measures(view: View, masks: Sequence[Mask]) -> Floats:
    """(hypotheses, measures); a row of zeros for a degenerate mask."""
    agreement = np.array([[overlap(a, b) for b in masks] for a in masks], np.float32)
    smooth = blurred(view.lab, 0.8)
    shadow, edges = resized(view.cues.shadow, smooth.shape), resized(view.cues.edges, smooth.shape)
    rows = []
    for k, mask in enumerate(masks):
        others = np.delete(agreement[k], k)
        agreed = others.mean(), np.median(others), np.sort(others)[-3:].mean(), (others > 0.9).mean()
        own = [] if degenerate(mask) else [float(value) for value in agreed]
        if own:
            own += _contour(view, mask, smooth) + _shape(mask) + _belief(view, mask)
            own += _colour(view, mask, shadow, edges) + _boxed(view, mask)
        rows.append(own or [0.0] * MEASURES)
    return np.array(rows, np.float32)
