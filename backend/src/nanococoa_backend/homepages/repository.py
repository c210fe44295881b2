"""Queries over homepages and their tasks of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from nanococoa_backend.errors import NotFound
from nanococoa_backend.homepages.models import Homepage, HomepageTask
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository

UNDER_WAY: Final = ("waiting", "pending", "running")


class Homepages(Repository[Homepage]):
    table = Homepage

    def live(self, homepage_id: uuid.UUID) -> Homepage:
        """Raises NotFound, also for a deleted one."""
        found = self.get(homepage_id)
        if found.deleted_at is not None:
            raise NotFound
        return found

    def shelf(self, limit: int, before: tuple[datetime, uuid.UUID] | None = None) -> Sequence[Homepage]:
        """Newest first, from just before ``before`` on."""
        query = sa.select(Homepage).where(Homepage.deleted_at.is_(None))
        if before is not None:
            query = query.where(sa.tuple_(Homepage.created_at, Homepage.id) < sa.tuple_(*map(sa.literal, before)))
        order = Homepage.created_at.desc(), Homepage.id.desc()
        return self._session.scalars(query.order_by(*order).limit(limit)).all()

    def all(self) -> Sequence[Homepage]:
        """Deleted ones too."""
        return self._session.scalars(sa.select(Homepage).order_by(Homepage.created_at, Homepage.id)).all()

    def count(self) -> int:
        query = sa.select(sa.func.count()).select_from(Homepage).where(Homepage.deleted_at.is_(None))
        return self._session.scalar(query) or 0

    def locked(self, homepage_id: uuid.UUID) -> Homepage:
        """Nobody else changes it before the transaction ends. Raises NotFound."""
        self._session.execute(
            sa.update(Homepage).where(Homepage.id == homepage_id).values(title=Homepage.title)
        )  # SQLite locks by writing
        self._session.expire_all()
        return self.get(homepage_id)

    def has_slug(self, slug: str, but: uuid.UUID) -> bool:
        """Whether another row has it; to be asked over all businesses."""
        query = sa.select(Homepage.id).where(Homepage.slug == slug, Homepage.id != but)
        return self._session.scalar(query) is not None


class Tasks(Repository[HomepageTask]):
    table = HomepageTask

    def of(
        self, homepage_id: uuid.UUID, limit: int, before: tuple[datetime, uuid.UUID] | None = None
    ) -> Sequence[HomepageTask]:
        """Newest first, each with where it stands; deleted ones are left out."""
        query = sa.select(HomepageTask).where(HomepageTask.homepage_id == homepage_id)
        if before is not None:
            place = sa.tuple_(*map(sa.literal, before))
            query = query.where(sa.tuple_(HomepageTask.created_at, HomepageTask.id) < place)
        order = HomepageTask.created_at.desc(), HomepageTask.id.desc()
        return self._session.scalars(query.order_by(*order).limit(limit)).all()

    def latest(self, homepage_id: uuid.UUID) -> HomepageTask:
        """A homepage has one from its beginning."""
        return self.of(homepage_id, 1)[0]

    def one_of(self, homepage_id: uuid.UUID, task_id: uuid.UUID) -> HomepageTask:
        """Raises NotFound for another page's."""
        task = self.get(task_id)
        if task.homepage_id != homepage_id:
            raise NotFound
        return task

    def under_way(self, homepage_id: uuid.UUID) -> Sequence[HomepageTask]:
        """What waits or runs, in the order of its turn."""
        query = sa.select(HomepageTask).where(
            HomepageTask.homepage_id == homepage_id, HomepageTask.status.in_(UNDER_WAY)
        )
        return self._session.scalars(query.order_by(HomepageTask.created_at, HomepageTask.id)).all()

    def by_key(self, key: str) -> HomepageTask | None:
        return self._session.scalars(sa.select(HomepageTask).where(HomepageTask.request_key == key)).one_or_none()

    def locked(self, task_id: uuid.UUID) -> HomepageTask | None:
        """Nobody else changes it before the transaction ends. None when it is gone."""
        one = HomepageTask.id == task_id
        self._session.execute(sa.update(HomepageTask).where(one).values(status=HomepageTask.status))
        self._session.expire_all()
        return self._session.scalars(sa.select(HomepageTask).where(one).with_for_update()).one_or_none()

    def claim(self) -> HomepageTask | None:
        """The one that is due longest."""
        return claim(self._session, HomepageTask, HomepageTask.status.in_(UNDER_WAY))
