"""The dashboard: ``create_app(settings)`` builds it, its lifespan opens what the routes work with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from fastapi import Depends, FastAPI

from nanococoa_backend.accounts import api as accounts_api
from nanococoa_backend.accounts import routes as accounts
from nanococoa_backend.admin import api as admin_api
from nanococoa_backend.admin import routes as admin
from nanococoa_backend.ads import api as ads_api
from nanococoa_backend.ads import routes as ads
from nanococoa_backend.ads.catalogue import CatalogueWatch
from nanococoa_backend.ads.making import Making
from nanococoa_backend.ads.writer import writer_of
from nanococoa_backend.batch import api as batch_api
from nanococoa_backend.batch import routes as batch
from nanococoa_backend.batch.running import Running
from nanococoa_backend.businesses import api as businesses_api
from nanococoa_backend.businesses import routes as businesses
from nanococoa_backend.chat import api as chat_api
from nanococoa_backend.chat import routes as chat
from nanococoa_backend.chat.answering import Answering
from nanococoa_backend.chat.live import ChatParts, Live
from nanococoa_backend.editor import api as editor_api
from nanococoa_backend.editor import routes as editor
from nanococoa_backend.editor.rendering import Rendering
from nanococoa_backend.gallery import api as gallery_api
from nanococoa_backend.gallery import pages as ad_page
from nanococoa_backend.gallery import public as gallery_public
from nanococoa_backend.gallery import routes as gallery
from nanococoa_backend.home import more
from nanococoa_backend.home import routes as home
from nanococoa_backend.homepages import api as homepages_api
from nanococoa_backend.homepages import routes as homepages
from nanococoa_backend.homepages import section_routes as homepages_sections
from nanococoa_backend.homepages.parts import open_parts as open_homepages
from nanococoa_backend.homepages.sending import Sending as SendingHomepages
from nanococoa_backend.leaving import api as leaving_api
from nanococoa_backend.leaving import routes as leaving
from nanococoa_backend.leaving.exporting import Exporting
from nanococoa_backend.leaving.forgetting import Forgetting
from nanococoa_backend.leaving.purging import Purging
from nanococoa_backend.leaving.removing import Removing
from nanococoa_backend.limits import service as limits
from nanococoa_backend.media import logo
from nanococoa_backend.media import routes as media
from nanococoa_backend.platform import csrf, health, logs, problems, schema, statics
from nanococoa_backend.platform.background import working
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.gate import BodyLimit, RequestLog
from nanococoa_backend.platform.housekeeping import Housekeeping
from nanococoa_backend.platform.idempotency import Idempotency, KeptAnswers
from nanococoa_backend.platform.letters import Postman
from nanococoa_backend.platform.mail import FileMailer, Mailer, SmtpMailer
from nanococoa_backend.platform.migrating import upgrade
from nanococoa_backend.platform.pages import Pages
from nanococoa_backend.platform.passwords import Passwords
from nanococoa_backend.platform.rates import Rates
from nanococoa_backend.platform.services import Services
from nanococoa_backend.platform.store import open_store
from nanococoa_backend.platform.watch import AiserverWatch, Bell
from nanococoa_backend.platform.watchers import Watchers
from nanococoa_backend.products import api as products_api
from nanococoa_backend.products import routes as products
from nanococoa_backend.products.cutting import Cutting
from nanococoa_backend.profile import routes as profile
from nanococoa_backend.profile import tokens, tokens_api
from nanococoa_backend.settings import Settings
from nanococoa_backend.system import api as system_api
from nanococoa_backend.system import routes as system
from nanococoa_backend.system.watch import MachineWatch
from nanococoa_backend.tools import api as tools_api
from nanococoa_backend.tools import routes as tools
from nanococoa_backend.webhooks import api as webhooks_api
from nanococoa_backend.webhooks import routes as webhooks
from nanococoa_backend.webhooks.announcing import Announcer
from nanococoa_backend.webhooks.post import Post
from nanococoa_backend.webhooks.sending import Sending
from nanococoa_client.api import Aiserver
from nanococoa_client.client import AiserverClient

THREADS = 16
"""For routes, which ask the database and encode pictures; each may hold a decoded photo of 100 MB for a moment."""

ROUTERS = (
    health,
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
    chat,
    chat_api,
)


def create_app(settings: Settings, aiserver: Aiserver | None = None, mailer: Mailer | None = None) -> FastAPI:
    """The application. Nothing is opened before its lifespan begins; tests bring their own aiserver and mailer."""
    logs.configure(settings)
    app = FastAPI(
        lifespan=partial(_lifespan, settings, aiserver, mailer),
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(csrf.check)],
        openapi_url="/api/v1/openapi.json",
    )
    for part in ROUTERS:
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(Idempotency)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLog, is_https=settings.is_https)
    app.openapi = partial(schema.openapi_of, app)  # type: ignore[method-assign]  # FastAPI's own way of extending it
    return app


@asynccontextmanager
async def _lifespan(
    settings: Settings, given: Aiserver | None, mailer: Mailer | None, app: FastAPI
) -> AsyncIterator[None]:
    database = Database(settings.customers_url, {limits.KEY: limits.defaults_of(settings)})
    store = open_store(settings.store_url)
    await to_thread.run_sync(upgrade, database)
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    token = settings.aiserver_token
    client = AiserverClient(settings.aiserver_url, token=token.get_secret_value() if token else None)
    aiserver = given or client
    watch, cutting_bell, making_bell, posting_bell = AiserverWatch(aiserver), Bell(), Bell(), Bell()
    rendering_bell, mailing_bell, exporting_bell, batching_bell = Bell(), Bell(), Bell(), Bell()
    post = Post(private_too=settings.webhooks_inside == "allow")
    catalogue = CatalogueWatch(aiserver)
    talking = ChatParts(Live(), Bell(), settings.has_llm)
    sites = open_homepages(settings)
    machine = MachineWatch(settings, database, store)
    app.state.services = Services(
        settings=settings,
        database=database,
        store=store,
        passwords=await to_thread.run_sync(Passwords),
        mailing=mailing_bell,
        exporting=exporting_bell,
        machine=machine,
        rates=Rates(database),
        kept=KeptAnswers(database),
        pages=Pages(),
        aiserver=aiserver,
        watch=watch,
        catalogue=catalogue,
        writer=writer_of(settings),
        cutting=cutting_bell,
        making=making_bell,
        batching=batching_bell,
        rendering=rendering_bell,
        posting=posting_bell,
        watchers=Watchers(),
        chat=talking,
        homepages=sites,
    )
    exporting = Exporting(database, store, settings.backend_data_dir.absolute() / "exports", exporting_bell)
    running = Running(database, store, batching_bell, cutting_bell, making_bell)
    chores = (
        Forgetting(database).work,
        exporting.forget_old,
        running.forget_drafts,
        Purging(database, store).work,
        Removing(database, store, aiserver, sites.service.unpublish).work,
    )
    workers = (
        watch,
        catalogue,
        Cutting(database, store, aiserver, cutting_bell),
        Making(database, store, aiserver, making_bell, (Announcer(settings.public_url, posting_bell),)),
        running,
        Rendering(database, store, aiserver, rendering_bell),
        Sending(database, post, posting_bell),
        sites.watch,
        SendingHomepages(database, store, sites.service, sites.bell),
        Answering(database, store, settings, talking, making_bell),
        machine,
        exporting,
        Housekeeping(database, chores),
        Postman(database, mailer or _mailer(settings), mailing_bell),
    )
    try:
        async with working(workers):
            yield
    finally:
        await client.close()
        await post.close()
        await sites.service.close()
        database.close()


def _mailer(settings: Settings) -> Mailer:
    url = settings.smtp_url
    return SmtpMailer(url.get_secret_value(), settings.mail_from) if url else FileMailer(settings.mail_dir)
