"""The dashboard's picture tools and webhooks in a real browser, over an aiserver with every model (tiny ones)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from nanococoa_backend.messages import Locale
from support.dashboard import PASSWORD
from support.own_server import serving
from support.real_dashboard import RealDashboard, dashboard_over, sample
from support.screens import Walk, seated
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

DONE = 60_000
"""Milliseconds an edit may take on two busy cores."""


@pytest.fixture(scope="module")
def served(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDashboard]:
    folder = tmp_path_factory.mktemp("tools")
    with (
        serving(folder, ENGINE="diffusion", MODELS_DIR=str(tiny_models)) as aiserver,
        dashboard_over(aiserver.url, folder) as running,
    ):
        until(lambda: running.app.state.services.catalogue.now.abilities, 30)
        yield running


@pytest.mark.parametrize(("size", "locale"), [("phone", "ko"), ("desktop", "en")])
def test_a_photo_is_asked_about_scored_and_changed_by_words(served: RealDashboard, size: str, locale: Locale) -> None:
    with sync_playwright() as playwright, seated(playwright, served, size, locale) as walk:
        walk.page.set_default_timeout(60_000)
        enter(walk)
        walk.go("/edit")
        walk.looks_right("tools-choose")
        walk.page.set_input_files("[name=photo]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample()})
        walk.page.wait_for_url("**/edit?picture=*")
        walk.looks_right("tools")
        walk.fill("tools.question", "무엇이 보이나요?")
        insist(walk, "tools.do_ask", notes=1)
        walk.fill("tools.score_text", "빨간 사과")
        insist(walk, "tools.do_score", notes=2)
        walk.looks_right("tools-notes")
        walk.page.locator("[data-examples] button").first.click()
        walk.press("tools.do_change")
        walk.page.wait_for_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
        walk.page.locator(".adpage").wait_for(timeout=DONE)
        walk.page.locator("details.fold summary").first.click()
        walk.looks_right("tools-edited")


@pytest.mark.parametrize(("size", "locale"), [("phone", "ko"), ("desktop", "en")])
def test_a_webhook_is_made_tried_and_removed(served: RealDashboard, size: str, locale: Locale) -> None:
    with sync_playwright() as playwright, seated(playwright, served, size, locale) as walk:
        enter(walk)
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


def insist(walk: Walk, key: str, notes: int) -> None:
    """Ask, and again when the aiserver was still loading the model; what was typed stands there still."""
    for _ in range(5):
        with walk.page.expect_navigation(timeout=DONE):
            walk.press(key)
        if walk.page.locator("#notes li").count() == notes:
            return
        expect(walk.page.locator("main [role=alert]").first).to_be_visible()
    raise AssertionError("no answer")


def enter(walk: Walk) -> None:
    walk.go("/sign-up")
    walk.page.fill("[name=name]", "김햇살")
    walk.page.fill("[name=email]", f"{uuid.uuid4().hex[:8]}@haetsal.kr")
    walk.page.fill("[name=password]", PASSWORD)
    walk.page.locator("form[action='/sign-up'] button[type=submit]").click()
    walk.page.locator("form[action='/businesses/demo'] button").click()
    walk.page.wait_for_url("**/")
