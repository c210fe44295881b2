"""Somebody at a screen: a real Chromium on a phone's or a desktop's size, and what every page must hold to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from nanococoa_backend.messages import Locale, say
from support.real_dashboard import RealDashboard

SIZES = {"phone": (360, 780), "desktop": (1440, 900)}
SEATS = [
    pytest.param(("phone", "ko", "sqlite"), id="phone-ko-sqlite"),
    pytest.param(("desktop", "en", "postgres"), id="desktop-en-postgres", marks=pytest.mark.postgres),
]
"""Where a walk takes place: every size, language and database once, not each with each."""

SCREENS = os.environ.get("SCREENS")
"""A folder for pictures of every page, when somebody wants to look at them."""

PATIENCE = 120_000
"""Milliseconds for what takes a moment: a bound that is never reached costs nothing, a busy machine needs it."""

MADE = 480_000
"""Milliseconds for ads made by the real aiserver on two busy cores."""

expect.set_options(timeout=PATIENCE)


class Site(Protocol):
    """A dashboard somewhere."""

    @property
    def url(self) -> str: ...


class Walk(NamedTuple):
    """Somebody at a screen."""

    page: Page
    locale: Locale
    name: str
    server: Site

    @property
    def app(self) -> FastAPI:
        """The dashboard itself, where it runs in this process."""
        assert isinstance(self.server, RealDashboard)
        return self.server.app

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
        try:
            self._look(name)
        except Error as problem:
            if "context was destroyed" not in str(problem):
                raise
            self._look(name)  # the page went on by itself meanwhile: what it is now must hold to the same

    def _look(self, name: str) -> None:
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
def seated(chromium: Browser, server: Site, size: str, locale: Locale, **options: object) -> Iterator[Walk]:
    """At a screen; nothing may be asked of anybody else, and nothing may go wrong in a script."""
    asked: list[str] = []
    wrong: list[str] = []
    width, height = SIZES[size]
    context: BrowserContext = chromium.new_context(
        locale="ko-KR" if locale == "ko" else "en-US",
        viewport={"width": width, "height": height},
        has_touch=size == "phone",
        **options,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield Walk(page, locale, f"{size}-{locale}", server)
    context.close()
    assert [url for url in asked if not url.startswith((server.url, "blob:"))] == []
    assert wrong == []
