"""What the dashboard is made of: resources, closed in the opposite order of their opening, and work beside routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from anyio import to_thread

from nanococoa_backend.ads.catalogue import CatalogueWatch
from nanococoa_backend.ads.making import Making
from nanococoa_backend.ads.writer import writer_of
from nanococoa_backend.batch.ending import Ending
from nanococoa_backend.batch.running import Running
from nanococoa_backend.chat.answering import Answering
from nanococoa_backend.chat.live import ChatParts, Live
from nanococoa_backend.editor.rendering import Rendering
from nanococoa_backend.homepages.parts import open_parts as open_homepages
from nanococoa_backend.homepages.sending import Sending as SendingHomepages
from nanococoa_backend.leaving.exporting import Exporting
from nanococoa_backend.leaving.forgetting import Forgetting
from nanococoa_backend.leaving.purging import Purging
from nanococoa_backend.leaving.removing import Removing
from nanococoa_backend.limits import service as limits
from nanococoa_backend.media.weighing import Weighing
from nanococoa_backend.platform.background import Worker, working
from nanococoa_backend.platform.crew import Crew
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.housekeeping import Housekeeping
from nanococoa_backend.platform.idempotency import KeptAnswers
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
from nanococoa_backend.products.cutting import Cutting
from nanococoa_backend.settings import Settings
from nanococoa_backend.system.watch import MachineWatch
from nanococoa_backend.tools.answering import Answering as AnsweringQuestions
from nanococoa_backend.webhooks.announcing import Announcer
from nanococoa_backend.webhooks.post import Post
from nanococoa_backend.webhooks.sending import Sending
from nanococoa_client.api import Aiserver
from nanococoa_client.client import AiserverClient

THREADS: Final = 16
"""For routes, which ask the database and encode pictures; each may hold a decoded photo of 100 MB for a moment."""


@asynccontextmanager
async def at_work(settings: Settings, aiserver: Aiserver | None, mailer: Mailer | None) -> AsyncIterator[Services]:
    """Everything open and the work beside the requests under way, until the block ends."""
    async with AsyncExitStack() as stack:
        services = await _opened(stack, settings, aiserver)
        post = Post(private_too=settings.webhooks_inside == "allow")
        stack.push_async_callback(post.close)
        workers = [*_watches(services), *_crews(services, post, mailer or _mailer_of(settings)), _chores(services)]
        await stack.enter_async_context(working(workers))
        yield services


async def _opened(stack: AsyncExitStack, settings: Settings, given: Aiserver | None) -> Services:
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    database = Database(settings.customers_url, {limits.KEY: limits.defaults_of(settings)})
    stack.callback(database.close)
    await to_thread.run_sync(upgrade, database)
    store = open_store(settings.store_url)
    aiserver = given or _aiserver_of(stack, settings)
    homepages = open_homepages(settings)
    stack.push_async_callback(homepages.service.close)
    return Services(
        settings=settings,
        database=database,
        store=store,
        passwords=await to_thread.run_sync(Passwords),
        mailing=Bell(),
        exporting=Bell(),
        machine=MachineWatch(settings, database, store),
        rates=Rates(database),
        kept=KeptAnswers(database),
        pages=Pages(),
        aiserver=aiserver,
        watch=AiserverWatch(aiserver),
        catalogue=CatalogueWatch(aiserver),
        writer=writer_of(settings),
        cutting=Bell(),
        making=Bell(),
        batching=Bell(),
        rendering=Bell(),
        asking=Bell(),
        posting=Bell(),
        watchers=Watchers(),
        chat=ChatParts(Live(), Bell(), settings.has_llm),
        homepages=homepages,
    )


def _aiserver_of(stack: AsyncExitStack, settings: Settings) -> AiserverClient:
    token = settings.aiserver_token
    client = AiserverClient(settings.aiserver_url, token=token.get_secret_value() if token else None)
    stack.push_async_callback(client.close)
    return client


def _mailer_of(settings: Settings) -> Mailer:
    url = settings.smtp_url
    return SmtpMailer(url.get_secret_value(), settings.mail_from) if url else FileMailer(settings.mail_dir)


def _watches(services: Services) -> tuple[Worker, ...]:
    """Who asks now and then how others are."""
    return services.watch, services.catalogue, services.homepages.watch, services.machine


def _crews(services: Services, post: Post, mailer: Mailer) -> tuple[Worker, ...]:
    """Who works on rows that wait. An ad that comes home with 26 files must not hold up the others: three hands."""
    database, store, aiserver = services.database, services.store, services.aiserver
    making, sites = services.making, services.homepages
    announcer = Announcer(services.settings.public_url, services.posting)
    homepages = SendingHomepages(database, store, sites.service, (announcer.homepage,))
    return (
        Crew(database, Cutting(database, store, aiserver), services.cutting),
        Crew(database, Making(database, store, aiserver, (announcer.ad,)), making, hands=3, pause=1),
        Crew(database, Running(database, store, services.cutting, making), services.batching),
        Crew(database, Ending(database, announcer.batch), Bell(), pause=2),
        Crew(database, AnsweringQuestions(database, store, aiserver), services.asking, hands=2, pause=2),
        Crew(database, Rendering(database, store, aiserver), services.rendering),
        Crew(database, Sending(database, post), services.posting),
        Crew(database, homepages, sites.bell, hands=2, pause=2),
        Crew(database, Answering(services), services.chat.bell, hands=4),
        Crew(database, _exporting(services), services.exporting),
        Crew(database, Postman(database, mailer), services.mailing),
    )


def _chores(services: Services) -> Housekeeping:
    database, store = services.database, services.store
    remove_site = services.homepages.service.remove
    chores = (
        Forgetting(database).work,
        Weighing(database, store).work,
        _exporting(services).forget_old,
        Running(database, store, services.cutting, services.making).forget_drafts,
        Purging(database, store, remove_site).work,
        Removing(database, store, services.aiserver, remove_site).work,
    )
    return Housekeeping(database, chores)


def _exporting(services: Services) -> Exporting:
    folder = services.settings.backend_data_dir.absolute() / "exports"
    return Exporting(services.database, services.store, folder)
