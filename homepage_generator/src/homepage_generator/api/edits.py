"""A version changed by words or by a patch: a job, because its result passes the gate as well."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from homepage_generator.api.answers import accepted
from homepage_generator.api.commissions import IdempotencyKey
from homepage_generator.api.declared import errors
from homepage_generator.api.language import locale_of, remember
from homepage_generator.api.schemas import Accepted, EditIn, Slug
from homepage_generator.api.services import Services, ServicesDep
from homepage_generator.errors import InvalidField, NotFound
from homepage_generator.jobs.models import Job, NewJob
from homepage_generator.jobs.requests import editing
from homepage_generator.spec.patch import Patch, apply
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import EditAsked

router = APIRouter(prefix="/sites", tags=["sites"])


@router.post("/{slug}/edit", status_code=202, summary="Change a site", responses=errors(404, 413, 503))
async def edit(
    request: Request, slug: Slug, given: EditIn, services: ServicesDep, idempotency_key: IdempotencyKey = None
) -> Accepted:
    """Makes a version of the version `base`, in which nothing but the named section is different (or, with words
    alone, what the words are about). What a person changed by hand is not overwritten by an agent later on."""
    remember(request, given)
    job = await run_in_threadpool(_submit, slug, given, services, idempotency_key)
    structlog.get_logger().info("job accepted", job_id=job.id, kind=job.kind)
    return accepted(job, locale_of(request))


def _submit(slug: str, given: EditIn, services: Services, key: str | None) -> Job:
    base = given.base or services.sites.versions(services.sites.site(slug).slug)[0].id
    spec = SiteSpec.model_validate(services.sites.spec(slug, base))
    if given.section is not None and given.section not in {section.id for _, section in spec.sections()}:
        raise NotFound("section_not_found", section=given.section)
    patch = given.patch.model_dump(exclude_none=True) if given.patch else None
    if patch is not None and given.section is not None:
        apply(spec, given.section, Patch.model_validate(patch), by="person")  # a wrong patch is refused now
    if given.instruction is not None and not given.instruction.strip():
        raise InvalidField("instruction", "empty")
    asked = EditAsked(given.section, given.instruction, patch)
    new = NewJob("edit", editing(base, asked, publish=given.publish), given.locale, slug, key)
    return services.jobs.submit(new)
