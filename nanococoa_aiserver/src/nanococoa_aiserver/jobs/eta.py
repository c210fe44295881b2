"""How far a job is and how long it will take, from the measured times of earlier steps. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from statistics import median
from typing import Final

RECENT: Final = 20
"""Times a median is taken of: few enough to follow a new machine, enough to ignore one slow job."""

_FIRST_GUESS: Final[dict[str, float]] = {
    "segment": 0.6,
    "background": 0.3,
    "composite": 0.15,
    "refine": 0.02,
    "self_check": 0.002,
    "analyse": 0.1,
    "design": 0.1,
    "render": 0.8,
    "export": 0.15,
    "look": 2.0,
    "locate": 1.0,
    "edit": 7.0,
    "check": 2.0,
    "finish": 0.5,
}
"""Seconds until a step has been measured once: an ad's with the studio engine on two cores, an edit's on an L4."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """One measured step; ``formats`` is how many placements its job made."""

    engine: str
    step: str
    formats: int
    seconds: float


def bucket(formats: int) -> int:
    """Jobs whose number of formats is about the same take about the same time: 1, 2, 3–4, 5–8, 9–16 …"""
    return max(0, formats - 1).bit_length()


def expected_seconds(
    newest_first: Iterable[StepTime], engine: str, steps: Sequence[str], formats: int
) -> dict[str, float]:
    """Seconds each step should take: the median of its recent times in this bucket, else in any, else a first guess."""
    close: dict[str, list[float]] = {step: [] for step in steps}
    any_size: dict[str, list[float]] = {step: [] for step in steps}
    for time in newest_first:
        if time.engine != engine or time.step not in close:
            continue
        any_size[time.step].append(time.seconds)
        if bucket(time.formats) == bucket(formats):
            close[time.step].append(time.seconds)
    return {step: _typical(close[step] or any_size[step], step) for step in steps}


def percent(
    expected: Mapping[str, float], done: Iterable[str], current: str | None = None, share: float = 0.0
) -> float:
    """0..100, each step weighing its expected seconds; ``share`` is the part of ``current`` that is done."""
    total = sum(expected.values())
    if total <= 0:
        return 0.0
    finished = sum(expected.get(step, 0.0) for step in done)
    under_way = expected.get(current, 0.0) * _clamped(share) if current else 0.0
    return min(100.0, 100 * (finished + under_way) / total)


def remaining(
    expected: Mapping[str, float], done: Iterable[str], current: str | None = None, share: float = 0.0
) -> float:
    """Seconds still expected at the moment ``share`` was told."""
    left = sum(expected.values()) - sum(expected.get(step, 0.0) for step in done)
    return left - (expected.get(current, 0.0) * _clamped(share) if current else 0.0)


def counted_down(remaining_then: float, then: float, now: float) -> float:
    """Remaining seconds now; negative when the job is late."""
    return remaining_then - max(0.0, now - then)


def queue_wait(running: Sequence[float], waiting: Sequence[float], slots: int) -> float:
    """Seconds until a job behind ``waiting`` starts, when ``slots`` work side by side.

    ``running`` are the remaining seconds of running jobs, ``waiting`` the expected seconds of those ahead, in order.
    """
    free = [max(0.0, left) for left in running][:slots]
    free += [0.0] * (max(1, slots) - len(free))
    heapify(free)
    for seconds in waiting:
        heapreplace(free, free[0] + seconds)
    return free[0]


def _typical(seconds: Sequence[float], step: str) -> float:
    return max(0.001, median(seconds[:RECENT])) if seconds else _FIRST_GUESS.get(step, 0.5)


def _clamped(share: float) -> float:
    return min(1.0, max(0.0, share))
