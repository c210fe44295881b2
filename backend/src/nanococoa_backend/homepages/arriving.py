"""What a fulfilled wish changes: the page's name, its versions, and what the world sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import Session

from nanococoa_backend.businesses.models import Business
from nanococoa_backend.homepages.models import Homepage, HomepageTask
from nanococoa_backend.homepages.repository import Homepages
from nanococoa_backend.homepages.service import PUBLISH_AGAIN
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.homepage_contract import Sections, Versions
from nanococoa_backend.platform.tables import now


@dataclass(frozen=True, slots=True)
class Arrival:
    slug: str
    draft: str | None
    versions: Versions
    sections: Sections | None
    progress: dict[str, Any] | None


def settle(session: Session, task: HomepageTask, arrival: Arrival) -> None:
    """End the wish well. A name that is another page's is never taken: that page may be another business'."""
    homepage = Homepages(session).locked(task.homepage_id)
    task.finished_at, task.next_try_at, task.stop_wanted = now(), None, False
    if homepage.slug is None and _is_taken(session, arrival.slug, homepage):
        structlog.get_logger().error("homepage service gave a name twice", slug=arrival.slug)
        task.status, task.problem = "failed", {"code": "SLUG_TAKEN", "message": ""}
        return
    _show(homepage, arrival)
    task.status, task.problem, task.progress = "completed", None, arrival.progress or task.progress
    if homepage.published is not None:
        _take_down_what_was_deleted(session, homepage)


def _take_down_what_was_deleted(session: Session, homepage: Homepage) -> None:
    """It went out while somebody deleted it, or the whole business."""
    is_shop_gone = session.get_one(Business, homepage.business_id).deleted_at is not None
    if homepage.deleted_at is not None or is_shop_gone:
        request = {PUBLISH_AGAIN: homepage.published} if homepage.deleted_at is None else {}
        row = HomepageTask(business_id=homepage.business_id, homepage_id=homepage.id, kind="unpublish", request=request)
        session.add(row)


def _is_taken(session: Session, slug: str, homepage: Homepage) -> bool:
    business_id = homepage.business_id
    scope.widen(session)
    try:
        return Homepages(session).has_slug(slug, homepage.id)
    finally:
        scope.narrow(session, business_id)


def _show(homepage: Homepage, arrival: Arrival) -> None:
    found = arrival.versions
    homepage.slug, homepage.draft = arrival.slug, arrival.draft
    homepage.versions = [one.model_dump(mode="json") for one in found.versions]
    if arrival.sections is not None:
        homepage.sections = [one.model_dump(mode="json") for one in arrival.sections.sections]
    if found.published != homepage.published:
        homepage.published_at = now() if found.published else None
    homepage.published = found.published
    homepage.url = _web_address(found.homepage_url) if found.published else ""


def _web_address(url: str | None) -> str:
    """A path on the suite's own door or a web address; anything else (``javascript:``) is none."""
    given = url or ""
    if given.startswith("/") and not given.startswith(("//", "/\\")):
        return given
    return given if urlsplit(given).scheme in ("http", "https") else ""
