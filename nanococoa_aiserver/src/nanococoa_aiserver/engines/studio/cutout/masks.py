"""Operations on binary masks: components, holes, gaps, symmetry, overlap."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.imaging.types import Box

from .colour import Bytes, Field, Mask


def ellipse(size: int) -> Bytes:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def dilated(mask: Mask, size: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), ellipse(size))) > 0


def opened(mask: Mask, size: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, ellipse(size))) > 0


def overlap(first: Mask, second: Mask) -> float:
    """Intersection over union; two empty masks agree."""
    union = int((first | second).sum())
    return float((first & second).sum() / union) if union else 1.0


def bounds(mask: Mask) -> Box:
    """Tight box of a mask; the whole frame if it is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return Box(0, 0, mask.shape[1], mask.shape[0])
    x, y = int(columns[0]), int(rows[0])
    return Box(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def signed_distance(mask: Mask) -> Field:
    """Pixels to the contour, positive inside."""
    inside = mask.astype(np.uint8)
    return np.asarray(
        cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5), np.float32
    )


def main_parts(mask: Mask, share: float = 0.06) -> Mask:
    """The component that is largest near the frame's middle, and those near it that are not crumbs."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count <= 2:
        return mask
    height, width = mask.shape
    away = np.hypot(centres[1:, 0] / width - 0.5, centres[1:, 1] / height - 0.5)
    score = stats[1:, 4] * np.exp(-((away / 0.35) ** 2))
    best = int(score.argmax())
    x, y, w, h = stats[1 + best, :4]
    left, top, right, bottom = stats[1:, 0], stats[1:, 1], stats[1:, 0] + stats[1:, 2], stats[1:, 1] + stats[1:, 3]
    near = (left < x + w * 1.15) & (right > x - w * 0.15) & (top < y + h * 1.05) & (bottom > y - h * 0.15)
    keep = (score > share * score[best]) & (near | (score > 0.35 * score[best]))
    keep[best] = True
    return np.asarray(np.concatenate([[False], keep])[labels], np.bool_)


def filled(mask: Mask, share: float) -> Mask:
    """Holes smaller than ``share`` of the mask's area become part of it; bays at the frame do not."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    small = stats[:, 4] < share * mask.sum()
    at_frame = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    small[at_frame] = False
    small[0] = False
    return mask | small[labels] if count > 1 else mask


def clean(mask: Mask, hole: float = 0.03) -> Mask:
    """Main parts, opened, small holes filled."""
    return filled(main_parts(opened(main_parts(mask), 3)), hole)


def closed(mask: Mask, share: float = 0.16) -> Mask:
    """Bays filled by a wide closing: a label or highlight the colour of the wall eats into the contour."""
    box = bounds(mask)
    size = max(3, int(share * max(box.width, box.height)) | 1)
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), size, size, size, size, cv2.BORDER_CONSTANT)
    return clean(np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, ellipse(size)))[size:-size, size:-size] > 0)


def hull(mask: Mask) -> Mask:
    """Convex hull of each larger part."""
    out = np.zeros(mask.shape, np.uint8)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        if cv2.contourArea(contour) > 0.03 * mask.sum():
            cv2.fillConvexPoly(out, cv2.convexHull(contour), 1)
    return out > 0


def bridged(mask: Mask) -> Mask:
    """Joins parts that stand above each other with faces of like width: between them is a label the wall's colour."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    big = [k for k in range(1, count) if stats[k, 4] > 0.05 * mask.sum()]
    out = mask.copy()
    for upper in big:
        for lower in big:
            if stats[upper, 1] < stats[lower, 1]:
                out |= _bridge(labels == upper, labels == lower)
    return out


def _bridge(upper: Mask, lower: Mask) -> Mask:
    high, low = bounds(upper), bounds(lower)
    shared = min(high.right, low.right) - max(high.x, low.x)
    reach = max(4, int(0.05 * upper.shape[0]))
    faces = np.zeros(upper.shape, np.bool_)
    faces[max(0, high.bottom - reach) : high.bottom] |= upper[max(0, high.bottom - reach) : high.bottom]
    faces[low.y : low.y + reach] |= lower[low.y : low.y + reach]
    widths = [float(np.ptp(np.flatnonzero((faces & part).any(0)))) for part in (upper, lower)]
    if shared < 0.6 * min(high.width, low.width) or abs(widths[0] - widths[1]) > 0.3 * max(1.0, *widths):
        return np.zeros_like(upper)
    filled_faces = faces.astype(np.uint8)
    cv2.fillConvexPoly(filled_faces, cv2.convexHull(cv2.findNonZero(filled_faces)), 1)
    return filled_faces > 0


def extended(mask: Mask, box: Box, slack: float = 0.025, most: float = 0.35) -> Mask:
    """Stretches the mask to a box side it misses by far: a customer's box touches the product on every side."""
    out = mask.copy()
    for turn in range(4):
        turned, side = np.rot90(out, turn), np.rot90(_filled_box(mask.shape, box), turn)
        own, frame = bounds(turned), bounds(side)
        gap = own.y - frame.y
        margin = int(slack * max(mask.shape))
        if 2.5 * margin < gap < most * frame.height:
            turned[frame.y + margin : own.y + 4] |= turned[min(own.y + 4, turned.shape[0] - 1)]
    return clean(out)


def _filled_box(shape: tuple[int, ...], box: Box) -> Mask:
    out = np.zeros(shape, np.bool_)
    out[max(0, box.y) : box.bottom, max(0, box.x) : box.right] = True
    return out
