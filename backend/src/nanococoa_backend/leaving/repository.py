"""Queries over exports of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from nanococoa_backend.leaving.models import Export
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.platform.tables import now


class Exports(Repository[Export]):
    table = Export

    def live(self) -> Sequence[Export]:
        """Those whose time is not over, the latest first."""
        query = sa.select(Export).where(Export.ends_at > now()).order_by(Export.created_at.desc(), Export.id)
        return self._session.scalars(query).all()

    def waiting(self) -> Export | None:
        query = sa.select(Export).where(Export.status == "waiting", Export.ends_at > now()).limit(1)
        return self._session.scalars(query).one_or_none()

    def find(self, export_id: uuid.UUID) -> Export | None:
        return self._session.scalars(sa.select(Export).where(Export.id == export_id)).one_or_none()

    def claim(self) -> Export | None:
        return claim(self._session, Export, Export.status == "waiting")

    def over(self) -> Sequence[Export]:
        return self._session.scalars(sa.select(Export).where(Export.ends_at < now())).all()
