"""A renderer any thread may call: one thread owns the browser, draws one page after the other, and replaces the
browser when it dies, hangs or has grown.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread, Timer

from playwright.sync_api import Error

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.render.chromium import Chromium
from nanococoa_aiserver.render.drawing import Drawing
from nanococoa_aiserver.render.lockdown import guarded
from nanococoa_aiserver.render.page import draw_page


@dataclass(frozen=True, slots=True)
class Limits:
    """When a page is given up and when a browser is replaced."""

    page_seconds: float = 8.0  # a whole draw; ours take 0.2 s at 1080 x 1080
    draws: int = 150  # documents leave traces: a warm browser grew from 280 to 515 MB in 200 draws
    memory: int = 700 * 2**20  # bytes
    weigh_every: int = 25  # draws between two looks at the memory


@dataclass(frozen=True, slots=True)
class _Request:
    html: str
    size: tuple[int, int]
    measure: bool
    answer: Future[Drawing] = field(default_factory=Future)


class LayerRenderer:
    """One locked-down Chromium, started with the first page. ``draw`` may be called from any thread."""

    def __init__(self, executable: Path | None = None, limits: Limits | None = None) -> None:
        self._executable = executable
        self.limits = limits or Limits()
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="layer-decoder")
        self._chromium: Chromium | None = None
        self._drawn = 0
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = False

    def draw(self, html: str, size: tuple[int, int], *, measure: bool = True) -> Drawing:
        """Draw a page on ``size`` = (width, height) px; ``measure=False`` leaves out the textless planes and fonts.

        Raises RenderFailed when the page is too large or too slow, tries to leave, or the browser died twice.
        """
        request = _Request(guarded(html), size, measure)
        with self._lock:
            if self._closed:
                raise RenderFailed(reason="the renderer is closed")
            self._start()
            self._requests.put(request)
        return request.answer.result()

    def close(self) -> None:
        """Finish the pages already asked for, then end the browser and its thread."""
        with self._lock:
            already, self._closed = self._closed, True
        if already:
            return
        self._requests.put(None)
        if self._thread:
            self._thread.join()
        self._decoder.shutdown()

    @property
    def browser_pid(self) -> int | None:
        """Process id of the browser, None before the first page."""
        return self._chromium.pid if self._chromium else None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._serve, name="layer-renderer", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while request := self._requests.get():
            try:
                request.answer.set_result(self._draw(request.html, request.size, request.measure))
            except BaseException as error:
                request.answer.set_exception(error)
            del request
            self._sweep()
        self._end_browser()

    def _sweep(self) -> None:
        """Between two pages: collect what Playwright left (every call a cycle of frames that holds its arguments, half
        a megabyte a page), and replace a browser that has grown, at once when nobody waits.
        """
        gc.collect(2 if self._drawn % self.limits.weigh_every == 0 else 1)
        if self._chromium and self._has_grown(self._chromium):
            self._end_browser()
            if self._requests.empty():
                with contextlib.suppress(RenderFailed):  # told by the next page
                    self._ready()

    def _draw(self, html: str, size: tuple[int, int], measure: bool) -> Drawing:
        try:
            return self._attempt(html, size, measure)
        except Error:  # the browser died, or a busy machine starved it: a fresh one gets the page once more
            self._end_browser()
        try:
            return self._attempt(html, size, measure)
        except Error as error:
            self._end_browser()
            raise RenderFailed(reason=str(error).splitlines()[0]) from error

    def _attempt(self, html: str, size: tuple[int, int], measure: bool) -> Drawing:
        chromium = self._ready()
        self._drawn += 1
        try:
            with _watched(chromium, self.limits.page_seconds):
                return draw_page(chromium, html, size, measure, self._decoder)
        except _TooSlow as error:
            self._end_browser()
            raise RenderFailed(reason="the page took too long") from error
        except RenderFailed:
            self._end_browser()  # whatever the page did, the next one starts clean
            raise

    def _ready(self) -> Chromium:
        if self._chromium is None:
            self._chromium, self._drawn = Chromium(self._executable), 0
        return self._chromium

    def _has_grown(self, chromium: Chromium) -> bool:
        if self._drawn >= self.limits.draws:
            return True
        weigh = self._drawn % self.limits.weigh_every == 0
        return weigh and chromium.memory() > self.limits.memory

    def _end_browser(self) -> None:
        if self._chromium:
            self._chromium.close()
        self._chromium = None


class _TooSlow(Exception):
    """The watchdog killed the browser."""


@contextlib.contextmanager
def _watched(chromium: Chromium, seconds: float) -> Iterator[None]:
    """Kill the browser when the body takes longer than ``seconds``: an evaluate of a hung page never returns."""
    expired = Event()

    def expire() -> None:
        expired.set()
        chromium.kill()

    watchdog = Timer(seconds, expire)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except Error as error:
        if expired.is_set():
            raise _TooSlow from error
        raise
    finally:
        watchdog.cancel()
