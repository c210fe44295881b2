"""Connections that stay open (server-sent events), counted by person: many open tabs must not use up the server."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nanococoa_backend.errors import TooManyTries

MOST_PER_PERSON: Final = 12


class Watchers:
    """In one process; a page that is refused asks now and then instead."""

    def __init__(self) -> None:
        self._open: Counter[uuid.UUID] = Counter()

    def check(self, user_id: uuid.UUID) -> None:
        """Raises TooManyTries."""
        if self._open[user_id] >= MOST_PER_PERSON:
            raise TooManyTries(retry_after=5)

    @contextmanager
    def counted(self, user_id: uuid.UUID) -> Iterator[None]:
        """One more as long as it lasts."""
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
