"""Homepages in a real Chromium: made, looked at, changed, published and taken back; a hostile page can do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from support.homepage_service import HomepageService
from support.real_dashboard import RealDashboard
from support.screens import MADE, Walk
from support.shopkeeping import enter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def service() -> Iterator[HomepageService]:
    running = HomepageService()
    yield running
    running.close()


@pytest.fixture(scope="module")
def more_settings(service: HomepageService) -> dict[str, Any]:
    return {"homepage_url": service.url}


def test_a_page_is_made_changed_and_published(walk: Walk, service: HomepageService) -> None:
    walk.go("/homepages")
    walk.looks_right("homepages-empty")
    walk.page.get_by_role("link", name=walk.say("homepages.new")).click()
    walk.looks_right("homepage-new")
    service.hold.clear()
    walk.press("homepages.make.go")
    expect(walk.page.locator("[data-shots] img")).to_be_visible()
    walk.looks_right("homepage-running")
    service.hold.set()
    preview = walk.page.frame_locator("[data-preview]")
    expect(preview.get_by_role("heading", level=1)).to_be_visible()
    walk.looks_right("homepage-first")
    walk.press("homepages.publish")
    expect(walk.page.get_by_role("dialog")).to_be_visible()
    walk.page.locator("[data-go]").click()
    opened = walk.page.locator(".top, .pagehead").get_by_role("link", name=walk.say("homepages.open"))
    expect(opened.locator("visible=true").first).to_be_visible()
    walk.page.get_by_role("link", name=re.compile("첫 화면|Hero")).click()
    walk.looks_right("homepage-section")
    walk.page.locator("[name=f-title]").fill("오늘 새벽 고른 것만")
    walk.press("homepages.section_save")
    expect(preview.get_by_role("heading", name="오늘 새벽 고른 것만")).to_be_visible()
    expect(walk.page.get_by_role("heading", name=walk.say("homepages.changes", count=1))).to_be_visible()
    walk.page.locator("label", has_text=walk.say("homepages.desktop")).click()
    walk.looks_right("homepage-changed")
    walk.page.locator("summary", has_text=walk.say("homepages.versions")).click()
    walk.page.locator("summary", has_text=walk.say("homepages.manage")).click()
    walk.looks_right("homepage-versions")
    walk.go("/homepages")
    walk.looks_right("homepages")


def test_a_preview_that_came_while_its_service_was_away_comes_by_itself(
    chromium: Browser, served: RealDashboard, service: HomepageService
) -> None:
    context = chromium.new_context(locale="ko-KR")
    walk = Walk(context.new_page(), "ko", "away", served)
    enter(walk)
    asked: list[str] = []

    def away_once(route: Route) -> None:
        if not route.request.is_navigation_request():  # the page asks whether the frame would be answered by now
            return route.continue_()
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        locked = {"Content-Security-Policy": "frame-ancestors 'none'", "Content-Type": "text/html"}
        return route.fulfill(status=502, headers=locked, body="<h1>잠시만 기다려 주세요</h1>")

    context.route("**/preview/*/index.html", away_once)
    walk.go("/homepages/new")
    walk.press("homepages.make.go")
    expect(walk.page.frame_locator("[data-preview]").get_by_role("heading", level=1)).to_be_visible(timeout=MADE)
    assert len(asked) == 2
    context.close()


def test_a_script_on_a_page_runs_neither_in_the_frame_nor_alone(
    chromium: Browser, served: RealDashboard, service: HomepageService
) -> None:
    service.hostile = True
    context = chromium.new_context(locale="ko-KR")
    page = context.new_page()
    walk = Walk(page, "ko", "hostile", served)
    enter(walk)
    walk.go("/homepages/new")
    walk.press("homepages.make.go")
    framed = page.frame_locator("[data-preview]")
    expect(framed.get_by_role("heading", level=1)).to_be_visible()
    expect(framed.locator("#ran")).to_have_text("")
    address = page.locator("[data-preview]").get_attribute("src")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    walk.go(str(address))
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#ran")).to_have_text("")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 239, 230)"
    assert [url for url in asked if "/api/" in url] == []
    context.close()
    service.hostile = False
