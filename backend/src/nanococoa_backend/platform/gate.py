"""The outermost layers, as plain ASGI: request ids and the log, headers every answer carries, the size of a body."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nanococoa_backend.errors import BackendError, TooLarge, Unexpected
from nanococoa_backend.platform.metrics import Requests
from nanococoa_backend.platform.problems import answer_to
from nanococoa_client import request_ids

BODY_LIMIT: Final = 24 * 2**20
"""Bytes of a request: a picture of 20 MB and its form."""

LARGE_BODIES: Final = dict.fromkeys(("/batch/list", "/api/v1/batches"), 168 * 2**20)
"""Where many photos come at once; they go to disk as they arrive."""

DRAIN_LIMIT: Final = 64 * 2**20
"""Bytes thrown away after a refusal, so that a browser that is still sending gets to read why it was refused."""

QUIET: Final = ("/health", "/ready", "/metrics", "/static", "/media")

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Unless a route says otherwise. ``blob:`` shows a photo before it is uploaded; nothing inline runs or styles."""

HSTS: Final = "max-age=31536000; includeSubDomains"


class RequestLog:
    """Gives each request an id (``X-Request-ID``, the caller's own if sane), logs and counts it.

    Catches what nobody did.
    """

    def __init__(self, app: ASGIApp, is_https: bool, requests: Requests) -> None:
        self._app, self._requests = app, requests
        self._headers = HEADERS | ({"Strict-Transport-Security": HSTS} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = request_ids.begin(Headers(scope=scope).get(request_ids.HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, {request_ids.HEADER: request_id, **self._headers})
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception:
            structlog.get_logger().exception("request crashed", path=scope["path"])
            if answer.status is not None:
                raise
            await _refuse(Unexpected(), scope, receive, answer)
        finally:
            self._tell(scope, answer.status, time.perf_counter() - started)
        return None

    def _tell(self, scope: Scope, status: int | None, seconds: float) -> None:
        log = structlog.get_logger()
        tell = log.debug if scope["path"].startswith(QUIET) else log.info
        route = getattr(scope.get("route"), "path", None) or "?"  # the pattern: an address may hold a token
        tell("request", method=scope["method"], path=route, status=status, ms=round(1000 * seconds, 1))
        self._requests.count(scope["method"], route, status, seconds)


class BodyLimit:
    """Refuses a body that is too large by its ``Content-Length``, or as soon as it has grown too large."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = LARGE_BODIES.get(scope["path"], self._limit)
        if _announced(scope) > limit:
            return await self._refuse(scope, receive, send)
        meter = _Meter(receive, send, limit)
        with suppress(_TooLargeError):
            await self._app(scope, meter.receive, meter.send)
        if meter.exceeded and not meter.answered:
            await self._refuse(scope, receive, send)
        return None

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, then read on for a while: a closed door would cut off the answer too."""
        response = answer_to(Request(scope), TooLarge(limit_mb=160 if scope["path"] in LARGE_BODIES else 20))
        response.headers["Connection"] = "close"
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
    """``send`` that adds headers an answer does not have, and remembers the status."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send, self._headers = send, headers
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _refuse(error: BackendError, scope: Scope, receive: Receive, send: Send) -> None:
    await answer_to(Request(scope), error)(scope, receive, send)


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
