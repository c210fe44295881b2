"""One measured number beside its limit, and the small statistics that all measurements share."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """``limit`` is the most ``value`` may be, or the least where ``at_least``. ``detail`` is kept in the JSON only."""

    name: str
    title: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def ratio(self) -> float | None:
        """The share of the limit that is used up: 1 is just met, less is better. None where the limit is 0 or none."""
        if not self.limit or (self.at_least and not self.value):
            return None
        return self.limit / self.value if self.at_least else self.value / self.limit

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds, "ratio": self.ratio}


def median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which ``share`` (0..1) of ``values`` lie, by nearest rank."""
    ordered = sorted(values)
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))])
