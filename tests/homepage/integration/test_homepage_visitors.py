"""Messages of visitors: kept, counted, handed to the inbox until it takes them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from standardwebhooks import Webhook

from homepage_generator.database import Database
from homepage_generator.errors import NotFound, TooManyTries
from homepage_generator.publish.folders import Folders
from homepage_generator.publish.inbox import Inbox, signing_key
from homepage_generator.publish.messages import MOST_OF_SENDER, Message, MessageStore
from homepage_generator.publish.sites import SiteStore
from homepage_generator.publish.tables import messages as rows
from support.homepages_maker import site_folder
from support.waiting import until

SECRET = "a secret of the suite's own"
HELLO = Message(name="김손님", reply="010-1234-5678", message="내일 사과 있나요?", page="home")


@pytest.fixture
def database(tmp_path: Path, jobs_url: str) -> Iterator[Database]:
    found = Database(jobs_url or f"sqlite:///{tmp_path / 'homepages.db'}")
    yield found
    found.close()


@pytest.fixture
def store(tmp_path: Path, database: Database) -> MessageStore:
    sites = SiteStore(database, Folders(tmp_path / "sites"))
    slug = sites.reserve("햇살과일", "a")
    sites.publish(slug, sites.add(slug, "a", site_folder(tmp_path / "build", "햇살"), {}, {}, []))
    return MessageStore(database)


class Dashboard:
    """An inbox over real HTTP that checks signatures; ``answers`` are given first, then 204."""

    def __init__(self, *answers: int) -> None:
        self.answers, self.taken, self.asked = list(answers), list[dict[str, object]](), 0

    async def take(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        letter = Webhook(signing_key(SECRET)).verify(body, headers)
        status = self.answers.pop(0) if self.answers else 204
        if status == 204:
            self.taken.append(letter)
        return web.Response(status=status)


@asynccontextmanager
async def handing_over(store: MessageStore, dashboard: Dashboard) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/arrivals", dashboard.take)
    async with TestServer(app) as server:
        inbox = Inbox(store, str(server.make_url("/arrivals")), SecretStr(SECRET))
        task = asyncio.create_task(inbox.run())
        inbox.ring()
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def when(ask: Callable[[], object]) -> None:
    await asyncio.to_thread(until, ask, 10)


async def test_a_message_is_handed_over_signed_and_once(store: MessageStore) -> None:
    kept = store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=True)
    dashboard = Dashboard()
    async with handing_over(store, dashboard):
        await when(lambda: store.of("haetsalgwail")[0].delivered)
    (letter,) = dashboard.taken
    assert letter["type"] == "homepage.message"
    data = letter["data"]
    assert isinstance(data, dict)
    assert data["id"] == kept
    assert (data["slug"], data["site"]) == ("haetsalgwail", "햇살과일")
    assert (data["name"], data["message"]) == ("김손님", "내일 사과 있나요?")
    assert store.claim() is None


@pytest.mark.parametrize("status", [500, 401, 429])
async def test_a_message_waits_for_an_inbox_that_is_ill(store: MessageStore, database: Database, status: int) -> None:
    store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=True)
    dashboard = Dashboard(status)
    async with handing_over(store, dashboard):
        await when(lambda: store.of("haetsalgwail")[0].tries == 1 and dashboard.asked == 1)
        await when(lambda: _due(database) and _hurry(database))
        await when(lambda: store.of("haetsalgwail")[0].delivered)
    assert len(dashboard.taken) == 1


async def test_a_message_the_inbox_refuses_for_good_is_kept_here(store: MessageStore) -> None:
    store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=True)
    dashboard = Dashboard(422)
    async with handing_over(store, dashboard):
        await when(lambda: dashboard.asked == 1)
    assert store.claim() is None
    assert store.of("haetsalgwail")[0].body["name"] == "김손님"


def test_a_flood_from_one_visitor_is_held_off_and_others_are_heard(store: MessageStore) -> None:
    for _ in range(MOST_OF_SENDER):
        store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=False)
    with pytest.raises(TooManyTries):
        store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=False)
    store.keep("haetsalgwail", HELLO, "203.0.113.6", forward=False)


def test_a_visitors_address_is_not_kept(store: MessageStore, database: Database) -> None:
    store.keep("haetsalgwail", HELLO, "203.0.113.5", forward=False)
    with database.begin() as connection:
        kept = connection.execute(sa.select(rows)).one()
    assert "203.0.113.5" not in json.dumps(kept._asdict(), default=str)


def test_a_shop_that_is_not_published_takes_no_messages(store: MessageStore) -> None:
    with pytest.raises(NotFound):
        store.keep("nobody", HELLO, "203.0.113.5", forward=False)


def _due(database: Database) -> bool:
    """It was put off, not merely claimed."""
    with database.begin() as connection:
        row = connection.execute(sa.select(rows)).one()
        return bool(row.next_try and row.next_try - database.now(connection) < 61 and row.tries == 1)


def _hurry(database: Database) -> bool:
    with database.begin() as connection:
        connection.execute(sa.update(rows).values(next_try=0))
    return True
