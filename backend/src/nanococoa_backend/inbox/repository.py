"""Queries over messages of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.inbox.models import ContactMessage
from nanococoa_backend.platform.scope import Repository


class Messages(Repository[ContactMessage]):
    table = ContactMessage

    def shelf(self, limit: int, before: tuple[datetime, uuid.UUID] | None = None) -> Sequence[ContactMessage]:
        """Newest first, from just before ``before`` on."""
        query = sa.select(ContactMessage)
        if before is not None:
            place = sa.tuple_(*map(sa.literal, before))
            query = query.where(sa.tuple_(ContactMessage.created_at, ContactMessage.id) < place)
        order = ContactMessage.created_at.desc(), ContactMessage.id.desc()
        return self._session.scalars(query.order_by(*order).limit(limit)).all()

    def unread(self) -> int:
        query = sa.select(sa.func.count()).select_from(ContactMessage).where(ContactMessage.read_at.is_(None))
        return self._session.scalar(query) or 0

    def has_letter(self, letter_id: str) -> bool:
        query = sa.select(ContactMessage.id).where(ContactMessage.letter_id == letter_id)
        return self._session.scalar(query) is not None

    def homepage_of(self, slug: str) -> Homepage | None:
        """To be asked over all businesses: a slug belongs to one."""
        return self._session.scalars(sa.select(Homepage).where(Homepage.slug == slug)).one_or_none()

    def remove(self, message: ContactMessage) -> None:
        self._session.delete(message)
