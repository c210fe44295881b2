"""The REST API: ``create_app(settings)`` builds it, its lifespan opens what the routes work with.

The process imports no torch, OpenCV or NumPy: it checks, stores and enqueues; workers do the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI

from nanococoa_aiserver import logs
from nanococoa_aiserver.api import (
    artifacts,
    dashboard,
    edits,
    events,
    fonts,
    jobs,
    light,
    machine,
    metrics,
    problems,
)
from nanococoa_aiserver.api.engine_watch import EngineWatch
from nanococoa_aiserver.api.gate import BodyLimit, RequestLog, TokenGate
from nanococoa_aiserver.api.machine_metrics import MachineMetrics
from nanococoa_aiserver.api.pictures import Pictures
from nanococoa_aiserver.api.schema import openapi_of
from nanococoa_aiserver.api.services import Services
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.jobs.service import JobService
from nanococoa_aiserver.settings import Settings
from nanococoa_client import tracing

THREADS = 8
"""For routes that ask the database, some milliseconds each; every thread more has a connection and costs memory."""

UPLOAD_THREADS = 2
"""Pictures decoded at the same time: 25 MP are 100 MB each while they are looked at."""

ROUTERS = (jobs, edits, events, artifacts, light, machine, fonts, metrics, dashboard)


def create_app(settings: Settings) -> FastAPI:
    """The application. Nothing is opened before its lifespan begins."""
    logs.configure(settings)
    app = FastAPI(lifespan=partial(_lifespan, settings), docs_url=None, redoc_url=None, telemetry=tracing.FASTAPIS_OWN)
    for part in ROUTERS:
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(BodyLimit)
    if settings.aiserver_token is not None:
        app.add_middleware(TokenGate, settings.aiserver_token)
    app.add_middleware(RequestLog)
    app.add_middleware(tracing.Traced)
    app.openapi = partial(openapi_of, app)  # type: ignore[method-assign]  # FastAPI's own way of extending it
    return app


@asynccontextmanager
async def _lifespan(settings: Settings, app: FastAPI) -> AsyncIterator[None]:
    store = open_store(settings.store_url)
    service, machine_metrics = JobService(settings, store), MachineMetrics()
    uploads, engine = CapacityLimiter(UPLOAD_THREADS), EngineWatch(service)
    app.state.services = Services(settings, service, store, Pictures(store), machine_metrics, uploads, engine)
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    try:
        yield
    finally:
        machine_metrics.close()
        service.close()
