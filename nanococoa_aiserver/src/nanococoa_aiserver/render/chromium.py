"""Finding, starting, weighing and killing the one Chromium of a renderer."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil
from playwright.sync_api import Browser, CDPSession, Error, Page, Playwright, sync_playwright

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.render.lockdown import PAGE_OPTIONS, SWITCHES

NAMES: Final = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
)
"""Debian's headless shell first: the first page in half the time, 230 MB instead of 420, a fifth quicker a page."""
LAUNCH_MS = 20_000


def find_chromium(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The Chromium to use: ``CHROMIUM_PATH``, else one on PATH. None: Playwright's own download is tried."""
    if named := environ.get("CHROMIUM_PATH"):
        return Path(named)
    found = (shutil.which(name, path=environ.get("PATH")) for name in NAMES)
    return next((Path(path) for path in found if path), None)


def keeps_sandbox(environ: Mapping[str, str] = os.environ) -> bool:
    """Chromium refuses its sandbox to root; an ordinary user keeps it unless ``CHROMIUM_NO_SANDBOX=1``."""
    return os.geteuid() != 0 and environ.get("CHROMIUM_NO_SANDBOX") != "1"


class Chromium:
    """A started browser with one locked-down page. Used by the thread that made it; ``kill`` by any."""

    def __init__(self, executable: Path | None = None, sandbox: bool | None = None) -> None:
        """Start it. Raises RenderFailed when there is none to start."""
        self._playwright: Playwright = sync_playwright().start()
        try:
            self._browser = self._launch(executable or find_chromium(), keeps_sandbox() if sandbox is None else sandbox)
            self.pid = self._find_pid()
            self.page = self._new_page()
            self.cdp: CDPSession = self.page.context.new_cdp_session(self.page)
            self._prepare()
        except Error as error:
            self._playwright.stop()
            raise RenderFailed("chromium_missing", reason=str(error).splitlines()[0]) from error

    def _launch(self, executable: Path | None, sandbox: bool) -> Browser:
        return self._playwright.chromium.launch(
            executable_path=executable, args=list(SWITCHES), chromium_sandbox=sandbox, timeout=LAUNCH_MS
        )

    def _find_pid(self) -> int:
        session = self._browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return next(int(process["id"]) for process in processes if process["type"] == "browser")

    def _new_page(self) -> Page:
        context = self._browser.new_context(viewport={"width": 1080, "height": 1080}, **PAGE_OPTIONS)
        context.route("**/*", lambda route: route.abort())
        return context.new_page()

    def _prepare(self) -> None:
        self.cdp.send("Emulation.setDefaultBackgroundColorOverride", {"color": {"r": 0, "g": 0, "b": 0, "a": 0}})
        self.cdp.send("DOM.enable")
        self.cdp.send("CSS.enable")

    def memory(self) -> int:
        """Bytes of RAM of all its processes, shared pages counted once per process that shares them by (PSS)."""
        total = 0
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
        return total

    def kill(self) -> None:
        """End the browser at once; whatever is waiting for it fails."""
        with contextlib.suppress(psutil.Error):
            psutil.Process(self.pid).kill()

    def close(self) -> None:
        """Kill the browser and stop its driver; nothing of it is left."""
        self.kill()
        with contextlib.suppress(Exception):  # the driver may be gone already: that is what was wanted
            self._playwright.stop()
