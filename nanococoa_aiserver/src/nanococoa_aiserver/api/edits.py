"""Edits: ask for a picture to be changed by an instruction. Watching, stopping and resuming are as for ads."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request

from nanococoa_aiserver.api import examples
from nanococoa_aiserver.api.answers import accepted
from nanococoa_aiserver.api.bodies import EditSubmission
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.edit_params import edit_params
from nanococoa_aiserver.api.language import locale_of
from nanococoa_aiserver.api.machine import alive_workers
from nanococoa_aiserver.api.services import Services, ServicesDep
from nanococoa_aiserver.errors import ModelUnavailable
from nanococoa_aiserver.jobs.models import JobRow
from nanococoa_client.schemas import JobAccepted

router = APIRouter(tags=["jobs"])

ENGINE = "diffusion"
"""The engine that can edit."""


@router.post(
    "/edit",
    status_code=202,
    summary="Change a picture by an instruction",
    description=(
        "Starts an edit and answers at once with its `job_id`: 'put the bottle on a beach', 'make the sofa red'. "
        "Follow it with `GET /status/{job_id}` (`edit` tells what was understood, `checks.self_check` whether the "
        "result shows it) or `GET /jobs/{job_id}/events`. The result has the upload's own size. With `mode: local` "
        "only the thing the instruction names (or a `mask`) changes, everything else stays byte for byte; with "
        "`keep_product` the product stays untouched whatever else changes. Needs the diffusion engine; without it "
        "the answer is MODEL_UNAVAILABLE. For a new ad from a product photo use `POST /generate`; for other words on "
        "a finished ad `POST /render`. With an idempotency key, sending the same request again answers with the "
        "first job."
    ),
    response_description="The job was accepted (or was known by its idempotency key)",
    responses=errors(400, 404, 413, 503, 507),
    openapi_extra=examples.edit_body(),
)
async def edit(
    request: Request,
    submission: EditSubmission,
    services: ServicesDep,
    idempotency_key: Annotated[
        str | None,
        Header(description="Same as `idempotency_key` in the body", min_length=1, max_length=200),
    ] = None,
) -> JobAccepted:
    asked = submission.request
    locale = locale_of(request)
    key = asked.idempotency_key or idempotency_key

    def accept() -> JobRow:
        if not asked.test_mode:
            _check_engine(services)
        params = edit_params(asked, submission.files, services.pictures, locale)
        return services.jobs.submit("edit", params, idempotency_key=key, priority=asked.priority, locale=locale)

    row = await services.take_in(accept)
    structlog.get_logger().info("job accepted", job_id=row.id, duplicate=row.duplicate)
    return accepted(row, locale)


def _check_engine(services: Services) -> None:
    """Raises ModelUnavailable when workers are known and none of them can edit; a job would only wait to fail."""
    workers = alive_workers(services)
    if workers and all(worker.engine != ENGINE for worker in workers):
        raise ModelUnavailable("editing_unavailable", model="FLUX.2", install=f"ENGINE={ENGINE}")
