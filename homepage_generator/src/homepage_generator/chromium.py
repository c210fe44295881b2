"""The one Chromium of the service, and pages in it that are made of a folder's files and reach nothing else.

Files are handed out by route interception with the headers that visitors get. The network is closed three times over,
because each way alone leaks: the route refuses what is not the folder's, no name resolves, and the proxy is a port
where nobody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright, Request, Route, async_playwright

from homepage_generator.errors import BrowserGone
from homepage_generator.spec.policy import FONT_HEADERS, MEDIA_TYPES, PAGE_HEADERS, PAGE_POLICY

NAMES: Final = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
)
"""Debian's headless shell first: it starts in half the time and holds half the memory."""
SWITCHES: Final = (
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-first-run",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-checker-imaging",
    "--disable-dev-shm-usage",
)
LAUNCH_MS: Final = 20_000
STEP_MS: Final = 20_000
"""For one action of a page; a site of 300 products draws in 2 s on a busy machine."""
SITE: Final = "https://site.invalid/"
"""Where a folder stands unless told; the name can belong to nobody (RFC 2606)."""
INSPECTED_POLICY: Final = PAGE_POLICY.replace("sandbox ", "sandbox allow-scripts ")
"""The visitors' policy, ``script-src 'none'`` with it; only timers of code injected from outside run, as axe's do."""

_GONE: Final = re.compile(r"closed|crash|Timeout|disconnected", re.IGNORECASE)
"""What Playwright says when a page, its process or the whole browser has ended or hangs; the rest are mistakes."""

_log = logging.getLogger(__name__)


@dataclass
class Seen:
    """What a page asked for and complained of while it was open."""

    outside: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    """Bytes of each of the folder's files that were handed out."""


def find_chromium(environ: Mapping[str, str] = os.environ) -> Path | None:
    """One on PATH; None: Playwright's own download is tried."""
    found = (shutil.which(name, path=environ.get("PATH")) for name in NAMES)
    return next((Path(path) for path in found if path), None)


def keeps_sandbox(environ: Mapping[str, str] = os.environ) -> bool:
    """Chromium refuses its sandbox to root; an ordinary user keeps it unless ``CHROMIUM_NO_SANDBOX=1``."""
    return os.geteuid() != 0 and environ.get("CHROMIUM_NO_SANDBOX") != "1"


class Chromium:
    """Started at the first page at the latest; one that was killed is started anew for the next page."""

    def __init__(self, executable: Path | None = None, *, sandbox: bool | None = None) -> None:
        self._executable = executable
        self._sandbox = keeps_sandbox() if sandbox is None else sandbox
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Chromium:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises BrowserGone when there is none to start."""
        await self._running()

    async def stop(self) -> None:
        """Nothing of it is left, whatever state it was in."""
        async with self._starting:
            await self._end()

    @asynccontextmanager
    async def open(
        self,
        folder: Path,
        file: str,
        *,
        url: str = SITE,
        width: int,
        height: int,
        scale: float = 1.0,
        touch: bool = False,
        dark: bool = False,
        seen: Seen | None = None,
    ) -> AsyncIterator[Page]:
        """A page of ``folder`` that stands at ``url``, loaded, its fonts too. Raises BrowserGone."""
        browser = await self._running()
        site = _Site(folder, url, seen if seen is not None else Seen())
        context: BrowserContext | None = None
        try:
            async with _while_alive(browser):
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, device_scale_factor=scale, has_touch=touch,
                    color_scheme="dark" if dark else "light", locale="ko-KR", service_workers="block",
                    accept_downloads=False,
                )  # fmt: skip
                context.set_default_timeout(STEP_MS)
                yield await site.load(context, file)
        except Error as error:
            if browser.is_connected() and not _GONE.search(str(error)):
                raise
            _log.warning("the browser left a page: %s", str(error).splitlines()[0])
            raise BrowserGone(reason=str(error).splitlines()[0]) from error
        finally:
            if context is not None and browser.is_connected():
                with contextlib.suppress(Error, TimeoutError):
                    await asyncio.wait_for(context.close(), STEP_MS / 1000)

    async def _running(self) -> Browser:
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                await self._end()
                self._browser = await self._launch()
            return self._browser

    async def _launch(self) -> Browser:
        self._playwright = await async_playwright().start()
        try:
            return await self._playwright.chromium.launch(
                executable_path=self._executable or find_chromium(), args=list(SWITCHES),
                chromium_sandbox=self._sandbox, timeout=LAUNCH_MS,
                handle_sigint=False, handle_sigterm=False, handle_sighup=False,
            )  # fmt: skip
        except Error as error:
            await self._end()
            _log.warning("no browser could be started: %s", str(error).splitlines()[0])
            raise BrowserGone(reason=str(error).splitlines()[0]) from error

    async def _end(self) -> None:
        browser, playwright = self._browser, self._playwright
        self._browser = self._playwright = None
        if browser is not None:
            with contextlib.suppress(Exception):  # it may be gone already: that is what is wanted
                await browser.close()
        if playwright is not None:
            with contextlib.suppress(Exception):
                await playwright.stop()


@asynccontextmanager
async def _while_alive(browser: Browser) -> AsyncIterator[None]:
    """Ends what is inside when the browser dies; Playwright leaves some calls to a killed one waiting for ever."""
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)

    def end(_: Browser) -> None:
        with contextlib.suppress(RuntimeError):  # it ended by itself in the same moment
            limit.reschedule(loop.time())

    browser.on("disconnected", end)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise BrowserGone(reason="the browser died") from None
    finally:
        browser.remove_listener("disconnected", end)


@dataclass
class _Site:
    """A folder that is handed out at an address."""

    folder: Path
    url: str
    seen: Seen

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()

    async def load(self, context: BrowserContext, file: str) -> Page:
        await context.route("**/*", self._answer)
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.seen.console.append(str(error)[:300]))
        page.on("websocket", lambda socket: self.seen.outside.append(socket.url))
        await page.goto(self.url + file, wait_until="load")
        await page.evaluate("document.fonts.ready.then(() => true)")
        return page

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.seen.console.append(message.text[:300])

    async def _answer(self, route: Route) -> None:
        with contextlib.suppress(Error):  # the page has been closed meanwhile
            file = self._file(route.request)
            if file is None:
                await route.abort("blockedbyclient")
            elif not file.is_file() or file.suffix not in MEDIA_TYPES:
                self.seen.missing.append(self._name(file))
                await route.fulfill(status=404, headers=PAGE_HEADERS, body="")
            else:
                body = file.read_bytes()
                self.seen.sent[self._name(file)] = len(body)
                await route.fulfill(body=body, headers=headers_of(file))

    def _file(self, request: Request) -> Path | None:
        """The file that is asked for. None: it is outside of the site."""
        if not request.url.startswith(self.url):
            self.seen.outside.append(request.url[:300])
            return None
        path = unquote(urlsplit(request.url).path.removeprefix(urlsplit(self.url).path)) or "index.html"
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder):
            self.seen.outside.append(request.url[:300])
            return None
        return file

    def _name(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()


def headers_of(file: Path) -> dict[str, str]:
    """What visitors get with ``file``, but for the timers (see INSPECTED_POLICY)."""
    fonts = FONT_HEADERS if file.suffix == ".woff2" else {}
    return {
        **PAGE_HEADERS, **fonts, "Content-Security-Policy": INSPECTED_POLICY, "Content-Type": MEDIA_TYPES[file.suffix],
    }  # fmt: skip
