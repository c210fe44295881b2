"""The cut-out on the rendered sample photos, with no help and with a box drawn within 4 %, against their masks."""

from __future__ import annotations

import random
import time
from argparse import Namespace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.measure import Measure, median
from bench.server import SAMPLES
from nanococoa_aiserver.engines.ports import Segmenter
from nanococoa_aiserver.engines.wiring import studio_engines
from nanococoa_aiserver.imaging.types import Box

Mask = npt.NDArray[np.bool_]


def measure_cutouts(options: Namespace) -> list[Measure]:
    segmenter = studio_engines().segmenter
    photos = sorted((SAMPLES / "products").glob("*.jpg"))[: 4 if options.quick else None]
    automatic = [_cut(segmenter, photo, None) for photo in photos]
    boxed = [_cut(segmenter, photo, _drawn_box(_truth(photo), seed)) for seed, photo in enumerate(photos)]
    return [
        *_measures("cutout", "Cut-out with no help", automatic, 0.80),
        *_measures("cutout_box", "Cut-out with a box", boxed, 0.94),
    ]


def _measures(name: str, title: str, runs: list[tuple[float, float]], least: float) -> list[Measure]:
    overlaps = [overlap for overlap, _ in runs]
    share = sum(overlap >= 0.9 for overlap in overlaps) / len(overlaps)
    seconds = median([spent for _, spent in runs])
    detail = {"photos": len(runs), "iou": sorted(round(overlap, 3) for overlap in overlaps)}
    return [
        Measure(f"{name}_share", f"{title}: share with IoU ≥ .9", share, "share", least, True, detail),
        Measure(f"{name}_median", f"{title}: median IoU", median(overlaps), "IoU", 0.97, True),
        Measure(f"{name}_seconds", f"{title}: a photo", seconds, "s", 1.2),
    ]


def _cut(segmenter: Segmenter, photo: Path, box: Box | None) -> tuple[float, float]:
    """IoU with the true mask, and seconds."""
    with Image.open(photo) as opened:
        rgb = np.asarray(opened.convert("RGB"))
    started = time.perf_counter()
    cutout = segmenter.cut(rgb, box, lambda: None)
    return _iou(cutout.alpha >= 0.5, _truth(photo)), time.perf_counter() - started


def _truth(photo: Path) -> Mask:
    with Image.open(photo.with_name(f"{photo.stem}_gt.png")) as opened:
        return np.asarray(opened.convert("L")) >= 128


def _drawn_box(truth: Mask, seed: int) -> Box:
    """The true box with each side moved by up to 4 % of the product's size, as a hand draws it."""
    draw = random.Random(seed)  # noqa: S311 no secret
    (top, bottom), (left, right) = (_extent(np.asarray(truth.any(axis)), draw) for axis in (1, 0))
    return Box(left, top, right - left, bottom - top)


def _extent(line: Mask, draw: random.Random) -> tuple[int, int]:
    """First and last true place of ``line``, each moved outwards by up to 4 % of their distance."""
    places = np.flatnonzero(line)
    first, end = int(places[0]), int(places[-1]) + 1
    slack = 0.04 * (end - first)
    return max(0, round(first - draw.uniform(0, slack))), min(len(line), round(end + draw.uniform(0, slack)))


def _iou(one: Mask, other: Mask) -> float:
    union = np.logical_or(one, other).sum()
    return float(np.logical_and(one, other).sum() / union) if union else 0.0
