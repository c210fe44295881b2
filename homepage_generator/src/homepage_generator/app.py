"""The service: ``create_app(settings)`` builds it, its lifespan opens what the routes and the runner work with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Final, TypeAlias

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI

from homepage_generator.api import commissions, edits, jobs, machine, pages, problems, sites
from homepage_generator.api.gate import BodyLimit, RequestLog, TokenGate
from homepage_generator.api.schema import openapi_of
from homepage_generator.api.services import Services
from homepage_generator.database import Database
from homepage_generator.fetching import ArtifactPictures
from homepage_generator.jobs.repository import Jobs
from homepage_generator.jobs.runner import Runner
from homepage_generator.jobs.service import JobService
from homepage_generator.making import open_maker
from homepage_generator.media import MediaStore
from homepage_generator.publish.folders import Folders
from homepage_generator.publish.inbox import Inbox
from homepage_generator.publish.messages import MessageStore
from homepage_generator.publish.sites import SiteStore
from homepage_generator.render.fonts import FontsMissing, missing
from homepage_generator.render.theme import themes
from homepage_generator.settings import Settings
from homepage_generator.spec.work import Maker
from nanococoa_client import logs, tracing

NOISY: Final = ("httpx", "httpcore", "aiosqlite", "fontTools")
THREADS = 16
UPLOAD_THREADS = 2
"""Commissions read at the same time: each may decode dozens of pictures."""

ROUTERS = (machine, commissions, jobs, sites, edits, pages)
"""``pages`` last: its paths take what the others left."""

OpenMaker: TypeAlias = Callable[[Settings, MediaStore, AsyncExitStack], Any]


def create_app(settings: Settings, make: OpenMaker = open_maker) -> FastAPI:
    """The application. Nothing is opened before its lifespan begins. ``make`` opens what makes the pages."""
    logs.configure(settings.log, settings.log_level, quiet=NOISY)
    app = FastAPI(
        lifespan=partial(_lifespan, settings, make),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=tracing.FASTAPIS_OWN,
    )
    for part in ROUTERS:
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(BodyLimit)
    if settings.homepage_token is not None:
        app.add_middleware(TokenGate, settings.homepage_token)
    app.add_middleware(RequestLog)
    app.add_middleware(tracing.Traced)
    app.openapi = partial(openapi_of, app)  # type: ignore[method-assign]  # FastAPI's own way of extending it
    return app


@asynccontextmanager
async def _lifespan(settings: Settings, make: OpenMaker, app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    if lacking := await to_thread.run_sync(lambda: missing(face for theme in themes() for face in theme.face)):
        log = structlog.get_logger()
        log.error("typefaces are missing: some themes can't be drawn", files=lacking, why=FontsMissing.__doc__)
    async with AsyncExitStack() as stack:
        database = Database(settings.jobs_url)
        stack.callback(database.close)
        media, folders = MediaStore(settings.media), Folders(settings.sites)
        store = SiteStore(database, folders, settings.keep_versions)
        await to_thread.run_sync(store.reconcile)
        maker: Maker = await make(settings, media, stack)
        app.state.services = await _services(settings, database, store, media, maker, stack)
        yield


async def _services(
    settings: Settings, database: Database, store: SiteStore, media: MediaStore, maker: Maker, stack: AsyncExitStack
) -> Services:
    rows, messages = Jobs(database, settings.queue_limit), MessageStore(database)
    folder = settings.homepage_data_dir.absolute() / "jobs"
    address = f"{settings.public_address}/sites/{{}}/".format
    runner = Runner(
        rows, store, maker, folder, address, messages, hands=settings.workers, keep_days=settings.keep_jobs_days
    )
    await stack.enter_async_context(_beside(runner.run))
    inbox = None
    if settings.inbox_url and settings.inbox_secret:
        inbox = Inbox(messages, settings.inbox_url, settings.inbox_secret)
        await stack.enter_async_context(_beside(inbox.run))
    service = JobService(rows, folder, settings.workers, runner.ring, runner.cut_short)
    pictures = ArtifactPictures(settings.aiserver_url, settings.aiserver_token)
    return Services(settings, service, store, messages, media, pictures, inbox, CapacityLimiter(UPLOAD_THREADS))


@asynccontextmanager
async def _beside(work: Callable[[], Any]) -> AsyncIterator[None]:
    """Run this beside the requests until the service ends."""
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
