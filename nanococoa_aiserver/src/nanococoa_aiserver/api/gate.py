"""The outermost layers of the API, as plain ASGI: request ids and the access log, the token, the size of a body."""

from __future__ import annotations

import hmac
import time
from contextlib import suppress
from typing import Final

import structlog
from fastapi import Request
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nanococoa_aiserver.api.language import locale_of
from nanococoa_aiserver.api.problems import envelope
from nanococoa_aiserver.errors import InternalError, PayloadTooLarge, ServiceError, Unauthorized
from nanococoa_client import request_ids

BODY_LIMIT: Final = 28 * 2**20
"""Bytes of a request: a picture of 20 MB as base64, and its text."""

DRAIN_LIMIT: Final = 64 * 2**20
"""Bytes thrown away after a refusal, so that a client that is still sending gets to read why it was refused."""

PUBLIC: Final = (
    "/health",
    "/dashboard",
    "/dashboard/page.css",
    "/dashboard/page.js",
    "/dashboard/words.js",
    "/dashboard/icon.svg",
)
"""Answered without the token: liveness, and the dashboard's empty page, which asks for the token itself."""

QUIET: Final = ("/health", "/ready", "/metrics", "/dashboard/state")


class RequestLog:
    """Gives each request an id (``X-Request-ID``, the caller's own if sane), logs it, and catches what nobody did."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = request_ids.begin(Headers(scope=scope).get(request_ids.HEADER))
        answer = _Answer(send, request_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            structlog.get_logger().exception("request crashed", path=scope["path"])
            if answer.status is not None:
                raise
            await _refuse(InternalError(), scope, receive, answer, error)
        finally:
            _log(scope, answer.status, time.perf_counter() - started)
        return None


class TokenGate:
    """Refuses requests without ``Authorization: Bearer <AISERVER_TOKEN>``; compares in constant time."""

    def __init__(self, app: ASGIApp, token: SecretStr) -> None:
        self._app = app
        self._wanted = f"Bearer {token.get_secret_value()}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PUBLIC and not self._carries_token(scope):
            return await _refuse(Unauthorized(), scope, receive, send)
        return await self._app(scope, receive, send)

    def _carries_token(self, scope: Scope) -> bool:
        given = Headers(scope=scope).get("authorization", "").encode("latin-1", "replace")
        return hmac.compare_digest(given, self._wanted)


class BodyLimit:
    """Refuses a body that is too large by its ``Content-Length``, or as soon as it has grown too large."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if _announced(scope) > self._limit:
            return await self._refuse(scope, receive, send)
        meter = _Meter(receive, send, self._limit)
        with suppress(_TooLargeError):
            await self._app(scope, meter.receive, meter.send)
        if meter.exceeded and not meter.answered:
            await self._refuse(scope, receive, send)
        return None

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, then read on for a while: a closed door would cut off the answer too."""
        error = PayloadTooLarge(limit_mb=self._limit // 2**20)
        response = envelope(error, locale_of(Request(scope)), {"Connection": "close"})
        await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": response.body, "more_body": True})
        await _drain(receive)
        await send({"type": "http.response.body", "body": b""})


class _TooLargeError(Exception):
    pass


class _Meter:
    """Counts a body; once it is too large, nothing more is read and the application's answer is dropped."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send = receive, send
        self._left = limit
        self.exceeded = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        if not self.exceeded or self.answered:
            self.answered = True
            await self._send(message)


class _Answer:
    """``send`` that adds the request's id and a few safe defaults, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[request_ids.HEADER] = self._request_id
            headers.setdefault("X-Content-Type-Options", "nosniff")
        await self._send(message)


async def _refuse(
    error: ServiceError, scope: Scope, receive: Receive, send: Send, cause: Exception | None = None
) -> None:
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    await envelope(error, locale_of(Request(scope)), headers)(scope, receive, send)


async def _drain(receive: Receive) -> None:
    left = DRAIN_LIMIT
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _log(scope: Scope, status: int | None, seconds: float) -> None:
    log = structlog.get_logger()
    tell = log.debug if scope["path"] in QUIET else log.info
    tell("request", method=scope["method"], path=scope["path"], status=status, ms=round(1000 * seconds, 1))
