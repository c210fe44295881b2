"""The region a local edit repaints: the customer's mask or the one that was found, at the picture's own size."""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.ads.pictures import get_picture, put_picture
from nanococoa_aiserver.ads.product import LARGEST_SIDE
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.imaging.filters import F32, Mask, smoothstep
from nanococoa_aiserver.imaging.types import Alpha

GROW = 0.012
"""How far a found region is grown, share of the picture's longer side: a thing's soft edge and the shadow at its foot
go with it. A customer's own mask is taken as it is."""

FEATHER = 0.003
"""How far inside the region old and new are blended, share of the longer side: a model's own soft edge comes on top."""

_HALF = 0.5


def given_mask(store: ArtifactStore, artifact: str, width: int, height: int) -> Mask:
    """A mask picture at ``width`` x ``height``: what is opaque where it has transparency, else what is light.

    Raises ``InvalidParameter`` when nothing or everything is marked.
    """
    colours, alpha = get_picture(store, artifact, side=LARGEST_SIDE)
    if alpha is not None and bool((alpha < _HALF).any()):
        marked = alpha >= _HALF
    else:
        marked = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY) >= 128
    mask = cv2.resize(marked.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    if not mask.any() or mask.all():
        raise InvalidParameter("mask_full" if mask.any() else "mask_empty", field="mask")
    return np.asarray(mask, np.bool_)


def grown(mask: Mask) -> Mask:
    """The region and ``GROW`` around it."""
    reach = GROW * max(mask.shape)
    return np.asarray(_distance(~mask) <= reach, np.bool_)


def without(mask: Mask, product: Alpha) -> Mask:
    """The region without the product. Raises ``InvalidParameter`` when nothing is left to repaint."""
    left = mask & (product < _HALF)
    if not left.any():
        raise InvalidParameter("edit_region_is_product", field="keep_product")
    return np.asarray(left, np.bool_)


def weight_of(mask: Mask) -> F32:
    """How much of the new picture is taken: 0 outside the region, growing to 1 within ``FEATHER`` of its edge."""
    inside = _distance(mask)
    feather = min(FEATHER * max(mask.shape), float(inside.max()) / 2)
    return smoothstep(0, max(1.0, feather), inside)


def store_mask(store: ArtifactStore, mask: Mask) -> str:
    """Keep a region as a picture, white where it may change; returns the artifact's id."""
    grey = mask.astype(np.uint8) * 255
    return put_picture(store, np.asarray(cv2.merge([grey, grey, grey]), np.uint8))


def _distance(mask: Mask) -> F32:
    """Pixels from each true pixel to the nearest false one; 0 on the false ones."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
