"""The browser shows a folder and nothing else, and is there again after it was killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from homepage_generator.chromium import Chromium, Seen
from homepage_generator.errors import BrowserGone
from homepage_generator.gate import inspect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SITE = "https://shop.example/sites/haetsal/"
PLAIN = '<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>햇살</title></head><body>{}</body></html>'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("no page's business", "utf-8")
    (tmp_path / "site" / "index.html").write_text(PLAIN.format("<h1>햇살과일</h1>"), "utf-8")
    return tmp_path / "site"


async def kill(chromium: Chromium) -> None:
    """As the kernel does when memory runs out: the browser's own process, by its id."""
    assert chromium._browser is not None
    session = await chromium._browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    pid = next(int(process["id"]) for process in processes if process["type"] == "browser")
    assert os.getpid() in [parent.pid for parent in psutil.Process(pid).parents()]
    psutil.Process(pid).kill()


async def test_a_page_stands_at_its_address(browser: Chromium, folder: Path) -> None:
    async with browser.open(folder, "index.html", url=SITE, width=360, height=640) as page:
        assert page.url == SITE + "index.html"
        assert await page.inner_text("h1") == "햇살과일"


async def test_a_page_reaches_neither_the_network_nor_files_beside_its_folder(browser: Chromium, folder: Path) -> None:
    reaching = (
        '<img src="https://images.example/a.png"><img src="http://127.0.0.1:8890/api/v1/ads"><img src="file:///etc/passwd">'
        '<img src="../secret.txt"><img src="/sites/other/og.png"><img src="%2e%2e/secret.txt">'
        '<link rel="preconnect" href="https://far.example"><link rel="prefetch" href="https://far.example/x">'
    )
    (folder / "index.html").write_text(PLAIN.format(reaching), "utf-8")
    seen = Seen()
    async with browser.open(folder, "index.html", url=SITE, width=360, height=640, seen=seen) as page:
        drawn = await page.evaluate("[...document.images].map((one) => one.naturalWidth)")
    assert drawn == [0] * 6
    assert list(seen.sent) == ["index.html"]


async def test_a_page_that_is_open_when_the_browser_is_killed_tells_so_and_the_next_is_shown(
    browser: Chromium, folder: Path
) -> None:
    async def die() -> None:
        async with browser.open(folder, "index.html", url=SITE, width=360, height=640) as page:
            await kill(browser)
            await page.inner_text("h1")

    with pytest.raises(BrowserGone):
        await die()
    async with browser.open(folder, "index.html", url=SITE, width=360, height=640) as page:
        assert await page.inner_text("h1") == "햇살과일"


async def test_the_gate_goes_on_after_the_browser_was_killed_in_the_middle(browser: Chromium, folder: Path) -> None:
    looking = asyncio.create_task(inspect(folder, browser, url=SITE))
    assert browser._browser is not None
    while not browser._browser.contexts:  # noqa: ASYNC110 -- nothing tells that a page is being opened
        await asyncio.sleep(0)
    await kill(browser)
    report = await asyncio.wait_for(looking, 200)
    assert report.pages == ["index.html"]
    assert {finding.check for finding in report.findings} >= {"head", "landmark"}


async def test_no_browser_is_told_by_the_setting_that_names_one(tmp_path: Path) -> None:
    with pytest.raises(BrowserGone) as failed:
        await Chromium(tmp_path / "no-chromium").start()
    assert "CHROMIUM_PATH" in failed.value.message("ko")


async def test_stopping_twice_leaves_nothing(folder: Path) -> None:
    chromium = Chromium()
    async with chromium.open(folder, "index.html", width=360, height=640) as page:
        assert await page.title() == "햇살"
    await chromium.stop()
    await chromium.stop()
    assert chromium._browser is None
