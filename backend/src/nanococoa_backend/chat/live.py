"""An answer while it is being made: its words so far, for those who watch. What is finished stands in the database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from nanococoa_backend.platform.watch import Bell

PAUSE: Final = 1.0
"""Seconds until the next look at the database: the answer may be made in another process."""


@dataclass(slots=True)
class Partial:
    """``call`` is the tool at work, ``percent`` and ``line`` what it says of itself."""

    text: str = ""
    call: str = ""
    percent: float | None = None
    line: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Live:
    """Answers being made in this process, by turn. Used on the event loop alone."""

    def __init__(self) -> None:
        self._partial: dict[uuid.UUID, Partial] = {}
        self._watchers: set[asyncio.Event] = set()

    def tell(self, turn_id: uuid.UUID, partial: Partial) -> None:
        self._partial[turn_id] = partial
        self.ring()

    def forget(self, turn_id: uuid.UUID) -> None:
        self._partial.pop(turn_id, None)
        self.ring()

    def of(self, turn_id: uuid.UUID) -> Partial | None:
        return self._partial.get(turn_id)

    def ring(self) -> None:
        for event in self._watchers:
            event.set()

    async def rounds(self) -> AsyncIterator[None]:
        """At once, then whenever something is told, and every moment."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            while True:
                yield None
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await event.wait()
                event.clear()
        finally:
            self._watchers.discard(event)


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What the chat needs beside what every route has. ``is_open``: there is a language model to talk to."""

    live: Live
    bell: Bell
    is_open: bool
