"""Every failure leaves as the error envelope, in the request's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from nanococoa_aiserver.api.language import locale_of, remember
from nanococoa_aiserver.api.links import with_links
from nanococoa_aiserver.api.reasons import explain
from nanococoa_aiserver.errors import InternalError, InvalidParameter, PayloadTooLarge, ServiceError
from nanococoa_client.errors import MethodNotAllowed, RouteNotFound
from nanococoa_client.messages import Locale, say

RETRY_SOON: Final = 2
"""Seconds until the database is asked for again after a loss."""


def install(app: FastAPI) -> None:
    """Answer expected failures, refused requests and unknown routes with the envelope."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(ValidationError, _invalid_model)
    app.add_exception_handler(HTTPException, _http_error)


def envelope(error: ServiceError, locale: Locale, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """``error`` as a response; 503s say when to come back."""
    body = error.envelope(locale).model_dump(mode="json", exclude_none=True)
    body["error"]["details"] = with_links(body["error"]["details"])
    wait = error.retry_after or (RETRY_SOON if error.code == "DATABASE_UNAVAILABLE" else None)
    extra = {"Retry-After": str(wait)} if wait else {}
    return JSONResponse(body, error.status, {**(headers or {}), **extra, "Cache-Control": "no-store"})


async def _service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    if error.status == 500:
        structlog.get_logger().error("request failed", code=error.code, job_id=error.job_id, exc_info=error)
    return envelope(error, locale_of(request))


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, dict):
        remember(request, error.body.get("locale"))
    return envelope(explain(error.errors(), locale_of(request), _model_of(request)), locale_of(request))


async def _invalid_model(request: Request, error: Exception) -> JSONResponse:
    """A body that a route reads by itself (``/generate`` takes JSON and forms)."""
    assert isinstance(error, ValidationError)
    errors: list[Any] = error.errors(include_url=False, include_input=False)
    return envelope(explain(errors, locale_of(request), _model_of(request)), locale_of(request))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    locale = locale_of(request)
    return envelope(_translated(request, error, locale), locale, error.headers)


def _translated(request: Request, error: HTTPException, locale: Locale) -> ServiceError:
    match error.status_code:
        case 404:
            return RouteNotFound(path=request.url.path[:200])
        case 405:
            return MethodNotAllowed(method=request.method, path=request.url.path[:200])
        case 413:
            return PayloadTooLarge(limit_mb=28)
        case status if status < 500:
            return InvalidParameter(field="body", reason=say("reasons", "json", locale))
        case _:
            return InternalError()


def _model_of(request: Request) -> type[BaseModel] | None:
    """The model of the route's body, for guessing what a misspelt field should have been."""
    model: type[BaseModel] | None = getattr(request.state, "model", None)
    if model is not None:
        return model
    field = getattr(request.scope.get("route"), "body_field", None)
    kind = getattr(getattr(field, "field_info", None), "annotation", None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
