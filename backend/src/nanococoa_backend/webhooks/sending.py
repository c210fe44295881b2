"""Letters sent beside the requests, again with growing pauses until they are taken or given up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.tables import now
from nanococoa_backend.webhooks.models import Delivery, Webhook
from nanococoa_backend.webhooks.post import Answer, Post
from nanococoa_backend.webhooks.repository import Deliveries
from nanococoa_backend.webhooks.signing import signed_headers

DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 28_800, 86_400))
"""After each try in vain: a receiver may be down for a day and a half (Standard Webhooks suggests about as much)."""

PATIENCE: Final = 5
"""Letters given up in a row after which a webhook is switched off."""

GONE: Final = 410
"""The receiver's own word that it wants no more."""


@dataclass(frozen=True, slots=True)
class Letter:
    delivery_id: uuid.UUID
    url: str
    secret: str
    body: str


class Sending:
    """The duty of a ``Crew``. ``delays`` are the pauses after tries in vain; tests bring shorter ones."""

    name = "webhooks"

    def __init__(self, database: Database, post: Post, delays: tuple[timedelta, ...] = DELAYS) -> None:
        self._database, self._post, self._delays = database, post, delays

    def claim(self, session: Session) -> tuple[Delivery, Letter] | None:
        delivery = Deliveries(session).claim()
        if delivery is None:
            return None
        webhook = session.get_one(Webhook, delivery.webhook_id)
        if not webhook.is_active:
            delivery.status, delivery.next_try_at, delivery.answer = "failed", None, "switched off"
            return None
        return delivery, Letter(delivery.id, webhook.url, webhook.secret, delivery.body)

    async def attend(self, letter: Letter) -> None:
        headers = signed_headers(letter.secret, str(letter.delivery_id), now(), letter.body)
        answer = await self._post.send(letter.url, letter.body, headers)
        await run_in_threadpool(self._note, letter, answer)

    def _note(self, letter: Letter, answer: Answer) -> None:
        with self._database.begin() as session:
            scope.widen(session)
            delivery = session.get(Delivery, letter.delivery_id)
            if delivery is None:  # the webhook was removed meanwhile
                return
            webhook = session.get_one(Webhook, delivery.webhook_id)
            delivery.answered, delivery.answer = answer.status, answer.text
            if answer.is_taken:
                self._taken(webhook, delivery)
            elif answer.status == GONE or delivery.tries > len(self._delays):
                self._give_up(webhook, delivery, at_once=answer.status == GONE)
            else:
                delivery.next_try_at = now() + self._delays[delivery.tries - 1]

    def _taken(self, webhook: Webhook, delivery: Delivery) -> None:
        delivery.status, delivery.next_try_at, delivery.delivered_at = "delivered", None, now()
        webhook.given_up = 0

    def _give_up(self, webhook: Webhook, delivery: Delivery, *, at_once: bool) -> None:
        delivery.status, delivery.next_try_at = "failed", None
        webhook.given_up += 1
        if at_once or webhook.given_up >= PATIENCE:
            webhook.is_active = False
            structlog.get_logger().warning("webhook switched off", webhook=str(webhook.id))
