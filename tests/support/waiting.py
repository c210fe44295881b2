"""Bounded waits: a test waits for what it needs, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")


LONGEST_PAUSE: Final = 0.1


def until(ask: Callable[[], T], seconds: float = 180.0, pause: float = 0.02) -> T:
    """The first true answer of ``ask``; fails the test after ``seconds``, which costs nothing when things go well.

    What has not come after seconds is asked for less often: asking keeps those from work who are waited for."""
    began = time.monotonic()
    while not (answer := ask()):
        waited = time.monotonic() - began
        assert waited < seconds, f"still {answer!r} after {seconds} s"
        time.sleep(max(pause, min(LONGEST_PAUSE, waited / 20)))
    return answer
