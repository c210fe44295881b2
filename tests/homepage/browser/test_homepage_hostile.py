"""What a shop writes stays words, and a page spoiled on purpose gets nothing of the dashboard beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from homepage_generator.render import render
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import THEMES
from support.backend_process import Program
from support.homepages_server import HomepageServer
from support.homepages_specs import HOME, put, store, whole
from support.real_dashboard import RealDashboard, dashboard_over

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = frozenset({
    "kind", "variant", "id", "days", "starts", "ends", "opens", "closes", "trade", "theme", "picture", "pictures",
    "url", "purpose", "phone", "look", "color", "price",
})  # fmt: skip
ATTACKS = ("<svg onload=hit>", "<script>hit//", '"onerror=hit x="', "'onload=hit x='")
"""Each fits into the shortest field; to look at ``hit`` is to be hit."""
HOSTILE = """<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>x</title></head><body>
<script>document.title = document.cookie || "ran"; fetch("{api}", {{credentials: "include"}})</script>
<img src="{api}" alt="" onerror="document.title = 'ran'"><iframe src="{api}"></iframe>
<form id="f" method="post" action="{api}"><input name="name" value="spoiled"><button>x</button></form>
</body></html>"""


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("theme", THEMES[:2])
def test_what_is_written_into_every_field_stays_words_even_without_a_policy(
    chromium: Browser, tmp_path: Path, theme: str, attack: str
) -> None:
    media = store(tmp_path / "media")
    given = whole(media, theme)
    pictures = given.pop("pictures")
    spec = SiteSpec.model_validate(put(given, lambda _: attack, NAMES) | {"pictures": pictures})
    out = tmp_path / "site"
    render(spec, media, out, url=HOME)
    page = chromium.new_page()
    page.add_init_script("window.hits = 0; Object.defineProperty(window, 'hit', {get: () => { window.hits += 1; }})")
    page.goto((out / "index.html").as_uri(), wait_until="load")
    assert page.evaluate("window.hits") == 0
    assert page.locator("body script, [onerror], [onload]").count() == 0
    page.close()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealDashboard, HomepageServer]]:
    folder = tmp_path_factory.mktemp("hostile")
    homepages = HomepageServer(folder)
    with dashboard_over("http://127.0.0.1:9", folder) as dashboard:
        homepages.start()
        yield dashboard, homepages
        homepages.end()


def spoil(homepages: HomepageServer, markup: str) -> str:
    """A published folder with ``markup`` as its page, past every check; its address."""
    sites = Path(homepages.environment["HOMEPAGE_DATA_DIR"]) / "sites"
    version = sites / "versions" / "evil" / "v"
    version.mkdir(parents=True)
    (version / "index.html").write_text(markup, "utf-8")
    (sites / "live").mkdir(exist_ok=True)
    (sites / "live" / "evil").symlink_to("../versions/evil/v")
    return f"{homepages.url}/sites/evil/"


def refused(page: Page, code: str) -> bool:
    """``code`` as if the page's own scripts ran after all."""
    try:
        return page.evaluate(code) is None
    except Error:
        return True


def test_a_hostile_page_reads_no_cookie_of_the_dashboard_and_calls_none_of_its_apis(
    chromium: Browser, suite: tuple[RealDashboard, HomepageServer]
) -> None:
    dashboard, homepages = suite
    owner = Program(dashboard.url)
    owner.begin("sajang@haetsal.kr", "새벽 네 시 가락시장")
    context = chromium.new_context()
    cookies: Any = [{"name": one.name, "value": one.value, "url": dashboard.url} for one in owner._http.cookies.jar]
    context.add_cookies([*cookies, {"name": "plain", "value": "open", "url": dashboard.url}])
    answered: list[str] = []
    context.on("response", lambda answer: answered.append(answer.url))
    api = f"{dashboard.url}/api/v1/products"
    page = context.new_page()
    page.goto(spoil(homepages, HOSTILE.format(api=api)), wait_until="load")

    assert cookies, "the owner is signed in: cookies are shared by all ports of a host"
    assert page.title() == "x", "no script of the page ran"
    assert refused(page, "document.cookie")
    assert refused(page, f"fetch('{api}', {{credentials: 'include'}}).then((answer) => answer.text())")
    assert refused(page, "localStorage.length")
    page.evaluate("document.getElementById('f').submit()")
    page.wait_for_load_state()
    assert [address for address in answered if address.startswith(dashboard.url)] == []
    assert not owner.api("GET", "/products")["products"]
    owner.close()
    context.close()
