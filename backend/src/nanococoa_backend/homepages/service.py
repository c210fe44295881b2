"""What people do with homepages. Nothing here speaks to the service: a wish is a row that waits (``sending``)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import InvalidField, NotFound, Outdated, TooManyHomepages
from nanococoa_backend.homepages.commission import facts_of
from nanococoa_backend.homepages.models import Homepage, HomepageTask
from nanococoa_backend.homepages.repository import UNDER_WAY, Homepages, Tasks
from nanococoa_backend.homepages.schemas import EditIn, HomepageOrder
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.homepage_contract import Section, Version
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit

UNDO: Final = timedelta(days=7)
"""A deleted page can be brought back for this long."""

PUBLISH_AGAIN: Final = "publish_again"
"""In a wish to take a page down: the version to show again when the business' deletion is undone."""

MOST: Final = 20
MOST_WAITING: Final = 10
"""Wishes for one page that may wait at once."""


class HomepageService:
    def __init__(self, session: Session, business: Business, user_id: uuid.UUID | None, bell: Bell) -> None:
        self._session, self._business, self._user_id, self._bell = session, business, user_id, bell
        self.homepages, self.tasks = Homepages(session), Tasks(session)

    def make(self, order: HomepageOrder, key: str | None = None) -> Homepage:
        """A page that waits to be made; the same ``key`` gives the same page. Raises InvalidField, TooManyHomepages."""
        if key and (known := self.tasks.by_key(key)) is not None:
            return self.homepages.get(known.homepage_id)
        if self.homepages.count() >= MOST:
            raise TooManyHomepages(limit=MOST)
        facts = facts_of(self._session, self._business, order)
        title = order.title or self._business.name
        homepage = self.homepages.add(Homepage(business_id=self._business.id, title=title))
        self._wish(homepage, "make", facts, words=order.wishes, key=key)
        return homepage

    def edit(self, homepage: Homepage, given: EditIn, locale: Locale) -> HomepageTask:
        """Raises Outdated before there is something to change, InvalidField for what its section does not have."""
        section = section_of(homepage, given.section) if given.section else None
        if homepage.draft is None:
            raise Outdated
        patch = given.patch.model_dump(exclude_none=True) if given.patch else None
        if section is not None and patch is not None:
            _check(section, patch)
        request = {"section": given.section, "instruction": given.instruction or None, "patch": patch, "locale": locale}
        return self._wish(homepage, "edit", request, words=given.instruction)

    def publish(self, homepage: Homepage, version: str | None = None) -> HomepageTask:
        """Show the draft (or an earlier version, which is going back) to the world. Raises Outdated, NotFound."""
        if homepage.draft is None or homepage.slug is None:
            raise Outdated
        chosen = version or homepage.draft
        if chosen not in {one.id for one in versions_of(homepage)}:
            raise NotFound
        kind = "publish" if chosen == homepage.draft else "rollback"
        return self._wish(homepage, kind, {"version": chosen})

    def unpublish(self, homepage: Homepage) -> HomepageTask:
        """Take it off the net. Raises Outdated when it is not there."""
        if homepage.slug is None or homepage.published is None:
            raise Outdated
        return self._wish(homepage, "unpublish", {})

    def stop(self, task: HomepageTask) -> None:
        """What has ended already stays as it is."""
        if task.status in UNDER_WAY:
            task.stop_wanted, task.next_try_at = True, None
            ring_after_commit(self._session, self._bell)
            self._record("homepage.stopped", task.homepage_id)

    def try_again(self, task: HomepageTask) -> None:
        """A failed or stopped wish once more. Raises Outdated for any other."""
        if task.status not in ("failed", "stopped"):
            raise Outdated
        task.status, task.job_id, task.problem, task.progress = "waiting", None, None, None
        task.attempt, task.tries, task.next_try_at, task.stop_wanted = task.attempt + 1, 0, None, False
        task.finished_at = None
        ring_after_commit(self._session, self._bell)

    def delete(self, homepage: Homepage) -> None:
        """What is published is taken off the net; what is under way is stopped."""
        for task in self.tasks.under_way(homepage.id):
            self.stop(task)
        if homepage.published is not None:
            self._wish(homepage, "unpublish", {})
        homepage.deleted_at = now()
        self._record("homepage.deleted", homepage.id)

    def restore(self, homepage_id: uuid.UUID) -> Homepage:
        """Not yet published again. Raises NotFound when it was deleted too long ago."""
        homepage = self.homepages.get(homepage_id)
        if homepage.deleted_at is not None and now() - homepage.deleted_at > UNDO:
            raise NotFound
        homepage.deleted_at = None
        self._record("homepage.restored", homepage.id)
        return homepage

    def take_all_down(self) -> None:
        """The business was deleted: nothing of it is public from now on, and what is under way is stopped."""
        for homepage in self.homepages.all():
            waiting = self.tasks.under_way(homepage.id)
            for task in waiting:
                if task.kind != "unpublish":
                    self.stop(task)
            shown = _shown_after(homepage.published, waiting)
            if shown is not None and homepage.deleted_at is None:
                self._wish(homepage, "unpublish", {PUBLISH_AGAIN: shown})

    def bring_all_back(self) -> None:
        """The business is back: what was public when it was deleted is public again."""
        for homepage in self.homepages.all():
            taken_down = self.tasks.latest(homepage.id)
            version = taken_down.request.get(PUBLISH_AGAIN)
            if version is not None and homepage.deleted_at is None:
                self._wish(homepage, "publish" if version == homepage.draft else "rollback", {"version": version})

    def _wish(
        self, homepage: Homepage, kind: str, request: dict[str, Any], *, words: str = "", key: str | None = None
    ) -> HomepageTask:
        if kind != "unpublish" and len(self.tasks.under_way(homepage.id)) >= MOST_WAITING:
            raise InvalidField(instruction="homepage_busy")
        task = HomepageTask(
            business_id=self._business.id,
            homepage_id=homepage.id,
            user_id=self._user_id,
            request_key=key,
            kind=kind,
            words=words,
            request=request,
        )
        self.tasks.add(task)
        ring_after_commit(self._session, self._bell)
        self._record(f"homepage.{kind}", homepage.id)
        return task

    def _record(self, action: str, homepage_id: uuid.UUID) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business.id, subject=homepage_id)


