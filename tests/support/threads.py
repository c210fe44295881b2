"""Threads of a test: what they raise fails the test, and none is waited for longer than a test may take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Start: TypeAlias = Callable[..., "Future[Any]"]
PATIENCE = 180.0
"""Seconds."""


@contextmanager
def threads(count: int = 8) -> Iterator[Start]:
    """``start(call, *arguments)`` runs ``call`` beside; leaving the block waits for all and raises what they raised."""
    started: list[Future[Any]] = []
    with ThreadPoolExecutor(count) as pool:

        def start(call: Callable[..., Any], *arguments: Any) -> Future[Any]:
            started.append(pool.submit(call, *arguments))
            return started[-1]

        yield start
        for one in started:
            one.result(PATIENCE)


def beside(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work`` on a loop of its own, where one runs already in this thread (Playwright's)."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(400)
