"""A conversation as server-sent events: that something was said, the words of an answer as they come, its end."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.businesses.visits import Visit
from nanococoa_backend.chat.repository import OPEN, Chats, Messages, Turns
from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.services import Services

KEEPALIVE_SECONDS: Final = 15


def event_stream(services: Services, visit: Visit, chat_id: uuid.UUID) -> EventSourceResponse:
    """Raises TooManyTries when somebody follows too many at once."""
    user_id, business_id = visit.user.id, visit.business.id
    services.watchers.check(user_id)

    async def counted() -> AsyncIterator[ServerSentEvent]:
        with services.watchers.counted(user_id):
            async with aclosing(chat_events(services, business_id, chat_id)) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    return EventSourceResponse(counted(), ping=KEEPALIVE_SECONDS, headers={"X-Accel-Buffering": "no"})


async def chat_events(services: Services, business_id: uuid.UUID, chat_id: uuid.UUID) -> AsyncIterator[ServerSentEvent]:
    """``changed`` with the last message's number, ``text`` with the answer so far, ``end`` when there is no more."""
    seen: dict[str, Any] | None = None
    told: dict[str, object] | None = None
    async with aclosing(services.chat.live.rounds()) as rounds:  # type: ignore[type-var]
        async for _ in rounds:
            try:
                state = await run_in_threadpool(_state, services, business_id, chat_id)
            except NotFound:
                return
            except BackendError:  # the database is away for a moment
                continue
            if state != seen:
                seen = state
                yield _event("changed", state)
            if state["status"] not in OPEN:
                yield _event("end", state)
                return
            partial = services.chat.live.of(uuid.UUID(state["turn_id"]))
            if partial is not None and partial.as_json() != told:
                told = partial.as_json()
                yield _event("text", told)


def _state(services: Services, business_id: uuid.UUID, chat_id: uuid.UUID) -> dict[str, Any]:
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        Chats(session).live(chat_id)
        turn = Turns(session).last(chat_id)
        return {
            "number": Messages(session).last_number(chat_id),
            "turn_id": str(turn.id) if turn else "",
            "status": turn.status if turn else "done",
            "problem": turn.problem if turn else "",
        }


def _event(name: str, data: Any) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=name)


def follows(request: Request) -> bool:
    """Whether the page's own script asks for a part of it."""
    return request.headers.get("x-part") == "1"
