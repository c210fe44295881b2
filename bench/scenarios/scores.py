"""What can be measured of an edit without a model: what stayed as it was, and how much changed."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from nanococoa_aiserver.ads.editing.region import grown
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb

_SIGMA = 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""Wang et al., 2004, *Image quality assessment: from error visibility to structural similarity*: their constants."""

Plane = npt.NDArray[np.float32]


def ssim_map(one: Rgb, other: Rgb) -> Plane:
    """Structural similarity of the luminances around every pixel, -1..1, in a Gaussian window."""
    x, y = _luminance(one), _luminance(other)
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    above = (2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)
    below = (mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2)
    return np.asarray(above / below, np.float32)


def easy_scores(before: Rgb, after: Rgb, thing: Mask) -> dict[str, float]:
    """Whether the rest was left alone (SSIM outside the thing, 1 is untouched) and how strongly the thing changed
    (mean difference in per cent of full scale). The thing is grown as the product grows a region."""
    region = grown(thing)
    return {
        "ssim_outside": float(ssim_map(before, after)[~region].mean()),
        "strength": _strength(before, after, region),
    }


def style_scores(before: Rgb, after: Rgb) -> dict[str, float]:
    """How strongly the whole picture changed, and how much of its structure is still there."""
    whole = np.ones(before.shape[:2], np.bool_)
    return {"ssim": float(ssim_map(before, after).mean()), "strength": _strength(before, after, whole)}


def _strength(before: Rgb, after: Rgb, region: Mask) -> float:
    return float(100 / 255 * np.abs(before.astype(np.int16) - after)[region].mean())


def _luminance(picture: Rgb) -> Plane:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def _blurred(plane: Plane) -> Plane:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), _SIGMA), np.float32)
