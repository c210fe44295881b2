"""A job's changes as server-sent events, resumable where the client left off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from nanococoa_aiserver.api.answers import status_answer, told_message
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.jobs import JobId
from nanococoa_aiserver.api.language import as_locale, header_locale
from nanococoa_aiserver.api.links import with_links
from nanococoa_aiserver.api.services import Services, ServicesDep
from nanococoa_aiserver.errors import DatabaseUnavailable
from nanococoa_aiserver.jobs.models import Event, JobView
from nanococoa_aiserver.jobs.names import FINISHED
from nanococoa_client.messages import Locale

router = APIRouter(tags=["jobs"])

KEEPALIVE_SECONDS: Final = 15
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.4
"""Seconds between two looks at a job's events: short while it changes, longer while it does not."""


@router.get(
    "/jobs/{job_id}/events",
    summary="Watch a job live (server-sent events)",
    description=(
        "A stream of every change: `progress`, `step`, `preview`, and at last `completed`, `failed` or `stopped`, "
        "whose data is the state as in `GET /status/{job_id}?images=url` but for the text layer; then the stream ends. "
        "Every event has "
        "an id: after a lost connection send it as `Last-Event-ID` and only what came later is sent. Clients that "
        "can't read streams should poll `GET /status/{job_id}?images=url` instead."
    ),
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "The stream of events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **errors(404, 503),
    },
)
async def events(
    request: Request,
    job_id: JobId,
    services: ServicesDep,
    last_event_id: Annotated[int, Header(ge=0, le=2**62, description="The last event's id that was received")] = 0,
) -> EventSourceResponse:
    view = await run_in_threadpool(services.jobs.status, job_id)
    locale = header_locale(request) or as_locale(view.locale) or "ko"
    return EventSourceResponse(
        _stream(services, job_id, last_event_id, locale),
        ping=KEEPALIVE_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(services: Services, job_id: str, last: int, locale: Locale) -> AsyncIterator[ServerSentEvent]:
    pause = _FIRST_PAUSE
    while True:
        view, found = await run_in_threadpool(_look, services, job_id, last)
        is_end = view is not None and view.status in FINISHED
        for event in found[:-1] if is_end else found:
            yield _told(event, locale)
        if is_end:
            if found and view is not None:
                yield _end(services, found[-1], view, locale)
            return
        last = found[-1].id if found else last
        pause = _FIRST_PAUSE if found else min(_LONGEST_PAUSE, pause * 1.5)
        await asyncio.sleep(pause)


def _look(services: Services, job_id: str, last: int) -> tuple[JobView | None, list[Event]]:
    """The job's state, and what happened up to it at least, its end included. Blocking.

    Nothing while the database is away: the stream outlives its restart.
    """
    try:
        view = services.jobs.status(job_id)
        return view, services.jobs.events(last, job_id)
    except DatabaseUnavailable:
        return None, []


def _told(event: Event, locale: Locale) -> ServerSentEvent:
    """A change in the words of ``StatusResponse``; pictures as paths."""
    state = event.data
    data: dict[str, Any] = {
        "job_id": event.job_id,
        "status": state.get("status"),
        "progress_percent": round(state.get("percent", 0.0), 1),
        "current_step": state.get("stage") or None,
        "step": state.get("step"),
        "sub_step": state.get("sub_step"),
        "message": told_message(state.get("status", event.kind), state.get("step"), locale),
        **with_links(state.get("previews", {})),
    }
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=event.kind, id=str(event.id))


def _end(services: Services, event: Event, view: JobView, locale: Locale) -> ServerSentEvent:
    whole = status_answer(view, "url", services.artifacts, None, locale)
    return ServerSentEvent(whole.model_dump_json(exclude={"layer"}), event=view.status, id=str(event.id))
