"""Whether asking a service again can help, and when to."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from nanococoa_client.errors import ServiceError

LONGEST_PAUSE: Final = 60
"""Seconds until the next try after many in vain."""

LASTING: Final = frozenset({"MODEL_UNAVAILABLE", "INTERNAL_ERROR", "RENDER_FAILED"})
"""Failures on a service's own side that the same request meets again."""


def may_pass(error: ServiceError) -> bool:
    """The same may succeed later: the service is away, busy or starting, or its disk is full for now."""
    return error.code not in LASTING and (error.status >= 500 or error.status in (401, 429))


def pause_after(error: ServiceError, tries: int) -> timedelta:
    """What the service asks for, else longer with every try."""
    return timedelta(seconds=error.retry_after) if error.retry_after else pause_of(tries)


def pause_of(tries: int) -> timedelta:
    return timedelta(seconds=min(LONGEST_PAUSE, 2 ** min(tries, 10)))
