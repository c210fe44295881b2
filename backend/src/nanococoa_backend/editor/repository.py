"""Queries over edits of the session's business."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from nanococoa_backend.editor.models import AdEdit
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository


class AdEdits(Repository[AdEdit]):
    table = AdEdit

    def by_key(self, key: str) -> AdEdit | None:
        return self._session.scalars(sa.select(AdEdit).where(AdEdit.request_key == key)).one_or_none()

    def waiting_of(self, ad_id: uuid.UUID) -> AdEdit | None:
        """The one that is being rendered."""
        query = sa.select(AdEdit).where(AdEdit.ad_id == ad_id, AdEdit.status == "waiting")
        return self._session.scalars(query.order_by(AdEdit.created_at).limit(1)).one_or_none()

    def claim(self) -> AdEdit | None:
        """The waiting one that is due longest."""
        found = claim(self._session, AdEdit, AdEdit.status == "waiting")
        if found is not None:
            found.tries += 1
        return found

    def locked(self, edit_id: uuid.UUID) -> AdEdit | None:
        """Nobody else changes it before the transaction ends. None when it is gone."""
        query = sa.select(AdEdit).where(AdEdit.id == edit_id).with_for_update()
        return self._session.scalars(query).one_or_none()
