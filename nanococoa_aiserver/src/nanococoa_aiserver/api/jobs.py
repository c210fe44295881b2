"""Ads: ask for one; and any job: watch it, stop it, go on with it, list and delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import structlog
from fastapi import APIRouter, Body, Header, Path, Query, Request, Response

from nanococoa_aiserver.api import examples
from nanococoa_aiserver.api.answers import ImagesAs, accepted, status_answer, summary
from nanococoa_aiserver.api.bodies import AdSubmission
from nanococoa_aiserver.api.changes import changed_params
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.language import as_locale, header_locale, locale_of
from nanococoa_aiserver.api.params import ad_params
from nanococoa_aiserver.api.services import ServicesDep
from nanococoa_aiserver.jobs.models import JobRow, JobView
from nanococoa_aiserver.jobs.names import AD_STEPS, EDIT_STEPS, Kind
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import JobAccepted, JobPage, JobStatus, ResumeRequest, StatusResponse

router = APIRouter(tags=["jobs"])

JobId: TypeAlias = Annotated[str, Path(description="The job_id that POST /generate answered with", max_length=100)]


@router.post(
    "/generate",
    summary="Make an ad from a product photo and a line of copy",
    description=(
        "Starts an ad job and answers at once with its `job_id`; the picture is not in this answer. Follow the job "
        "with `GET /status/{job_id}` (poll every second or two) or `GET /jobs/{job_id}/events` (live). Send JSON with "
        "the photo as base64, data URI or artifact id, or multipart/form-data with the photo as a file. The background "
        "is painted from `bg_prompt`; the copy is set as sharp, editable text. For only a cut-out use `POST /cutout`; "
        "to change words or style of a finished ad use `POST /render`, which repaints nothing. With an idempotency "
        "key, sending the same request again answers with the first job instead of making a second one."
    ),
    response_description="The job was accepted (or was known by its idempotency key)",
    responses=errors(400, 404, 413, 503, 507),
    openapi_extra=examples.generate_body(),
)
async def generate(
    request: Request,
    submission: AdSubmission,
    services: ServicesDep,
    idempotency_key: Annotated[
        str | None,
        Header(description="Same as `idempotency_key` in the body", min_length=1, max_length=200),
    ] = None,
) -> JobAccepted:
    asked = submission.request
    locale = locale_of(request)
    key = asked.idempotency_key or idempotency_key
    files = {name: uploads[-1] for name, uploads in submission.files.items()}

    def accept() -> JobRow:
        params = ad_params(asked, files, services.pictures, locale)
        return services.jobs.submit("ad", params, idempotency_key=key, priority=asked.priority, locale=locale)

    row = await services.take_in(accept)
    structlog.get_logger().info("job accepted", job_id=row.id, duplicate=row.duplicate)
    return accepted(row, locale)


@router.get(
    "/status/{job_id}",
    summary="Read a job's state, progress and finished pictures",
    description=(
        "The whole state of one job: status (pending, running, completed, failed, stopped), progress in per cent, the "
        "step under way, seconds left, warnings, checks, and the pictures as soon as they exist. Pictures are data "
        "URIs by default; `images=url` answers paths of `GET /artifacts/{id}` instead and is much lighter for "
        "polling, `images=none` leaves them out."
    ),
    response_description="The job's state now",
    response_model=StatusResponse,
    responses=errors(404, 503),
)
def status(
    request: Request,
    job_id: JobId,
    services: ServicesDep,
    images: Annotated[ImagesAs, Query(description="inline: data URIs; url: paths; none: no pictures")] = "inline",
) -> Response:
    view = services.jobs.status(job_id)
    state = status_answer(view, images, services.artifacts, services.machine.latest(), _language(request, view))
    # Written as it is: FastAPI would validate it a second time, and this is what clients poll.
    return Response(state.model_dump_json(), media_type="application/json")


@router.post(
    "/stop/{job_id}",
    summary="Stop a waiting or running job",
    description=(
        "Stops the job promptly, in the middle of a step if need be. Finished steps are kept, so that "
        "`POST /jobs/{job_id}/resume` can go on from there. A job that has already ended is left as it is."
    ),
    response_description="The job's status after the request",
    responses=errors(404, 503),
)
def stop(request: Request, job_id: JobId, services: ServicesDep) -> JobAccepted:
    view = services.jobs.stop(job_id)
    return JobAccepted(job_id=view.id, status=view.status, message=say("status", view.status, _language(request, view)))


@router.post(
    "/jobs/{job_id}/resume",
    summary="Go on with a failed or stopped job, or make a new version from a step",
    description=(
        "Without a body the failed or stopped job goes on at its unfinished step; finished steps are not done again. "
        f"With `from_step` ({', '.join(AD_STEPS)}; for an edit {', '.join(EDIT_STEPS)}) a new job is made "
        "that reuses the steps before it and applies `changes`, e.g. another `bg_prompt` from `background` with the "
        "same cut-out, or another `seed` from `edit`. For other words or another text style `POST /render` is quicker."
    ),
    response_description="The job that goes on: the same id, or the new version's",
    responses=errors(400, 404, 409, 413, 503, 507),
)
async def resume(
    request: Request,
    job_id: JobId,
    services: ServicesDep,
    body: Annotated[ResumeRequest | None, Body(openapi_examples=examples.RESUME)] = None,
) -> JobAccepted:
    def go_on() -> JobAccepted:
        if body is None or body.from_step is None:
            view = services.jobs.resume(job_id)
            message = say("status", "resumed", _language(request, view))
            return JobAccepted(job_id=view.id, status=view.status, message=message)
        view = services.jobs.status(job_id)
        locale = _language(request, view)
        changes = changed_params(view, body.from_step, body.changes, services.pictures, locale)
        row = services.jobs.fork(job_id, from_step=body.from_step, changes=changes)
        message = say("status", "forked", locale, from_step=body.from_step)
        return JobAccepted(job_id=row.id, status=row.status, message=message)

    return await services.take_in(go_on)


@router.get(
    "/jobs",
    summary="List jobs, newest first",
    description=(
        "Short entries with status, times per step and a thumbnail's path. Filter by status, kind, time and key; page "
        "with `limit` and `offset`. For one job's whole state use `GET /status/{job_id}`."
    ),
    response_description="One page of jobs, and how many match in all",
    responses=errors(503),
)
def list_jobs(
    request: Request,
    services: ServicesDep,
    status: Annotated[JobStatus | None, Query(description="Only jobs in this state")] = None,
    kind: Annotated[Kind | None, Query(description="Only jobs of this kind; ad is what POST /generate makes")] = None,
    since: Annotated[
        datetime | None, Query(description="Only jobs created at or after this time (ISO 8601; UTC unless it says so)")
    ] = None,
    key_prefix: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            description="Only jobs whose idempotency key begins so: whoever submits for several customers can tell "
            "their jobs apart",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Entries on a page")] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Entries to skip")] = 0,
) -> JobPage:
    after = (since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp() if since else None
    page = services.jobs.list_jobs(
        status=status, kind=kind, since=after, key_prefix=key_prefix, limit=limit, offset=offset
    )
    locale = locale_of(request)
    return JobPage(jobs=[summary(view, locale) for view in page.jobs], total=page.total, limit=limit, offset=offset)


@router.delete(
    "/jobs/{job_id}",
    status_code=204,
    summary="Delete a job and its files",
    description=(
        "Deletes the job and the pictures no other job uses; versions made from it keep theirs. A running job must be "
        "stopped first. This can't be undone."
    ),
    response_description="The job is gone",
    responses=errors(404, 409, 503),
)
def delete(job_id: JobId, services: ServicesDep) -> Response:
    services.jobs.delete(job_id)
    return Response(status_code=204)


def _language(request: Request, view: JobView) -> Locale:
    """The request's language when it names one, else the one the job was made in."""
    return header_locale(request) or as_locale(view.locale) or "ko"
