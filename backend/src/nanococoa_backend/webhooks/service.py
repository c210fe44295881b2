"""What people do with webhooks, and the letters that what has ended writes. The caller's transaction commits."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from nanococoa_backend.errors import TooManyWebhooks
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.webhooks.models import Delivery, Webhook
from nanococoa_backend.webhooks.repository import Deliveries, Webhooks
from nanococoa_backend.webhooks.schemas import NewWebhook, WebhookChange
from nanococoa_backend.webhooks.signing import new_secret

MOST: Final = 10


class WebhookService:
    def __init__(self, session: Session, business_id: uuid.UUID, user_id: uuid.UUID, bell: Bell) -> None:
        self._session, self._bell = session, bell
        self._business_id, self._user_id = business_id, user_id
        self.webhooks, self.deliveries = Webhooks(session), Deliveries(session)

    def all(self) -> Sequence[Webhook]:
        return self.webhooks.all()

    def make(self, given: NewWebhook) -> Webhook:
        """Its secret is on it, to be told once. Raises TooManyWebhooks."""
        if len(self.webhooks.all()) >= MOST:
            raise TooManyWebhooks(limit=MOST)
        row = Webhook(
            business_id=self._business_id, url=given.url, events=list(given.events), secret=new_secret(), given_up=0
        )
        self.webhooks.add(row)
        self._record("webhook.made", row)
        return row

    def change(self, webhook: Webhook, given: WebhookChange) -> None:
        for name, value in given.model_dump(exclude_none=True).items():
            setattr(webhook, name, value)
        if given.is_active:
            webhook.given_up = 0
        self._record("webhook.changed", webhook)

    def remove(self, webhook: Webhook) -> None:
        """Its letters go with it."""
        self._record("webhook.removed", webhook)
        self.webhooks.remove(webhook)

    def try_out(self, webhook: Webhook) -> Delivery:
        """A letter that says only that letters arrive."""
        return self._write(webhook, "ping", {"webhook_id": str(webhook.id)})

    def again(self, delivery: Delivery) -> None:
        """Send a letter once more, with all its tries."""
        delivery.status, delivery.tries, delivery.next_try_at = "waiting", 0, None
        ring_after_commit(self._session, self._bell)

    def _write(self, webhook: Webhook, event: str, data: dict[str, Any]) -> Delivery:
        delivery = written(self._session, webhook, event, data)
        ring_after_commit(self._session, self._bell)
        return delivery

    def _record(self, action: str, webhook: Webhook) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business_id, subject=webhook.id)


def written(session: Session, webhook: Webhook, event: str, data: dict[str, Any]) -> Delivery:
    """A letter that waits to be sent."""
    body = json.dumps({"type": event, "timestamp": now().isoformat(), "data": data}, ensure_ascii=False)
    row = Delivery(business_id=webhook.business_id, webhook_id=webhook.id, event=event, body=body)
    return Deliveries(session).add(row)