def versions_of(homepage: Homepage) -> list[Version]:
    """Newest first, each with where it stands; deleted ones are left out."""
    return [Version.model_validate(one) for one in homepage.versions]


def sections_of(homepage: Homepage) -> list[Section]:
    """Of the draft."""
    return [Section.model_validate(one) for one in homepage.sections]


def section_of(homepage: Homepage, section_id: str) -> Section:
    """Raises NotFound."""
    found = next((one for one in sections_of(homepage) if one.id == section_id), None)
    if found is None:
        raise NotFound
    return found


def changes_of(homepage: Homepage) -> list[str]:
    """What publishing the draft would change, the oldest first: what was done since the published version."""
    versions = versions_of(homepage)
    ids = [one.id for one in versions]
    if homepage.published not in ids or homepage.draft not in ids:
        return []
    since = versions[ids.index(homepage.draft) : ids.index(homepage.published)]
    return [change for version in reversed(since) for change in version.changes]


def _shown_after(published: str | None, waiting: Sequence[HomepageTask]) -> str | None:
    """The version the world sees once all wishes are fulfilled; None: no version."""
    for task in waiting:
        if task.kind in ("publish", "rollback", "unpublish"):
            published = task.request.get("version")
    return published


def _check(section: Section, patch: dict[str, Any]) -> None:
    known = {field.name: field for field in section.fields}
    for name, text in (patch.get("fields") or {}).items():
        if name not in known:
            raise InvalidField(**{name: "invalid"})
        if len(text) > known[name].max_length:
            raise InvalidField(**{name: "string_too_long"})
    if section.fixed and ("hidden" in patch or "move" in patch):
        raise InvalidField(patch="invalid")
