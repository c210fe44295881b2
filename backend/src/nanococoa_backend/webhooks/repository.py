"""Queries over webhooks and their deliveries of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.webhooks.models import Delivery, Webhook


class Webhooks(Repository[Webhook]):
    table = Webhook

    def all(self) -> Sequence[Webhook]:
        """The newest first."""
        return self._session.scalars(sa.select(Webhook).order_by(Webhook.created_at.desc(), Webhook.id)).all()

    def hearing(self, business_id: uuid.UUID, event: str) -> list[Webhook]:
        """Those of a business that are switched on and want to know of ``event``."""
        query = sa.select(Webhook).where(Webhook.business_id == business_id, Webhook.is_active)
        return [hook for hook in self._session.scalars(query) if event in hook.events]

    def remove(self, webhook: Webhook) -> None:
        self._session.delete(webhook)


class Deliveries(Repository[Delivery]):
    table = Delivery

    def of(
        self, webhook_id: uuid.UUID, limit: int, before: tuple[datetime, uuid.UUID] | None = None
    ) -> Sequence[Delivery]:
        """Newest first, from just before ``before`` on."""
        query = sa.select(Delivery).where(Delivery.webhook_id == webhook_id)
        if before is not None:
            query = query.where(sa.tuple_(Delivery.created_at, Delivery.id) < sa.tuple_(*map(sa.literal, before)))
        return self._session.scalars(query.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(limit)).all()

    def claim(self) -> Delivery | None:
        """The one that is due longest."""
        found = claim(self._session, Delivery, Delivery.status == "waiting")
        if found is not None:
            found.tries += 1
        return found
