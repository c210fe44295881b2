"""The dashboard: ``create_app(settings)`` builds it; what its routes work with is opened in ``wiring``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial

from fastapi import Depends, FastAPI
from starlette.routing import BaseRoute

from nanococoa_backend.accounts import api as accounts_api
from nanococoa_backend.accounts import routes as accounts
from nanococoa_backend.admin import api as admin_api
from nanococoa_backend.admin import routes as admin
from nanococoa_backend.ads import api as ads_api
from nanococoa_backend.ads import routes as ads
from nanococoa_backend.batch import api as batch_api
from nanococoa_backend.batch import routes as batch
from nanococoa_backend.businesses import api as businesses_api
from nanococoa_backend.businesses import routes as businesses
from nanococoa_backend.chat import api as chat_api
from nanococoa_backend.chat import routes as chat
from nanococoa_backend.editor import api as editor_api
from nanococoa_backend.editor import routes as editor
from nanococoa_backend.gallery import api as gallery_api
from nanococoa_backend.gallery import pages as ad_page
from nanococoa_backend.gallery import public as gallery_public
from nanococoa_backend.gallery import routes as gallery
from nanococoa_backend.home import more
from nanococoa_backend.home import routes as home
from nanococoa_backend.homepages import api as homepages_api
from nanococoa_backend.homepages import routes as homepages
from nanococoa_backend.homepages import section_routes as homepages_sections
from nanococoa_backend.inbox import api as inbox_api
from nanococoa_backend.inbox import routes as inbox
from nanococoa_backend.leaving import api as leaving_api
from nanococoa_backend.leaving import routes as leaving
from nanococoa_backend.media import logo
from nanococoa_backend.media import routes as media
from nanococoa_backend.platform import csrf, health, metrics, problems, schema, statics
from nanococoa_backend.platform.gate import BodyLimit, RequestLog
from nanococoa_backend.platform.idempotency import Idempotency
from nanococoa_backend.platform.mail import Mailer
from nanococoa_backend.products import api as products_api
from nanococoa_backend.products import routes as products
from nanococoa_backend.profile import routes as profile
from nanococoa_backend.profile import tokens, tokens_api
from nanococoa_backend.settings import Settings
from nanococoa_backend.system import api as system_api
from nanococoa_backend.system import routes as system
from nanococoa_backend.tools import api as tools_api
from nanococoa_backend.tools import routes as tools
from nanococoa_backend.webhooks import api as webhooks_api
from nanococoa_backend.webhooks import routes as webhooks
from nanococoa_backend.wiring import at_work
from nanococoa_client import logs, tracing
from nanococoa_client.api import Aiserver

ROUTERS = (
    health,
    metrics,
    statics,
    media,
    accounts,
    businesses,
    logo,
    products,
    profile,
    tokens,
    tokens_api,
    webhooks,
    webhooks_api,
    home,
    more,
    leaving,
    leaving_api,
    admin,
    admin_api,
    system,
    system_api,
    accounts_api,
    businesses_api,
    products_api,
    ads_api,
    ads,
    gallery,
    gallery_api,
    gallery_public,
    ad_page,
    tools,
    tools_api,
    batch,
    batch_api,
    editor,
    editor_api,
    homepages,
    homepages_api,
    homepages_sections,
    inbox,
    inbox_api,
    chat,
    chat_api,
)


def create_app(settings: Settings, aiserver: Aiserver | None = None, mailer: Mailer | None = None) -> FastAPI:
    """The application. Nothing is opened before its lifespan begins; tests bring their own aiserver and mailer."""
    logs.configure(settings.log, settings.log_level, quiet=("alembic",))
    app = FastAPI(
        lifespan=partial(_lifespan, settings, aiserver, mailer),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        telemetry=tracing.FASTAPIS_OWN,
    )
    app.router.routes.extend(_routes())
    problems.install(app)
    app.add_middleware(Idempotency)
    app.add_middleware(BodyLimit)
    app.state.requests = metrics.Requests()
    app.add_middleware(RequestLog, is_https=settings.is_https, requests=app.state.requests)
    app.add_middleware(tracing.Traced)
    app.openapi = partial(schema.openapi_of, app)  # type: ignore[method-assign]  # FastAPI's own way of extending it
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Made once in a process: reading hundreds of signatures is most of what an application costs."""
    app = FastAPI(openapi_url=None, dependencies=[Depends(csrf.check)])
    for part in ROUTERS:
        app.include_router(part.router)
    return tuple(app.routes)


@asynccontextmanager
async def _lifespan(
    settings: Settings, aiserver: Aiserver | None, mailer: Mailer | None, app: FastAPI
) -> AsyncIterator[None]:
    async with at_work(settings, aiserver, mailer) as services:
        app.state.services = services
        yield
