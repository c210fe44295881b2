"""Homepages in a real Chromium: made, looked at, changed, published and taken back; a hostile page can do nothing."""

from __future__ import annotations

import re
import socket
import threading
import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import uvicorn
from playwright.sync_api import Playwright, expect, sync_playwright

from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox
from nanococoa_backend.app import create_app
from nanococoa_backend.settings import Settings
from support.dashboard import PASSWORD, CuttingAiserver, Letterbox
from support.homepage_service import HomepageService
from support.screens import Walk, seated
from support.waiting import until

pytestmark = pytest.mark.browser


class Served(NamedTuple):
    url: str
    service: HomepageService


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    database = ""
    if request.param == "postgres":
        database = request.getfixturevalue("postgres").create_database(f"homepages_{uuid.uuid4().hex[:8]}")
    service, door = HomepageService(), socket.socket()
    door.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(
        backend_data_dir=tmp_path_factory.mktemp("homepages"),
        database_url=database,
        public_url=url,
        homepage_url=service.url,
    )
    app = create_app(settings, CuttingAiserver(), Letterbox())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 60)
        yield Served(url, service)
    finally:
        server.should_exit = True
        thread.join(10)
        door.close()
        service.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(params=["phone-ko", "desktop-en"])
def walk(request: pytest.FixtureRequest, playwright: Playwright, served: Served) -> Iterator[Walk]:
    """Signed up, with the practice shop."""
    size, _, locale = request.param.partition("-")
    with seated(playwright, served, size, "ko" if locale == "ko" else "en") as walking:
        sign_up(walking)
        yield walking


def sign_up(walk: Walk) -> None:
    walk.go("/sign-up")
    email = f"{uuid.uuid4().hex[:10]}@haetsal.kr"
    for name, value in (("name", "김햇살"), ("email", email), ("password", PASSWORD)):
        walk.page.locator(f"[name={name}]").fill(value)
    walk.page.locator("main button[type=submit]").first.click()
    expect(walk.page).to_have_url(re.compile("/businesses/new$"))
    walk.press("business.new.demo")
    expect(walk.page).to_have_url(walk.server.url + "/")


def test_a_page_is_made_changed_and_published(walk: Walk, served: Served) -> None:
    service = served.service
    walk.go("/homepages")
    walk.looks_right("homepages-empty")
    walk.page.get_by_role("link", name=walk.say("homepages.new")).click()
    walk.looks_right("homepage-new")
    service.hold.clear()
    walk.press("homepages.make.go")
    expect(walk.page.locator("[data-shots] img")).to_be_visible(timeout=20_000)
    walk.looks_right("homepage-running")
    service.hold.set()
    preview = walk.page.frame_locator("[data-preview]")
    expect(preview.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    walk.looks_right("homepage-first")
    walk.press("homepages.publish")
    expect(walk.page.get_by_role("dialog")).to_be_visible()
    walk.page.locator("[data-go]").click()
    opened = walk.page.locator(".top, .pagehead").get_by_role("link", name=walk.say("homepages.open"))
    expect(opened.locator("visible=true").first).to_be_visible(timeout=20_000)
    walk.page.get_by_role("link", name=re.compile("첫 화면|Hero")).click()
    walk.looks_right("homepage-section")
    walk.page.locator("[name=f-title]").fill("오늘 새벽 고른 것만")
    walk.press("homepages.section_save")
    expect(preview.get_by_role("heading", name="오늘 새벽 고른 것만")).to_be_visible(timeout=20_000)
    expect(walk.page.get_by_role("heading", name=walk.say("homepages.changes", count=1))).to_be_visible()
    walk.page.locator("label", has_text=walk.say("homepages.desktop")).click()
    walk.looks_right("homepage-changed")
    walk.page.locator("summary", has_text=walk.say("homepages.versions")).click()
    walk.page.locator("summary", has_text=walk.say("homepages.manage")).click()
    walk.looks_right("homepage-versions")
    walk.go("/homepages")
    walk.looks_right("homepages")


def test_a_script_on_a_page_runs_neither_in_the_frame_nor_alone(playwright: Playwright, served: Served) -> None:
    served.service.hostile = True
    browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=keeps_sandbox())
    page = browser.new_context(locale="ko-KR").new_page()
    walk = Walk(page, "ko", "hostile", served)
    sign_up(walk)
    walk.go("/homepages/new")
    walk.press("homepages.make.go")
    framed = page.frame_locator("[data-preview]")
    expect(framed.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    expect(framed.locator("#ran")).to_have_text("")
    address = page.locator("[data-preview]").get_attribute("src")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    walk.go(str(address))
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#ran")).to_have_text("")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 239, 230)"
    assert [url for url in asked if "/api/" in url] == []
    browser.close()
    served.service.hostile = False
