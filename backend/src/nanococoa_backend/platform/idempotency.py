"""Requests that may be sent twice: an API call with ``Idempotency-Key`` is done once, its answer given again.

In the manner of the IETF draft "The Idempotency-Key HTTP Header Field". The key counts for its sender alone (token or
cookie), for a day. The first request marks the key before it is worked on; a process that dies in between leaves a mark
that ends after a while, so that the call can be sent again.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from fastapi import Request
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nanococoa_backend.errors import BackendError, InvalidField, KeyInUse, KeyReused
from nanococoa_backend.platform.csrf import SAFE, bearer_of, visitor_secret
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.problems import answer_to
from nanococoa_backend.platform.tables import Base, now

KEPT: Final = timedelta(days=1)
UNDER_WAY: Final = timedelta(minutes=2)
"""A request whose process died can be sent again after this."""

LARGEST: Final = 256 * 1024
"""Bytes of an answer that is kept; a larger one (a file) is not what keys are for and is not given again."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_PREFIX: Final = "/api/v1/"


class KeptAnswer(Base):
    """``key`` is a hash over sender, route and key; no secret is kept. ``status`` is null while it is worked on."""

    __tablename__ = "kept_answers"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None]
    media_type: Mapped[str] = mapped_column(sa.String(100), default="")
    body: Mapped[str] = mapped_column(sa.Text, default="")
    ends_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    body: bytes


class KeptAnswers:
    """What was answered under which key; its calls block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key: str, fingerprint: str) -> Answer | None:
        """None: go on, the key is yours. Raises KeyReused for another request, KeyInUse while the first goes on."""
        moment = now()
        with self._database.begin() as session:
            mine = session.execute(self._marked(key, fingerprint, moment)).first()
            if mine is not None:
                session.execute(sa.delete(KeptAnswer).where(KeptAnswer.ends_at < moment))
                return None
            row = session.scalars(sa.select(KeptAnswer).where(KeptAnswer.key == key)).one()
        if row.fingerprint != fingerprint:
            raise KeyReused
        if row.status is None:
            raise KeyInUse(retry_after=2)
        return Answer(row.status, row.media_type, base64.b64decode(row.body))

    def end(self, key: str, answer: Answer) -> None:
        values = {
            "status": answer.status,
            "media_type": answer.media_type,
            "body": base64.b64encode(answer.body).decode(),
            "ends_at": now() + KEPT,
        }
        with self._database.begin() as session:
            session.execute(sa.update(KeptAnswer).where(KeptAnswer.key == key).values(**values))

    def forget(self, key: str) -> None:
        """The request came to nothing: it may be sent again."""
        with self._database.begin() as session:
            session.execute(sa.delete(KeptAnswer).where(KeptAnswer.key == key))

    def _marked(self, key: str, fingerprint: str, moment: datetime) -> Any:
        """Takes a key nobody holds, in one statement; one whose time has passed is nobody's."""
        insert: Any = postgresql.insert if self._database.engine.dialect.name == "postgresql" else sqlite.insert
        values = {"fingerprint": fingerprint, "status": None, "ends_at": moment + UNDER_WAY}
        return (
            insert(KeptAnswer)
            .values(key=key, media_type="", body="", **values)
            .on_conflict_do_update(index_elements=[KeptAnswer.key], set_=values, where=KeptAnswer.ends_at < moment)
            .returning(KeptAnswer.key)
        )


class Idempotency:
    """Plain ASGI, inside the body limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("idempotency-key") if scope["type"] == "http" else None
        if given is None or scope["method"] in SAFE or not scope["path"].startswith(_PREFIX):
            return await self._app(scope, receive, send)
        try:
            await self._once(given, scope, receive, send)
        except BackendError as error:
            await answer_to(Request(scope), error)(scope, receive, send)
        return None

    async def _once(self, given: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not _KEY.fullmatch(given):
            raise InvalidField(idempotency_key="idempotency_key")
        kept: KeptAnswers = scope["app"].state.services.kept
        body = await _whole(receive)
        if body is None:
            return
        key = _hash(_sender(scope), scope["method"], scope["path"], given)
        known = await run_in_threadpool(kept.begin, key, _hash(_content(scope, body)))
        if known is not None:
            await _send(known, send)
        else:
            await self._work(kept, key, scope, _again(body, receive), send)

    async def _work(self, kept: KeptAnswers, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        tape = _Tape(send)
        try:
            await self._app(scope, receive, tape)
        except BaseException:
            await run_in_threadpool(kept.forget, key)
            raise
        answer = tape.answer()
        if answer is None or answer.status >= 500 or answer.status in (401, 429):
            await run_in_threadpool(kept.forget, key)
        else:
            await run_in_threadpool(kept.end, key, answer)


class _Tape:
    """``send`` that keeps what it sends."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status: int | None = None
        self._media_type = ""
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._media_type = Headers(raw=message["headers"]).get("content-type", "")
        elif len(self._body) <= LARGEST:
            self._body += message.get("body", b"")
        await self._send(message)

    def answer(self) -> Answer | None:
        if self._status is None or len(self._body) > LARGEST:
            return None
        return Answer(self._status, self._media_type, bytes(self._body))


async def _whole(receive: Receive) -> bytes | None:
    """None when the caller has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, then go on with what comes."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


async def _send(answer: Answer, send: Send) -> None:
    headers = [(b"content-type", answer.media_type.encode()), (b"idempotency-replayed", b"true")]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _sender(scope: Scope) -> str:
    request = Request(scope)
    return bearer_of(request) or visitor_secret(request)


def _content(scope: Scope, body: bytes) -> str:
    """A form's boundary is new with every try, so it is taken out of what is compared."""
    kind = Headers(scope=scope).get("content-type", "")
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    plain = body.replace(boundary, b"") if boundary else body
    return hashlib.sha256(scope["query_string"] + b"\0" + plain).hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
