"""Every failure leaves as a page in the dashboard's voice, or as the error envelope under ``/api``."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from nanococoa_backend.errors import (
    BackendError,
    InvalidField,
    NoBusiness,
    NotFound,
    SignedOut,
    TooLarge,
    Unexpected,
    WrongMethod,
)
from nanococoa_backend.messages import Locale, has, say
from nanococoa_backend.platform.locale import locale_of
from nanococoa_client.errors import ServiceError

ILLUSTRATED: Final = frozenset({"NOT_FOUND", "FORBIDDEN", "CSRF_FAILED", "RATE_LIMITED", "DATABASE_UNAVAILABLE"})
"""Codes whose page has a heading of its own; the others share one."""


def install(app: FastAPI) -> None:
    """Answer expected failures, refused requests and unknown routes."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)


def answer_to(request: Request, error: ServiceError) -> Response:
    """``error`` as a page or an envelope; refusals that pass say when to come back."""
    wait = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    if is_api(request):
        return JSONResponse(_envelope(error, locale_of(request)), error.status, wait)
    if isinstance(error, SignedOut):
        return RedirectResponse(f"/sign-in?next={quote(_back(request))}", 303)
    if isinstance(error, NoBusiness):
        return RedirectResponse("/businesses/new", 303)
    return _page(request, error, wait)


def is_api(request: Request) -> bool:
    """Whether a program asked, not a person's browser."""
    return request.url.path.startswith("/api/")


def _page(request: Request, error: ServiceError, headers: dict[str, str]) -> Response:
    locale = locale_of(request)
    name = error.code.lower() if error.code in ILLUSTRATED else "other"
    pages = request.app.state.services.pages
    response: Response = pages.render(
        request,
        "error.html" if getattr(request.state, "frame", None) else "error_alone.html",
        error.status,
        heading=say(locale, f"error_page.{name}"),
        text=error.message(locale),
        code=error.code,
        request_id=getattr(request.state, "request_id", ""),
    )
    response.headers.update(headers)
    if error.status == 503 and error.retry_after and request.method == "GET":
        response.headers["Refresh"] = str(error.retry_after)  # the page comes by itself when it can be had again
    return response


def _envelope(error: ServiceError, locale: Locale) -> dict[str, Any]:
    body = error.envelope(locale).model_dump(mode="json", exclude_none=True)
    if isinstance(error, InvalidField):
        body["error"]["details"] = error.told_fields(locale)
    return body


def _back(request: Request) -> str:
    """Where to go on after signing in: only pages that can be opened by their address."""
    return request.url.path if request.method == "GET" else "/"


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    if error.status == 500:
        structlog.get_logger().error("request failed", code=error.code, exc_info=error)
    return answer_to(request, error)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not is_api(request):
        return answer_to(request, NotFound())
    return answer_to(request, invalid_fields(error.errors()))


def invalid_fields(errors: Any) -> InvalidField:
    """Pydantic's complaints as catalogue keys, one a field: ``FIELD_TYPE`` where there is such a sentence."""
    return InvalidField(**{_field(item): key_of(_field(item), item["type"]) for item in reversed(list(errors))})


def key_of(field: str, kind: str) -> str:
    """The sentence for a complaint of ``kind`` about ``field``: the most special one there is."""
    return next((key for key in (f"{field}_{kind}", kind) if has(f"forms.{key}")), "invalid")


def _field(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"] if part not in ("body", "query", "path")) or "body"


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = answer_to(request, _translated(request, error))
    response.headers.update(error.headers or {})
    return response


def _translated(request: Request, error: HTTPException) -> BackendError:
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return WrongMethod(method=request.method)
        case 413:
            return TooLarge(limit_mb=20)
        case status if status < 500:
            return InvalidField(body="invalid")
        case _:
            return Unexpected()
