"""What was measured of one contender, and how the contenders compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb

VISIBLE = 8.0
"""Mean difference (of 255) outside the thing at which an axis of the chart is used up: plainly another picture."""


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds and GiB; ``clip_score`` 0..100 of the result against the caption (None without CLIP).

    ``outside_difference`` is the mean over all channels (0..255) outside the thing's exact mask grown as the product
    grows it, ``inside_difference`` the same within it; ``found`` and ``overlap`` (IoU with the exact mask) are the
    detector's, None for the single model. ``latency_seconds`` is the median with everything loaded.
    """

    title: str
    models: tuple[str, ...]
    weights: str
    load_seconds: float
    latency_seconds: float
    peak_gib: float
    outside_difference: float
    inside_difference: float
    cases: int
    clip_score: float | None = None
    found: int | None = None
    overlap: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: _rounded(value) for name, value in asdict(self).items()}


def differences(before: Rgb, after: Rgb, region: Mask) -> tuple[float, float]:
    """Mean absolute difference of all channels outside and inside ``region``."""
    difference = np.abs(before.astype(np.int16) - after)
    return float(difference[~region].mean()), float(difference[region].mean())


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


AXES = ("latency", "load time", "peak memory", "CLIP score", "outside kept")


def shares(results: Sequence[Result]) -> list[list[float]]:
    """Each result on the chart's axes, 0..1 with 1 the best of them: times and memory by best / own, the score by own /
    best, and ``outside kept`` by how far the outside is from being plainly another picture."""
    scores = [result.clip_score or 0.0 for result in results]
    costs = [(result.latency_seconds, result.load_seconds, result.peak_gib) for result in results]
    least = [max(1e-9, min(column)) for column in zip(*costs, strict=True)]
    return [
        [
            *(best / max(best, own) for best, own in zip(least, cost, strict=True)),
            score / max(1e-9, *scores),
            1 - min(1.0, result.outside_difference / VISIBLE),
        ]
        for result, cost, score in zip(results, costs, scores, strict=True)
    ]


def _rounded(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
