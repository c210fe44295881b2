"""Every failure leaves as the error envelope, in the request's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from homepage_generator.api.declared import BODY_LIMIT
from homepage_generator.api.language import locale_of, remember
from homepage_generator.errors import HomepageError, InvalidField, NotFound, TooLarge, Unexpected, WrongMethod
from nanococoa_client.errors import ServiceError
from nanococoa_client.messages import Locale

RETRY_SOON: Final = 2
"""Seconds until the database is asked for again after a loss."""

_LIMITS: Final = {
    "string_too_long": ("too_long", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "too_long": ("too_many", "max_length"),
    "too_short": ("too_few", "min_length"),
}
_PLAIN: Final = {
    "missing": "missing",
    "string": "text",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "list": "list",
    "dict": "object",
    "model": "object",
    "json": "json",
    "extra": "unknown",
}
"""By the first word of pydantic's error type."""
_WHERE: Final = ("body", "query", "path", "header")


def install(app: FastAPI) -> None:
    """Answer expected failures, refused requests and unknown routes with the envelope."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)


def envelope(error: ServiceError, locale: Locale, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """``error`` as a response; what may pass says when to come back."""
    body = error.envelope(locale).model_dump(mode="json", exclude_none=True)
    wait = error.retry_after or (RETRY_SOON if error.code == "DATABASE_UNAVAILABLE" else None)
    extra = {"Retry-After": str(wait)} if wait else {}
    return JSONResponse(body, error.status, {**(headers or {}), **extra, "Cache-Control": "no-store"})


def explain(errors: Sequence[Mapping[str, Any]]) -> InvalidField:
    """Pydantic's first complaint, in our words."""
    first = errors[0]
    kind, context = str(first["type"]), first.get("ctx") or {}
    field = field_name(first["loc"])
    if kind == "json_invalid":
        return InvalidField("body", "json")
    if kind in _LIMITS:
        reason, name = _LIMITS[kind]
        return InvalidField(field, reason, limit=context[name])
    if kind in ("literal_error", "enum"):
        return InvalidField(field, "choice", choices=str(context["expected"]).replace("'", "").replace(" or ", ", "))
    if kind == "value_error" and isinstance(context.get("error"), _Reasoned):
        return InvalidField(field, context["error"].reason)
    if (plain := _PLAIN.get(kind.split("_")[0])) and kind != "string_pattern_mismatch":
        return InvalidField(field, plain)
    return InvalidField(field, "invalid", problem=str(first["msg"])[:200])


def field_name(location: Sequence[str | int]) -> str:
    """``("body", "products", 0, "name")`` → ``products[0].name``."""
    name = ""
    for part in location[1:] if location and location[0] in _WHERE else location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.lstrip(".") or "body"


class _Reasoned(ValueError):
    """A model's own complaint, by a key of ``reasons.*``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def complaint(reason: str) -> ValueError:
    return _Reasoned(reason)


async def _service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    if error.status == 500:
        structlog.get_logger().error("request failed", code=error.code, exc_info=error)
    return envelope(error, locale_of(request))


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError | ValidationError)
    if isinstance(error, RequestValidationError) and isinstance(error.body, dict):
        remember(request, error.body.get("locale"))
    return envelope(explain(error.errors()), locale_of(request))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return envelope(_translated(request, error), locale_of(request), error.headers)


def _translated(request: Request, error: HTTPException) -> HomepageError:
    match error.status_code:
        case 404:
            return NotFound(path=request.url.path[:200])
        case 405:
            return WrongMethod(method=request.method)
        case 413:
            return TooLarge(limit=BODY_LIMIT // 2**20)
        case status if status < 500:
            return InvalidField("body", "json")
        case _:
            return Unexpected()
