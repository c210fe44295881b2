"""How long a job will still take, from what earlier ones took. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

FIRST_GUESS: Final = {"make": 12.0, "edit": 8.0}
"""Seconds until one of a kind has been made: with the built-in agents on two cores."""


def typical(recent: Sequence[float], kind: str) -> float:
    """Seconds one such job takes."""
    return median(recent) if recent else FIRST_GUESS[kind]


def remaining(whole: float, percent: float, elapsed: float) -> float:
    """Seconds a running job still needs; late ones are believed by how far they are."""
    if percent >= 5 and elapsed > whole:
        return elapsed * (100 - percent) / percent
    return max(0.5, whole - elapsed)


def wait(whole: float, ahead: int, workers: int) -> float:
    """Seconds a waiting job still needs until it is done."""
    return whole * (ahead // max(1, workers) + 1)
