"""The dashboard in a real Chromium: a shop owner's first steps on a phone and a desktop, in both languages."""

from __future__ import annotations

import os
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox
from nanococoa_backend.app import create_app
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.settings import Settings
from support.dashboard import PASSWORD, CuttingAiserver, Letterbox, photo
from support.waiting import until

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 780), "desktop": (1440, 900)}
SCREENS = os.environ.get("SCREENS")
"""A folder for pictures of every page, when somebody wants to look at them."""


class Server(NamedTuple):
    url: str
    aiserver: CuttingAiserver


class Walk(NamedTuple):
    """Somebody at a screen."""

    page: Page
    locale: Locale
    name: str
    server: Server

    def say(self, key: str, **values: object) -> str:
        return say(self.locale, key, **values)

    def go(self, path: str) -> None:
        self.page.goto(self.server.url + path)

    def press(self, key: str) -> None:
        self.page.get_by_role("button", name=self.say(key), exact=True).locator("visible=true").first.click()

    def fill(self, key: str, text: str) -> None:
        self.page.get_by_label(self.say(key), exact=True).first.fill(text)

    def looks_right(self, name: str) -> None:
        """No violation of axe-core's rules, nothing wider than the screen, every target large enough."""
        self.page.wait_for_function(SETTLED)
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]  # type: ignore[index]
        assert self.page.evaluate(SMALL_TARGETS) == []
        if SCREENS:
            self.page.screenshot(path=Path(SCREENS) / f"{self.name}-{name}.png", full_page=True)


SETTLED = """() => document.getAnimations()
  .every(a => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)"""
