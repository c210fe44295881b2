"""From a mask at WORK_SIDE to a soft alpha at photo size: GrabCut in a band, contour smoothing, local colour lines."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.imaging.types import Alpha, Rgb

from .colour import Field, Mask, blurred, resized, shrink
from .hypotheses import BACKGROUND, MAYBE, MAYBE_NOT, PRODUCT, grabcut
from .masks import bounds, signed_distance

BAND_SIDE = 640
"""Long side at which the contour is found again; larger gains nothing on noisy photos (measured)."""

FULL_SIDE = 2048
"""Larger photos get their alpha from a copy of this size: 25 MP would take 8 s and 2 GB for an edge no ad shows."""

CHOKE = 0.35
"""Pixels the contour is drawn in, so that no rim of the old background stays."""


def enlarged(mask: Mask, size: tuple[int, int]) -> Field:
    """Signed distance of a mask at (height, width), in the large copy's pixels: a smooth contour with no stairs."""
    ratio = size[0] / mask.shape[0]
    return resized(blurred(signed_distance(mask), 0.7), size) * np.float32(ratio)


def _window(field: Mask, margin: int) -> tuple[slice, slice]:
    box = bounds(field)
    return slice(max(0, box.y - margin), box.bottom + margin), slice(max(0, box.x - margin), box.right + margin)


def _band(rgb: Rgb, distance: Field, radius: int) -> Mask:
    """GrabCut that may move the contour only within ``radius`` pixels."""
    seeds = np.where(distance > 0, MAYBE, MAYBE_NOT).astype(np.uint8)
    seeds[distance > radius] = PRODUCT
    seeds[distance < -radius] = BACKGROUND
    part = _window(seeds != BACKGROUND, 3 * radius)
    out = np.zeros(distance.shape, np.bool_)
    out[part] = grabcut(np.ascontiguousarray(rgb[part]), np.ascontiguousarray(seeds[part]), 1)
    return out


def _without_crumbs(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    keep = stats[:, 4] > 0.006 * mask.sum()
    keep[0] = False
    solid = keep[labels] if count > 2 else mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~solid).astype(np.uint8), connectivity=4)
    pinholes = stats[:, 4] < 0.0015 * solid.sum()
    pinholes[0] = False
    return np.asarray(solid | pinholes[labels], np.bool_)


def _mean_near(image: Field, chosen: Mask, window: tuple[int, int]) -> Field:
    weight = chosen.astype(np.float32)
    total = np.maximum(cv2.blur(weight, window), 1e-3)[..., None]
    return np.asarray(cv2.blur(image * weight[..., None], window) / total, np.float32)


def local_alpha(rgb: Rgb, distance: Field, radius: int) -> Alpha:
    """Soft edge: each pixel near the contour is placed on the line between the product's and the background's local
    colours; where the two are alike the distance alone decides."""
    alpha = (distance / 1.6 + 0.5).clip(0, 1).astype(np.float32)
    near = np.abs(distance) < 3 * radius
    if not near.any():
        return alpha
    part = _window(near, 0)
    image, own = rgb[part].astype(np.float32), distance[part]
    window = (4 * radius + 1, 4 * radius + 1)
    product = _mean_near(image, (own > 1.5) & (own < 3 * radius), window)
    ground = _mean_near(image, (own < -1.5) & (own > -3 * radius), window)
    line = product - ground
    length = (line * line).sum(-1)
    found = (((image - ground) * line).sum(-1) / (length + 1)).clip(0, 1)
    trust = length / (length + 40.0**2) * np.exp(-((own / 2.2) ** 2))
    alpha[part] = trust * found + (1 - trust) * alpha[part]
    return alpha


def matte(photo: Rgb, mask: Mask) -> Alpha:
    """Soft alpha at the photo's size."""
    if not mask.any():
        return np.zeros(photo.shape[:2], np.float32)
    if max(photo.shape) > FULL_SIDE:
        return resized(matte(shrink(photo, FULL_SIDE), mask), photo.shape)
    middle = shrink(photo, BAND_SIDE)
    height, width = photo.shape[:2]
    radius = max(3, round(1.6 * middle.shape[0] / mask.shape[0])) + 1
    contour = _without_crumbs(_band(middle, enlarged(mask, middle.shape[:2]), radius))
    distance = enlarged(contour if contour.any() else mask, (height, width))
    distance = blurred(distance.clip(-20, 20), max(1.0, 0.0013 * max(height, width))) - CHOKE
    return local_alpha(photo, distance, max(3, int(0.004 * max(height, width))))
