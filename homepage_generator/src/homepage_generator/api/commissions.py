"""A homepage asked for: read, checked and kept as a job before the answer."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request

from homepage_generator.api.answers import accepted
from homepage_generator.api.declared import errors
from homepage_generator.api.language import locale_of, remember
from homepage_generator.api.schemas import Accepted, Commission, Options, Theme
from homepage_generator.api.services import Services, ServicesDep
from homepage_generator.jobs.models import Job, NewJob
from homepage_generator.jobs.requests import making
from homepage_generator.render.theme import themes
from homepage_generator.spec.reading import read_commission

router = APIRouter(tags=["homepages"])
_OURS = {"publish", "approve", "slug"}

IdempotencyKey = Annotated[
    str | None,
    Header(description="The same key again answers with the same job", min_length=1, max_length=200),
]


@router.get("/options", summary="What a homepage may look like", responses=errors())
def options() -> Options:
    """The looks that `style` may name, in both languages."""
    return Options(themes=[Theme.model_validate(theme, from_attributes=True) for theme in themes()])


@router.post("/generate", status_code=202, summary="Have a homepage made", responses=errors(400, 404, 413, 503, 507))
async def generate(
    request: Request, commission: Commission, services: ServicesDep, idempotency_key: IdempotencyKey = None
) -> Accepted:
    """Starts a job and answers at once with its id; follow it with `GET /status/{job_id}` or its events. Facts and
    pictures are read now: a wrong one is refused here by its field, not later. Nothing is made up that is not given.
    The finished page is published unless `publish` is false."""
    remember(request, commission)
    job = await services.take_in(lambda: _submit(commission, services, idempotency_key))
    structlog.get_logger().info("job accepted", job_id=job.id, kind=job.kind)
    return accepted(job, locale_of(request))


def _submit(commission: Commission, services: Services, key: str | None) -> Job:
    if commission.slug is not None:
        services.sites.site(commission.slug)
    brief, warnings = read_commission(commission.model_dump(exclude=_OURS), services.media, services.pictures)
    remake = commission.slug is not None
    asked = making(brief, warnings, publish=commission.publish, approve=commission.approve, remake=remake)
    new = NewJob("make", asked, commission.locale, slug=commission.slug or "", idempotency_key=key)
    return services.jobs.submit(new)
