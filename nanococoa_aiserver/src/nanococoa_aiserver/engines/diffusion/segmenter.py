"""BiRefNet as the segmenter: photo in, matte out at the photo's own size, with a confidence from its own doubts."""

from __future__ import annotations

import numpy as np
import torch

from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.diffusion.pixels import resized, square_tensor
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.filters import F32, Mask, erode
from nanococoa_aiserver.imaging.types import Box, Cutout, Rgb

SURE_FROM = 0.5
"""Confidence from which a cut-out counts as sure: a quarter of the product's area in doubt, or a fifth of it outside
the customer's box. Set by reasoning, not fitted: there were no weights to fit it with."""

MARGIN = 0.12  # of the box's longer side, shown to the network around it: the matte of a cropped edge is worse
SHOWS_FROM = 0.002  # share of the picture below which nothing was found
EVERYTHING_FROM, CERTAINLY_EVERYTHING = 0.94, 0.99  # share of the picture that is "product" when nothing was cut away
EDGE = 1 / 256  # of the matte's side (4 px of 1024): a matte may be soft this near its contour without being in doubt
ALL_IN_DOUBT = 0.5  # share of the product's area in doubt at which confidence is 0
ELSEWHERE = 0.4  # share of the matte outside the box at which confidence is 0
FILLS = 0.5  # overlap (IoU) of the matte's extent and the box from which they agree
WORKSPACE = 3 << 30  # bytes beside the weights: 3.45 GB in all at 1024 px in half precision by the author's README


class BiRefNetSegmenter:
    """``engines.ports.Segmenter``. The same photo gives the same matte; safe in several threads."""

    def __init__(self, host: ModelHost, *, lane: Lane = "heavy", model: str = "birefnet") -> None:
        self._host, self._lane, self._model = host, lane, model

    def cut(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        """Alpha at the photo's size; with ``box`` (photo pixels) only what is within it is kept.

        A photo in which nothing stands out gets a confidence near 0.
        """
        stop()
        inside = _clipped(box, photo.shape) if box else Box(0, 0, photo.shape[1], photo.shape[0])
        window = _with_margin(inside, photo.shape) if box else inside
        matte = self._matte(_part(photo, window), stop)
        stop()
        sure = confidence(matte, _within(inside, window, matte.shape) if box else None)
        return Cutout(_placed(matte, window, inside, photo.shape), sure, self._model)

    def _matte(self, photo: Rgb, stop: StopCheck) -> F32:
        """The network's matte at its own size, (side, side), 0..1."""
        activity = f"{self._model}/cut"
        with self._host.lease(
            self._model, ["model"], activity=activity, workspace=WORKSPACE, lane=self._lane, stop=stop
        ) as loaded:
            return loaded.run(lambda effort: _predicted(loaded, photo, effort))


def confidence(matte: F32, inside: Mask | None) -> float:
    """How far a matte can be trusted, 0..1: the product of what follows.

    Certainty: how much of the product's area the network left undecided away from the contour (``4 p (1 - p)``, which
    is 1 at 0.5). Something was found, and not everything is product. With a box (``inside``, the matte's size): the
    matte lies within it and fills it.
    """
    product = matte > 0.5
    if product.mean() < SHOWS_FROM:
        return 0.0
    edge = max(1, round(EDGE * matte.shape[1]))
    band = ~erode(~product, edge) & ~erode(product, edge)
    doubt = float((4 * matte * (1 - matte))[~band].sum() / matte.sum())
    sure = _falling(doubt, 0, ALL_IN_DOUBT)
    if inside is None:
        return round(sure * _falling(float(product.mean()), EVERYTHING_FROM, CERTAINLY_EVERYTHING), 3)
    elsewhere = float(matte[~inside].sum() / matte.sum())
    return round(sure * _falling(elsewhere, 0, ELSEWHERE) * min(1.0, _overlap(product & inside, inside) / FILLS), 3)


def _predicted(loaded: Loaded, photo: Rgb, effort: Effort) -> F32:
    """Half the resolution when memory is short: edges get softer, the product stays."""
    model = loaded.modules["model"]
    side = model.config.image_size // (2 if effort.halved else 1)
    with torch.inference_mode():
        logits = model(square_tensor(photo, side).to(loaded.device, loaded.dtype))["logits"]
        return np.asarray(logits[0, 0].float().sigmoid().cpu().numpy(), np.float32)


def _placed(matte: F32, window: Box, inside: Box, shape: tuple[int, ...]) -> F32:
    """The matte of ``window`` in a picture of ``shape``, 0 outside ``inside``."""
    whole, kept = np.zeros(shape[:2], np.float32), np.zeros(shape[:2], np.float32)
    whole[_slices(window)] = resized(matte, window.width, window.height).clip(0, 1)
    kept[_slices(inside)] = whole[_slices(inside)]
    return kept


def _clipped(box: Box, shape: tuple[int, ...]) -> Box:
    """The part of ``box`` in the picture, one pixel at least."""
    x, y = min(max(0, box.x), shape[1] - 1), min(max(0, box.y), shape[0] - 1)
    return Box(x, y, max(1, min(box.right, shape[1]) - x), max(1, min(box.bottom, shape[0]) - y))


def _with_margin(box: Box, shape: tuple[int, ...]) -> Box:
    margin = max(2, round(MARGIN * max(box.width, box.height)))
    return _between(box.x - margin, box.y - margin, box.right + margin, box.bottom + margin, shape)


def _between(left: int, top: int, right: int, bottom: int, shape: tuple[int, ...]) -> Box:
    x, y = max(0, left), max(0, top)
    return Box(x, y, min(right, shape[1]) - x, min(bottom, shape[0]) - y)


def _within(inside: Box, window: Box, shape: tuple[int, ...]) -> Mask:
    """Where the box is in the matte of its window."""
    down, across = shape[0] / window.height, shape[1] / window.width
    left, right = round((inside.x - window.x) * across), round((inside.right - window.x) * across)
    top, bottom = round((inside.y - window.y) * down), round((inside.bottom - window.y) * down)
    mask = np.zeros(shape, np.bool_)
    mask[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    return mask


def _overlap(product: Mask, inside: Mask) -> float:
    """IoU of the smallest rectangle around ``product`` (it lies in ``inside``) and the rectangle ``inside``."""
    if not product.any():
        return 0.0
    rows, columns = np.flatnonzero(product.any(1)), np.flatnonzero(product.any(0))
    return float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / inside.sum())


def _falling(value: float, full: float, none: float) -> float:
    """1 up to ``full``, 0 from ``none``, straight between."""
    return min(1.0, max(0.0, (none - value) / (none - full)))


def _part(photo: Rgb, window: Box) -> Rgb:
    return np.ascontiguousarray(photo[_slices(window)])


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.y, box.bottom), slice(box.x, box.right)
