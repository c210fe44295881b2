"""A job, a site, a version as clients read them: addresses made whole, keys made sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from homepage_generator.api.schemas import (
    Accepted,
    JobState,
    MessageView,
    Published,
    Result,
    Screenshot,
    SiteView,
    State,
    VersionsView,
    VersionView,
)
from homepage_generator.api.services import Services
from homepage_generator.jobs.models import Job
from homepage_generator.messages import has, say
from homepage_generator.publish.messages import Kept
from homepage_generator.publish.sites import Site, Version
from nanococoa_client.messages import Locale


def accepted(job: Job, locale: Locale) -> Accepted:
    return Accepted(job_id=job.id, status=_state(job), message=say(locale, "status.accepted"))


def job_state(job: Job, services: Services, locale: Locale) -> JobState:
    return JobState(
        job_id=job.id,
        kind=job.kind,
        status=_state(job),
        message=message_of(job, locale),
        progress_percent=round(job.percent, 1),
        agent=job.agent,
        step=job.step,
        awaits_approval=job.status == "waiting",
        eta_seconds=None if job.eta is None else round(job.eta, 1),
        queue_position=job.queue_position,
        screenshots=[Screenshot.model_validate(shot) for shot in job.screenshots],
        warnings=[_warning(code, locale) for code in job.warnings],
        result=_result(job, services),
        error=_error(job, locale),
        created_at=_time(job.created),
        finished_at=_time(job.finished) if job.finished else None,
    )


def message_of(job: Job, locale: Locale) -> str:
    """What is happening, in a person's words."""
    if job.error is not None and job.status == "failed":
        return job.error.message(locale)
    if job.status == "pending" and (job.queue_position or 1) > 1:
        return say(locale, "status.pending_ahead", ahead=(job.queue_position or 1) - 1)
    if job.status == "running":
        for key in (f"steps.{job.step}", f"agents.{job.agent}"):
            if has(key):
                return say(locale, key)
    return say(locale, f"status.{job.status}")


def site_view(site: Site, services: Services) -> SiteView:
    url = services.address(site.slug) if site.published else None
    return SiteView(slug=site.slug, name=site.name, published=site.published, homepage_url=url)


def versions_view(site: Site, versions: list[Version], services: Services) -> VersionsView:
    told = [VersionView(id=one.id, created_at=_time(one.created), changes=one.changes) for one in versions]
    return VersionsView(**site_view(site, services).model_dump(), versions=told)


def published(site: Site, services: Services) -> Published:
    url = services.address(site.slug) if site.published else None
    return Published(slug=site.slug, version=site.published, homepage_url=url)


def message_view(kept: Kept) -> MessageView:
    delivered = _time(kept.delivered) if kept.delivered else None
    return MessageView(id=kept.id, created_at=_time(kept.created), delivered_at=delivered, **kept.body)


def _state(job: Job) -> State:
    """To others, a page that waits for its owner's word is still under way."""
    return "running" if job.status == "waiting" else job.status


def _result(job: Job, services: Services) -> Result | None:
    if job.result is None:
        return None
    slug = job.result["slug"]
    url = services.address(slug) if job.result["published"] else None
    return Result(slug=slug, version=job.result["version"], homepage_url=url)


def _error(job: Job, locale: Locale) -> dict[str, Any] | None:
    if job.error is None or job.status != "failed":
        return None
    body = job.error.envelope(locale).error.model_copy(update={"job_id": job.id})
    return body.model_dump(mode="json", exclude_none=True)


def _warning(code: str, locale: Locale) -> str:
    """A code may carry what it is about: ``picture_left_out:products[3].image``."""
    key, _, about = code.partition(":")
    return say(locale, f"warnings.{key}", about=about) if has(f"warnings.{key}") else code


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
