"""What people, visitors and other systems write is shown as words on every page, even if no policy forbade scripts.

Pages are asked of the application by a real Chromium. Homepages: tests/homepage/browser/test_homepage_hostile.py.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route

from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import Base
from support.dashboard import Browser
from support.rules import rules_of
from support.town import Town, filled, settled
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HERE = "http://127.0.0.1:8890"
ATTACK = "\"'></script><svg/onload=hit>"
"""Ends an attribute, a script and an element; to look at ``hit`` is to be hit."""

SHOWN = {
    "audit_log": ("subject",),
    "businesses": ("name", "trade", "address", "phone", "hours", "story", "legal_name", "representative"),
    "users": ("name",),
    "api_tokens": ("name",),
    "campaigns": ("name",),
    "chats": ("title",),
    "homepages": ("title",),
    "sign_ins": ("browser", "address"),
    "webhooks": ("url",),
    "batch_runs": ("name",),
    "batch_items": ("name", "unit", "notes"),
    "contact_messages": ("site", "name", "reply", "wanted", "text"),
    "homepage_tasks": ("words",),
    "picture_notes": ("words",),
    "products": ("name", "unit", "notes"),
    "webhook_deliveries": ("answer",),
    "ads": ("title", "words"),
}
"""Columns that hold what somebody wrote. JSON is spoiled text by text below."""

SPOILED_JSON = {"chat_messages": "body", "ad_versions": "fields", "chats": "wishes", "homepages": "sections"}
KINDS = frozenset({"kind", "type", "id", "role", "status", "state", "tool", "ref", "url", "format", "name_key", "key"})
WATCH = "window.hits = 0; Object.defineProperty(window, 'hit', {get: () => { window.hits += 1; return 0; }})"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with settled(tmp_path_factory.mktemp("words"), log_level="ERROR") as built:
        wait_for_quiet(built)
        spoil(built)
        yield built


def wait_for_quiet(town: Town) -> None:
    """Work beside the requests is done with the rows."""
    edit = f"/ads/{town.things['ad_id']}/edits/{town.things['edit_id']}"
    until(lambda: town.mine.api("GET", edit).json()["status"] not in ("waiting", "running", "pending"))


def spoil(town: Town) -> None:
    session: Any
    with town.dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        connection = session.connection()
        for name, columns in SHOWN.items():
            table = Base.metadata.tables[name]
            room = {column: ATTACK[: getattr(table.c[column].type, "length", None)] for column in columns}
            connection.execute(sa.update(table).values(room))
        for name, column in SPOILED_JSON.items():
            table = Base.metadata.tables[name]
            for row in connection.execute(sa.select(table.c.id, table.c[column])).all():
                change = sa.update(table).where(table.c.id == row[0]).values({column: spoiled(row[1])})
                connection.execute(change)
        people = Base.metadata.tables["users"]
        connection.execute(sa.update(people).where(people.c.email == "a@b.kr").values(is_admin=True))


def spoiled(value: Any) -> Any:
    """Every text but names of kinds."""
    if isinstance(value, dict):
        return {name: one if name in KINDS else spoiled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [spoiled(one) for one in value]
    return ATTACK if isinstance(value, str) and value else value


def through(town: Town, who: Browser) -> Any:
    """What Chromium asks for, answered by the application itself; nothing else is reached."""

    def answer(route: Route) -> None:
        address = route.request.url
        if not address.startswith(f"{HERE}/") or route.request.resource_type in ("image", "font", "stylesheet"):
            return route.abort()
        if address.endswith("/events") or route.request.resource_type == "eventsource":
            return route.abort()
        told = who.raw(route.request.method, address.removeprefix(HERE), content=route.request.post_data_buffer)
        headers = {name: value for name, value in told.headers.items() if name != "content-encoding"}
        return route.fulfill(status=told.status_code, headers=headers, body=told.content)

    return answer


def pages(town: Town) -> list[str]:
    """Every address of a page, with this shop's own ids."""
    found = [path for (method, path), _ in rules_of("backend").items() if method == "GET"]
    found = [path for path in found if not path.startswith(("/api/", "/static/", "/media/", "/metrics"))]
    shown = [filled("GET", path, town.things | {"language": "ko", "secret": "x", "token": "x"})[0] for path in found]
    return [path for path in shown if not path.endswith(("/events", "/zip", ".zip", ".csv", "/language/ko"))]


def opened(chromium: Chromium, town: Town, *, policy: bool) -> Page:
    context = chromium.new_context(bypass_csp=not policy)
    context.add_init_script(WATCH)
    context.route("**/*", through(town, town.mine))
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    return page


def test_every_page_shows_what_was_written_as_words(chromium: Chromium, town: Town) -> None:
    page = opened(chromium, town, policy=False)
    seen, hit = 0, []
    for path in pages(town):
        answer = town.mine.get(path)
        if answer.status_code >= 500:
            hit.append((path, answer.status_code))
        if not answer.headers.get("content-type", "").startswith("text/html") or answer.status_code == 303:
            continue
        page.goto(HERE + path, wait_until="load")
        seen += ATTACK in page.content() or "svg/onload=hit" in page.inner_text("body")
        if page.evaluate("window.hits") or page.locator("svg[onload], [onerror]").count():
            hit.append((path, 0))
    page.context.close()
    assert hit == []
    assert seen >= 15, "the attack stands on most pages"


def test_the_policy_stops_what_would_get_in_all_the_same(chromium: Chromium, town: Town) -> None:
    page = opened(chromium, town, policy=True)
    for path in ("/", "/products", "/business"):
        page.goto(HERE + path, wait_until="load")
        page.evaluate(
            """() => {
                document.body.insertAdjacentHTML("beforeend", "<svg onload=hit></svg>");
                document.body.insertAdjacentHTML("beforeend", "<a id=go href='javascript:hit'>x</a>");
                document.body.append(Object.assign(document.createElement("script"), {textContent: "hit"}));
                document.getElementById("go").click();
            }"""
        )
        assert page.evaluate("new Promise((done) => requestAnimationFrame(() => done(window.hits)))") == 0, path
    page.context.close()


def test_nothing_in_an_archive_leads_out_of_where_it_is_unpacked(town: Town) -> None:
    archives = [town.mine.api("GET", f"/ads/{town.things['ad_id']}/zip"), exported(town)]
    for answer in archives:
        assert answer.status_code == 200, answer.text
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert names
        for name in names:
            path = PurePosixPath(name)
            assert not path.is_absolute(), name
            assert ".." not in path.parts, name
            assert not set('\\:*?"<>|') & set(name), name


def exported(town: Town) -> Any:
    """The shop's own archive, made after its names were spoiled; it holds no secret either."""
    export = town.mine.api("POST", "/business/exports").json()["id"]
    until(lambda: town.mine.api("GET", f"/exports/{export}/file").status_code == 200)
    answer = town.mine.api("GET", f"/exports/{export}/file")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    rows = json.dumps([archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if "data/" in name])
    assert "argon2" not in rows
    assert "whsec_" not in rows
    return answer
