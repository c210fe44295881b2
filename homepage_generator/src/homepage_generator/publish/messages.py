"""What visitors write to a shop: kept at once, counted, and handed to the dashboard's inbox until it takes it."""

from __future__ import annotations

import hashlib
import hmac
import secrets as random
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Final

import sqlalchemy as sa

from homepage_generator.database import Database
from homepage_generator.errors import NotFound, TooManyTries
from homepage_generator.publish.tables import messages, secrets, sites
from homepage_generator.spec.types import Line, Model, Text

WINDOW: Final = 600.0
MOST_OF_SENDER: Final = 5
"""Messages from one address to one shop in ``WINDOW`` seconds."""
MOST_OF_SITE: Final = 60
"""Messages to one shop in ``WINDOW`` seconds: more is no crowd of customers."""

DELAYS: Final = (5.0, 60.0, 300.0, 1800.0, 7200.0, 28_800.0, 86_400.0)
"""Seconds to wait after each try in vain; the last one goes on."""
LEASE: Final = 120.0


class Message(Model):
    """What the form holds. ``reply`` is a phone number or a mail address; ``when`` is a reservation's wish."""

    name: Annotated[str, Line(60, least=1)]
    reply: Annotated[str, Line(120, least=3)]
    when: Annotated[str, Line(120)] = ""
    message: Annotated[str, Text(3000, least=1)]
    page: Annotated[str, Line(80)] = ""


@dataclass(frozen=True, slots=True)
class Kept:
    id: str
    slug: str
    site: str
    body: dict[str, Any]
    created: float
    delivered: float | None
    tries: int


class MessageStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, slug: str, message: Message, address: str, *, forward: bool) -> str:
        """Raises NotFound for a shop that is not published, TooManyTries for a flood."""
        with self._database.begin() as connection:
            now = self._database.now(connection)
            published = sa.select(sites.c.slug).where(sites.c.slug == slug, sites.c.published.is_not(None))
            if connection.execute(published).scalar_one_or_none() is None:
                raise NotFound("site_not_found", slug=slug[:63])
            sender = self._sender(connection, slug, address)
            self._count(connection, slug, sender, now)
            row = {
                "id": uuid.uuid4().hex, "slug": slug, "body": message.model_dump(), "sender": sender, "created": now,
                "tries": 0, "next_try": now if forward else None, "refused": False,
            }  # fmt: skip
            connection.execute(sa.insert(messages).values(row))
            return str(row["id"])

    def of(self, slug: str, limit: int = 100) -> list[Kept]:
        """Newest first."""
        query = _joined().where(messages.c.slug == slug).order_by(messages.c.created.desc()).limit(limit)
        with self._database.begin() as connection:
            return [_kept(row) for row in connection.execute(query)]

    def claim(self) -> Kept | None:
        """The next one to hand over; it is this process' for ``LEASE`` seconds."""
        with self._database.begin() as connection:
            now = self._database.now(connection)
            due = (messages.c.next_try <= now) & messages.c.delivered.is_(None) & ~messages.c.refused
            query = _joined().where(due).order_by(messages.c.next_try).limit(1)
            row = connection.execute(query.with_for_update(skip_locked=True, of=messages)).one_or_none()
            if row is None:
                return None
            later = {"next_try": now + LEASE, "tries": row.tries + 1}
            connection.execute(sa.update(messages).where(messages.c.id == row.id).values(later))
            return _kept(row)

    def delivered(self, message_id: str) -> None:
        with self._database.begin() as connection:
            done = {"delivered": self._database.now(connection), "next_try": None}
            connection.execute(sa.update(messages).where(messages.c.id == message_id).values(done))

    def put_off(self, message: Kept) -> None:
        with self._database.begin() as connection:
            pause = DELAYS[min(message.tries, len(DELAYS) - 1)]
            later = {"next_try": self._database.now(connection) + pause}
            connection.execute(sa.update(messages).where(messages.c.id == message.id).values(later))

    def refused(self, message_id: str) -> None:
        """The inbox said for good that it wants this not; it is kept here."""
        with self._database.begin() as connection:
            done = {"refused": True, "next_try": None}
            connection.execute(sa.update(messages).where(messages.c.id == message_id).values(done))

    def forget(self, before: float) -> None:
        """Delivered messages from before then are the dashboard's alone."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(messages).where(messages.c.delivered < before))

    def _sender(self, connection: sa.Connection, slug: str, address: str) -> str:
        known = connection.execute(sa.select(secrets.c.value).where(secrets.c.name == "senders")).scalar_one_or_none()
        if known is None:
            known = random.token_hex(16)
            connection.execute(sa.insert(secrets).values(name="senders", value=known))
        return hmac.new(known.encode(), f"{slug} {address}".encode(), hashlib.sha256).hexdigest()[:32]

    def _count(self, connection: sa.Connection, slug: str, sender: str, now: float) -> None:
        recent = (messages.c.slug == slug) & (messages.c.created > now - WINDOW)
        of_site = sa.select(sa.func.count()).select_from(messages).where(recent)
        of_sender = of_site.where(messages.c.sender == sender)
        if (
            connection.execute(of_sender).scalar_one() >= MOST_OF_SENDER
            or connection.execute(of_site).scalar_one() >= MOST_OF_SITE
        ):
            raise TooManyTries(retry_after=int(WINDOW))


def _joined() -> sa.Select[Any]:
    return sa.select(messages, sites.c.name.label("site")).join(sites, sites.c.slug == messages.c.slug)


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(row.id, row.slug, row.site, dict(row.body), row.created, row.delivered, row.tries)
