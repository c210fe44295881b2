"""A job's changes as server-sent events, resumable where the client left off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from nanococoa_aiserver.api.answers import message_of, status_answer
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
        "whose data is the whole state as in `GET /status/{job_id}?images=url`; then the stream ends. Every event has "
        "an id: after a lost connection send it as `Last-Event-ID` and only what came later is sent. Clients that "
        "can't read streams should poll `GET /status/{job_id}?images=url` instead."
    ),
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "The stream of events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **errors(404, 422, 503),
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
        found = await _look(services, job_id, last)
        for event in found:
            last = event.id
            view = await run_in_threadpool(services.jobs.status, job_id)
            yield _told(services, event, view, locale)
            if event.kind in FINISHED and event.kind == view.status:
                return
        pause = _FIRST_PAUSE if found else min(_LONGEST_PAUSE, pause * 1.5)
        await asyncio.sleep(pause)


async def _look(services: Services, job_id: str, last: int) -> list[Event]:
    """New events; none while the database is away, so that the stream outlives its restart."""
    try:
        return await run_in_threadpool(services.jobs.events, last, job_id)
    except DatabaseUnavailable:
        return []


def _told(services: Services, event: Event, view: JobView, locale: Locale) -> ServerSentEvent:
    if event.kind in FINISHED and event.kind == view.status:
        whole = status_answer(view, "url", services.artifacts, None, locale)
        return ServerSentEvent(whole.model_dump_json(), event=event.kind, id=str(event.id))
    data: dict[str, Any] = {
        "job_id": event.job_id,
        "message": message_of(view, locale),
        "progress_percent": round(view.percent, 1),
        "eta_seconds": None if view.eta is None else round(view.eta, 1),
        **with_links(event.data),
    }
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=event.kind, id=str(event.id))
