"""A wish's progress as server-sent events: its whole state at each change, until it has ended.

What the service says is in the row already (``sending`` follows it), so the row is all that is looked at.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.homepages.progress import progress_of
from nanococoa_backend.homepages.repository import UNDER_WAY, Homepages, Tasks
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.services import Services

PAUSE: Final = 0.7
KEEPALIVE_SECONDS: Final = 15
LONGEST: Final = 1800.0
"""Seconds of one connection; browsers connect anew by themselves."""


def event_stream(
    services: Services, user_id: uuid.UUID, business_id: uuid.UUID, task_id: uuid.UUID, locale: Locale
) -> EventSourceResponse:
    """Raises TooManyTries for somebody with too many open connections."""
    services.watchers.check(user_id)

    async def counted() -> AsyncIterator[ServerSentEvent]:
        with services.watchers.counted(user_id):
            async for event in task_events(services.database, business_id, task_id, locale):
                yield event

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(counted(), ping=KEEPALIVE_SECONDS, headers=headers)


async def task_events(
    database: Database, business_id: uuid.UUID, task_id: uuid.UUID, locale: Locale
) -> AsyncIterator[ServerSentEvent]:
    """``progress`` for each change, ``end`` at last."""
    clock = asyncio.get_running_loop().time
    last: dict[str, Any] | None = None
    number, ends = 0, clock() + LONGEST
    while clock() < ends:
        state: dict[str, Any] | None
        try:
            state = await run_in_threadpool(_state, database, business_id, task_id, locale)
        except NotFound:
            return
        except BackendError:  # the database is away for a moment
            state = last
        if state is not None and state != last:
            number, last = number + 1, state
            ended = state["status"] not in UNDER_WAY
            yield ServerSentEvent(
                json.dumps(state, ensure_ascii=False), event="end" if ended else "progress", id=str(number)
            )
            if ended:
                return
        await asyncio.sleep(PAUSE)


def _state(database: Database, business_id: uuid.UUID, task_id: uuid.UUID, locale: Locale) -> dict[str, Any]:
    with database.begin() as session:
        scope.narrow(session, business_id)
        task = Tasks(session).get(task_id)
        Homepages(session).live(task.homepage_id)
        return progress_of(task, locale).as_json()