"""Nothing is fading in any more: half-faded words have half the contrast."""

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, select, input:not([type=hidden]), summary')]
  .filter(e => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && !e.closest('.sr, .skip'))
  .map(e => [e.closest('label')?.getBoundingClientRect() ?? e.getBoundingClientRect(), e])
  .filter(([box]) => box.height && (box.height < 43.5 || box.width < 43.5))
  .map(([box, e]) => `${e.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""


@contextmanager
def served(folder: Path, database_url: str) -> Iterator[Server]:
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(backend_data_dir=folder / "backend", database_url=database_url, public_url=url)
    aiserver = CuttingAiserver()
    app = create_app(settings, aiserver, Letterbox())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 60)
        yield Server(url, aiserver)
    finally:
        server.should_exit = True
        thread.join(10)
        door.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dashboard")
    name = f"browser_{uuid.uuid4().hex[:12]}"
    url = request.getfixturevalue("postgres").create_database(name) if request.param == "postgres" else ""
    with served(folder, url) as running:
        yield running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@contextmanager
def seated(playwright: Playwright, server: Server, size: str, locale: Locale, **options: object) -> Iterator[Walk]:
    """At a screen; nothing may be asked of anybody else, and nothing may go wrong in a script."""
    asked: list[str] = []
    wrong: list[str] = []
    width, height = SIZES[size]
    browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=keeps_sandbox())
    context: BrowserContext = browser.new_context(
        locale="ko-KR" if locale == "ko" else "en-US",
        viewport={"width": width, "height": height},
        has_touch=size == "phone",
        **options,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield Walk(page, locale, f"{size}-{locale}", server)
    browser.close()
    assert [url for url in asked if not url.startswith((server.url, "blob:"))] == []
    assert wrong == []


@pytest.fixture(params=["phone-ko", "phone-en", "desktop-ko", "desktop-en"])
def walk(request: pytest.FixtureRequest, playwright: Playwright, server: Server) -> Iterator[Walk]:
    size, _, locale = request.param.partition("-")
    with seated(playwright, server, size, "ko" if locale == "ko" else "en") as walking:
        yield walking


def begin(walk: Walk, *, looking: bool = False) -> None:
    """Sign up and take the practice shop."""
    walk.go("/sign-in")
    if looking:
        walk.looks_right("sign-in")
    walk.page.get_by_role("link", name=walk.say("sign_in.sign_up")).click()
    if looking:
        walk.looks_right("sign-up")
    walk.fill("sign_up.name", "김햇살")
    walk.fill("sign_in.email", f"{uuid.uuid4().hex}@haetsal.kr")
    walk.fill("sign_in.password", PASSWORD)
    walk.press("sign_up.submit")
    expect(walk.page).to_have_url(re.compile("/businesses/new$"))
    if looking:
        walk.looks_right("business-new")
    walk.press("business.new.demo")
    expect(walk.page).to_have_url(walk.server.url + "/")


def add(walk: Walk, name: str) -> None:
    walk.go("/products/new")
    data = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(800, 600)}
    walk.page.locator("#photo").set_input_files(data)  # type: ignore[arg-type]
    expect(walk.page.get_by_alt_text(walk.say("products.new.chosen"))).to_be_visible()
    walk.fill("products.new.name", name)
    walk.fill("products.new.price", "39,900")
    walk.press("products.new.submit")
    expect(walk.page.locator("[data-cut]")).to_be_visible(timeout=20_000)


def test_from_the_first_visit_to_a_fixed_cutout(walk: Walk) -> None:
    begin(walk, looking=True)
    walk.looks_right("home-empty")
    walk.go("/products")
    walk.looks_right("products-empty")
    walk.go("/products/new")
    walk.looks_right("product-new")
    add(walk, "부사 사과")
    walk.looks_right("product")
    walk.press("products.cut.remove")
    canvas = walk.page.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    walk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    walk.page.mouse.down()
    walk.page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2, steps=4)
    walk.page.mouse.up()
    walk.press("products.cut.use")
    expect(walk.page).to_have_url(re.compile("/products$"))
    walk.looks_right("products")
    walk.page.get_by_role("link", name=re.compile("부사 사과")).first.click()
    expect(walk.page.get_by_text(walk.say("products.cut.own"), exact=True)).to_be_visible()
    walk.looks_right("product-own")
    for name, path in (("home", "/"), ("business", "/business"), ("account", "/account"), ("not-found", "/nowhere")):
        walk.go(path)
        walk.looks_right(name)


def test_keys_alone_fix_a_cutout(playwright: Playwright, server: Server) -> None:
    with seated(playwright, server, "desktop", "ko") as walk:
        begin(walk)
        add(walk, "배")
        walk.page.get_by_role("button", name=walk.say("products.cut.remove"), exact=True).focus()
        walk.page.keyboard.press("Enter")
        walk.page.locator("canvas").focus()
        for key in ("ArrowLeft", "Shift+ArrowUp", "Space", "Space"):
            walk.page.keyboard.press(key)
        walk.page.get_by_role("button", name=walk.say("products.cut.use")).focus()
        walk.page.keyboard.press("Enter")
        expect(walk.page).to_have_url(re.compile("/products$"))
        walk.page.get_by_role("link", name=re.compile("배")).first.click()
        expect(walk.page.get_by_text(walk.say("products.cut.own"), exact=True)).to_be_visible()


def test_a_box_is_drawn_and_numbers_do_the_same(playwright: Playwright, server: Server) -> None:
    with seated(playwright, server, "phone", "ko") as walk:
        begin(walk)
        add(walk, "감")
        walk.press("products.cut.box")
        box = walk.page.locator("canvas").bounding_box()
        assert box is not None
        walk.page.mouse.move(box["x"] + 60, box["y"] + 60)
        walk.page.mouse.down()
        walk.page.mouse.move(box["x"] + box["width"] - 60, box["y"] + box["height"] - 60, steps=4)
        walk.page.mouse.up()
        expect(walk.page.get_by_text(walk.say("products.cut.version_auto"))).to_be_visible(timeout=20_000)
        drawn = server.aiserver.asked[-1].product_box
        assert drawn is not None
        assert 0 < drawn[0] < 400
        assert 200 < drawn[2] < 800
        walk.page.get_by_text(walk.say("products.cut.numbers"), exact=True).click()
        walk.fill("products.cut.left", "100")
        walk.fill("products.cut.width", "300")
        walk.press("products.cut.numbers_go")
        until(lambda: (server.aiserver.asked[-1].product_box or ())[:1] == (100,))


def test_everything_is_reached_without_scripts(playwright: Playwright, server: Server) -> None:
    with seated(playwright, server, "phone", "ko", java_script_enabled=False) as walk:
        begin(walk)
        walk.go("/products/new")
        data = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(800, 600)}
        walk.page.locator("#photo").set_input_files(data)  # type: ignore[arg-type]
        walk.fill("products.new.name", "귤")
        walk.press("products.new.submit")
        expect(walk.page.get_by_role("heading", name="귤").first).to_be_attached()

        def cut() -> bool:
            walk.page.reload()
            return walk.page.get_by_alt_text(walk.say("products.cutout_alt", name="귤")).is_visible()

        until(cut, 15)
        walk.press("products.cut.use")
        expect(walk.page).to_have_url(re.compile("/products$"))


def test_dark_screens_read_as_well_and_the_choice_stays(playwright: Playwright, server: Server) -> None:
    with seated(playwright, server, "desktop", "ko") as walk:
        begin(walk)
        add(walk, "포도")
        walk.press("nav.dark")
        for name, path in (("dark-home", "/"), ("dark-products", "/products"), ("dark-business", "/business")):
            walk.go(path)
            assert walk.page.locator("html").get_attribute("data-theme") == "dark"
            walk.looks_right(name)


@pytest.mark.parametrize(("size", "locale"), [("phone", "ko"), ("desktop", "en")])
def test_a_token_is_made_shown_once_and_revoked(
    playwright: Playwright, server: Server, size: str, locale: Locale
) -> None:
    with seated(playwright, server, size, locale) as walk:
        begin(walk)
        walk.page.emulate_media(reduced_motion="reduce")  # colours change at once, not over a moment
        walk.go("/account/tokens")
        walk.looks_right("tokens-empty")
        walk.fill("tokens.name", "주문 프로그램")
        walk.page.get_by_text(walk.say("tokens.access_write"), exact=True).click()
        walk.press("tokens.make")
        secret = walk.page.get_by_label(walk.say("tokens.secret"), exact=True)
        expect(secret).to_have_value(re.compile("^nc_"))
        walk.looks_right("tokens-fresh")
        walk.page.emulate_media(color_scheme="dark")
        walk.looks_right("tokens-dark")
        walk.go("/account/tokens")
        expect(secret).to_have_count(0)
        walk.page.get_by_role("button", name=walk.say("tokens.revoke_of", name="주문 프로그램")).click()
        expect(walk.page.get_by_text(walk.say("flash.token_revoked"))).to_be_visible()


def test_without_a_connection_the_page_says_so(playwright: Playwright, server: Server) -> None:
    with seated(playwright, server, "phone", "ko") as walk:
        begin(walk)
        walk.page.context.set_offline(True)
        expect(walk.page.get_by_text(walk.say("common.offline"))).to_be_visible()
        walk.looks_right("offline")
        walk.page.context.set_offline(False)
        expect(walk.page.get_by_text(walk.say("common.offline"))).to_be_hidden()
