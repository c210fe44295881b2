"""Jobs: look, watch, stop, let go on, say whether a page is right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from homepage_generator.api.answers import accepted, job_state
from homepage_generator.api.declared import errors
from homepage_generator.api.language import locale_of
from homepage_generator.api.schemas import Accepted, Answered, JobId, JobState
from homepage_generator.api.services import Services, ServicesDep
from homepage_generator.errors import DatabaseGone
from homepage_generator.jobs.models import FINISHED, Job
from homepage_generator.spec.work import Approval
from nanococoa_client.messages import Locale

router = APIRouter(tags=["jobs"])

KEEPALIVE_SECONDS: Final = 15
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
"""Seconds between two looks at a job: short while it changes, longer while it does not."""

_PICTURES: Final = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description="From the job's `screenshots`")]


@router.get("/status/{job_id}", summary="Read how far a job is", responses=errors(404, 503))
def status(request: Request, job_id: JobId, services: ServicesDep) -> JobState:
    """Progress, the agent at work and its step, screenshots as they come, and at last `result` or `error`."""
    return job_state(services.jobs.status(job_id), services, locale_of(request))


@router.get(
    "/jobs/{job_id}/events",
    summary="Watch a job live (server-sent events)",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "The events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **errors(404, 503),
    },
)
async def events(request: Request, job_id: JobId, services: ServicesDep) -> EventSourceResponse:
    """A `progress` event at each change and at last `completed`, `failed` or `stopped`; the data is the state as
    `GET /status/{job_id}` answers it. A new connection begins with the state as it is now."""
    await run_in_threadpool(services.jobs.status, job_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(services, job_id, locale_of(request))
    return EventSourceResponse(stream, ping=KEEPALIVE_SECONDS, headers=headers)


@router.get(
    "/jobs/{job_id}/screenshots/{name}",
    summary="See the page so far",
    response_class=Response,
    responses={
        200: {
            "description": "The picture",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES.values()},
        },
        **errors(404),
    },
)
def screenshot(job_id: JobId, name: Name, services: ServicesDep) -> FileResponse:
    """A picture that the job's state names."""
    path = services.jobs.screenshot(job_id, name)
    return FileResponse(path, media_type=_PICTURES.get(path.suffix, "application/octet-stream"))


@router.post("/stop/{job_id}", summary="Stop a job", responses=errors(404, 503))
def stop(request: Request, job_id: JobId, services: ServicesDep) -> Accepted:
    """What waits ends at once, what runs in a moment; nothing of it is kept. One that has ended stays as it is."""
    return accepted(services.jobs.stop(job_id), locale_of(request))


@router.post("/resume/{job_id}", status_code=202, summary="Let a job go on", responses=errors(404, 409, 503))
def resume(request: Request, job_id: JobId, services: ServicesDep) -> Accepted:
    """For a job that failed or was stopped: it goes on with what it had; 409 for any other."""
    return accepted(services.jobs.resume(job_id), locale_of(request))


@router.post("/jobs/{job_id}/answer", status_code=202, summary="Approve a page", responses=errors(404, 409, 503))
def answer(request: Request, job_id: JobId, said: Answered, services: ServicesDep) -> Accepted:
    """For a job that `awaits_approval`: let it be published, or say what to change."""
    approval = Approval(said.approved, said.words)
    return accepted(services.jobs.answer(job_id, approval), locale_of(request))


async def _stream(services: Services, job_id: str, locale: Locale) -> AsyncIterator[ServerSentEvent]:
    pause, seen = _FIRST_PAUSE, -1
    while True:
        job = await run_in_threadpool(_look, services, job_id)
        if job is not None and job.changed != seen:
            seen, pause = job.changed, _FIRST_PAUSE
            kind = job.status if job.status in FINISHED else "progress"
            yield ServerSentEvent(job_state(job, services, locale).model_dump_json(), event=kind, id=str(seen))
        if job is not None and job.status in FINISHED:
            return
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 1.5)


def _look(services: Services, job_id: str) -> Job | None:
    """None while the database is away: the stream outlives its restart."""
    try:
        return services.jobs.status(job_id)
    except DatabaseGone:
        return None
