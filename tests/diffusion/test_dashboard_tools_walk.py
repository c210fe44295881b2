"""The dashboard's picture tools and webhooks in a real browser, over an aiserver with every model (tiny ones)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.own_server import Server, serving
from support.real_dashboard import dashboard_over, sample
from support.screens import MADE, SEATS, Walk
from support.shopkeeping import shop_of
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def seeing(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An aiserver with every model."""
    with serving(tmp_path_factory.mktemp("tools"), ENGINE="diffusion", MODELS_DIR=str(tiny_models)) as server:
        yield server


@pytest.fixture(params=SEATS)
def walk(request: pytest.FixtureRequest, chromium: Browser, seeing: Server, tmp_path: Path) -> Iterator[Walk]:
    """Somebody with the practice shop, when the aiserver has told what it can do."""
    size, locale, kind = request.param
    database = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    with dashboard_over(seeing.url, tmp_path, database) as served:
        until(lambda: served.app.state.services.catalogue.now.abilities)
        with shop_of(chromium, served, size, locale) as walking:
            yield walking


def test_a_photo_is_asked_about_scored_and_changed_by_words(walk: Walk) -> None:
    walk.go("/edit")
    walk.looks_right("tools-choose")
    walk.page.set_input_files("[name=photo]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample()})
    walk.page.wait_for_url("**/edit?picture=*")
    walk.looks_right("tools")
    walk.fill("tools.question", "무엇이 보이나요?")
    answered(walk, "tools.do_ask", notes=1)
    walk.fill("tools.score_text", "빨간 사과")
    answered(walk, "tools.do_score", notes=2)
    walk.looks_right("tools-notes")
    walk.page.locator("[data-examples] button").first.click()
    walk.press("tools.do_change")
    walk.page.wait_for_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
    walk.page.locator(".adpage").wait_for(timeout=MADE)
    walk.page.locator("details.fold summary").first.click()
    walk.looks_right("tools-edited")


def test_a_webhook_is_made_tried_and_removed(walk: Walk) -> None:
    walk.go("/account/tokens")
    walk.page.get_by_role("link", name=walk.say("webhooks.list_all")).click()
    walk.looks_right("webhooks")
    walk.fill("webhooks.url", "http://127.0.0.1:9/hook")
    walk.press("webhooks.make")
    walk.looks_right("webhooks-secret")
    walk.page.get_by_role("link", name="127.0.0.1").click()
    walk.press("webhooks.ping")
    walk.page.locator("main .list li").first.wait_for()
    walk.looks_right("webhook")
    walk.press("webhooks.remove")
    walk.page.wait_for_url("**/business/webhooks")
    assert walk.page.get_by_role("link", name="127.0.0.1").count() == 0


def answered(walk: Walk, key: str, notes: int) -> None:
    """Ask; the answer appears by itself, however long the aiserver loads its model."""
    with walk.page.expect_navigation(timeout=MADE):
        walk.press(key)
    expect(walk.page.locator("#notes li")).to_have_count(notes)
    expect(walk.page.locator("#notes progress")).to_have_count(0, timeout=MADE)
    expect(walk.page.locator("#notes .complaint")).to_have_count(0)
