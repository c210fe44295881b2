"""Spans for an OpenTelemetry collector, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` names one. Elsewhere nothing of it is
imported and every call here costs a look at one name.

A span is named by its route's pattern, never by an address: addresses may hold secrets. The variables are those of
OpenTelemetry (``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER``, …); spans go out over HTTP as protobuf.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from nanococoa_client import request_ids

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
QUIET: Final = ("/health", "/ready", "/metrics")
"""Asked all day by machines."""

FASTAPIS_OWN: Final[Any] = {"tracing": False, "metrics": False, "logs": False}
"""For ``FastAPI(telemetry=…)``: its own spans tell whole addresses."""

_NO_WORDS: Final[Any] = {"record_exception": False, "set_status_on_exception": False}
"""An exception's text may hold an address or what a customer wrote."""

_tracer: Tracer | None = None


def start(service: str) -> None:
    """Once in a process, before it answers anything. ``service`` names it, unless ``OTEL_SERVICE_NAME`` does."""
    global _tracer
    if not os.environ.get(ENDPOINT):
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or service
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _tracer = trace.get_tracer("nanococoa")


def is_on() -> bool:
    return _tracer is not None


def flush(seconds: float) -> None:
    """Send what waits, for a process that ends without Python's own end."""
    if is_on():
        from opentelemetry import trace

        trace.get_tracer_provider().force_flush(int(1000 * seconds))  # type: ignore[attr-defined]


def outgoing() -> dict[str, str]:
    """The headers by which another service's spans join this one's."""
    headers: dict[str, str] = {}
    if is_on():
        from opentelemetry import propagate

        propagate.inject(headers)
    return headers


@contextmanager
def working(name: str, **attributes: str) -> Iterator[None]:
    """A span of work that no request waits for."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(name, attributes=attributes, **_NO_WORDS):
        yield


@contextmanager
def asking(method: str, host: str) -> Iterator[Span | None]:
    """A span of a request to another service."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    about = {"http.request.method": method, "server.address": host}
    with _tracer.start_as_current_span(method, kind=SpanKind.CLIENT, attributes=about, **_NO_WORDS) as span:
        yield span


class Traced:
    """The outermost layer of an ASGI application: a span for each request, part of its caller's trace."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if _tracer is None or scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        with _answering(_tracer, scope) as span:

            async def answer(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, answer)


@contextmanager
def _answering(tracer: Tracer, scope: MutableMapping[str, Any]) -> Iterator[Span]:
    from opentelemetry import propagate
    from opentelemetry.trace import SpanKind

    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    caller, method = propagate.extract(carrier), scope["method"]
    with tracer.start_as_current_span(method, context=caller, kind=SpanKind.SERVER, **_NO_WORDS) as span:
        span.set_attribute("http.request.method", method)
        try:
            yield span
        finally:
            route = getattr(scope.get("route"), "path", None) or f"/{scope['path'].split('/')[1]}"
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.route": route, "nanococoa.request_id": request_ids.running()})
