"""Bounded waits: a test waits for what it needs, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(ask: Callable[[], T], seconds: float = 180.0, pause: float = 0.02) -> T:
    """The first true answer of ``ask``; fails the test after ``seconds``, which costs nothing when things go well."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(pause)
    return answer
