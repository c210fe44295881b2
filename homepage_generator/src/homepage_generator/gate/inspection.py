"""Opens every page of a folder on every screen at the same time, asks the probes, and photographs the text.

Probes read a page as it is. Photographs and axe cost a hundred times as much for each entry, so they see only the first
entries of a very long list and a few of each kind of the others (``probing.thin``).
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import CDPSession, Page

from homepage_generator.chromium import Chromium, Seen
from homepage_generator.errors import BrowserGone
from homepage_generator.gate import documents, pixels, probing
from homepage_generator.gate.documents import Document
from homepage_generator.gate.limits import DESKTOP, EACH, PHONE, SCREENS, SHIFT, WEIGHT, Screen
from homepage_generator.gate.probing import Row
from homepage_generator.gate.report import Finding, Report

ASIDES: Final = ("404.html", "thanks.html", "sorry.html")
TILE: Final = 8000
"""Pixels of height of one photograph; Chromium's own limit is 16384."""
SHARED: Final = 200
"""Pixels that two photographs share, so that every line is whole on one of them."""
REFUSED: Final = re.compile(r"'((?:https?|wss?):[^']+)' violates the following Content Security Policy")
"""What the browser says of an address that the page's policy kept it from asking."""
AT_ONCE: Final = 4
"""Looks at the same time: two cores are kept busy while others wait for a photograph."""
LONGEST: Final = 240.0
"""Seconds for one look; 300 products need 15, on a machine with ten times to do more than 120."""


@dataclass(frozen=True)
class _Asked:
    """The site, and how it is looked at. ``dark``: the stylesheet has colours for the dark."""

    folder: Path
    url: str
    axe: str
    shots: Path | None
    dark: bool


@dataclass
class _Look:
    """One page on one screen."""

    asked: _Asked
    page: str
    screen: Screen
    findings: list[Finding] = field(default_factory=list)
    shift: float = 0.0
    weight: int = 0
    shot: Path | None = None

    @property
    def aside(self) -> bool:
        return self.page in ASIDES

    @property
    def first(self) -> bool:
        """The look that also reads what is the same on every screen."""
        return self.screen == PHONE

    def tell(self, check: str, evidence: str, section: str | None = None) -> None:
        """Once each, and no more of one kind than say something."""
        finding = Finding(
            check=check, page=self.page, width=self.screen.width, section=section, evidence=evidence[:200]
        )
        if finding not in self.findings and sum(one.check == check for one in self.findings) < EACH:
            self.findings.append(finding)

    def tell_all(self, found: dict[str, list[Row]]) -> None:
        for check, rows in found.items():
            for row in rows:
                self.tell(check, row["evidence"], row["section"])


async def inspect(
    folder: Path, chromium: Chromium, *, url: str, axe: Path | None = None, shots: Path | None = None
) -> Report:
    """Every page of the site in ``folder`` that will stand at ``url``, which ends with a slash.

    ``axe``: axe.min.js, whose checks are made too. ``shots``: where screenshots of phone and desktop are put. A browser
    that dies meanwhile is started once more; raises BrowserGone when that one dies too.
    """
    asked = await asyncio.to_thread(_asked, folder, url, axe, shots)
    try:
        return await _inspect(asked, chromium)
    except BrowserGone:
        return await _inspect(asked, chromium)


def _asked(folder: Path, url: str, axe: Path | None, shots: Path | None) -> _Asked:
    styles = "".join(file.read_text("utf-8") for file in folder.glob("*.css"))
    dark = re.search(r"prefers-color-scheme:\s*dark", styles) is not None
    return _Asked(folder, url, axe.read_text("utf-8") if axe else "", shots, dark)


async def _inspect(asked: _Asked, chromium: Chromium) -> Report:
    began = time.monotonic()
    pages = await asyncio.to_thread(_pages, asked.folder)
    looks = [_Look(asked, page, screen) for page in pages for screen in ((PHONE,) if page in ASIDES else SCREENS)]
    await _together(looks, chromium)
    report = Report(pages=pages, widths=[screen.width for screen in SCREENS], axe=bool(asked.axe))
    for page in pages:
        _add(report, page, [look for look in looks if look.page == page])
    report.seconds = round(time.monotonic() - began, 2)
    return report


def _pages(folder: Path) -> list[str]:
    """Home first."""
    names = sorted(file.name for file in folder.glob("*.html"))
    return sorted(names, key=lambda name: (name != "index.html", name in ASIDES, name))


async def _together(looks: list[_Look], chromium: Chromium) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    try:
        async with asyncio.TaskGroup() as tasks:
            for look in looks:
                tasks.create_task(_in_turn(look, chromium, turns))
    except ExceptionGroup as group:  # one browser for all: the first says why
        raise group.exceptions[0] from None


async def _in_turn(look: _Look, chromium: Chromium, turns: asyncio.Semaphore) -> None:
    async with turns:
        try:
            async with asyncio.timeout(LONGEST):
                await _take(look, chromium)
        except TimeoutError:
            raise BrowserGone(reason=f"a page took more than {LONGEST:g} s") from None


def _add(report: Report, page: str, looks: list[_Look]) -> None:
    for look in looks:
        report.findings += look.findings
        if look.shot:
            report.screenshots[look.shot.stem] = look.shot
    report.weights[page] = max(look.weight for look in looks)
    report.shifts[page] = round(max(look.shift for look in looks), 4)


async def _take(look: _Look, chromium: Chromium) -> None:
    seen, screen, asked = Seen(), look.screen, look.asked
    async with chromium.open(
        asked.folder, look.page, url=asked.url, width=screen.width, height=screen.height, touch=screen.touch, seen=seen
    ) as page:
        await _look_at_fold(look, page)
        height = await probing.unfold(page, screen.width, screen.height)
        answers = await probing.ask(page, *probing.SCREEN, *(probing.ONCE if look.first else ()))
        paint = answers.pop("paint")
        if look.first:
            await _judge_document(look, answers)
        look.tell_all(probing.findings(answers))
        shorter = await probing.thin(page, screen.width, screen.height, TILE)
        if shorter is not None:
            height, paint = shorter, (await probing.ask(page, "paint"))["paint"]
        await _read(look, page, paint, height)
        if look.first and asked.dark:
            await _read_in_the_dark(look, page, height)
        if asked.axe:
            found = await probing.ask_axe(page, asked.axe, contrast=screen in (PHONE, DESKTOP))
            look.tell_all({"axe": found})
    _judge_traffic(look, seen)


async def _look_at_fold(look: _Look, page: Page) -> None:
    await probing.settle(page)
    answers = await probing.ask(page, *probing.FOLD)
    look.shift = float(answers.pop("shift")["layout_shift"])
    look.tell_all(probing.findings(answers))
    await page.emulate_media(reduced_motion="reduce")


async def _judge_document(look: _Look, answers: dict[str, Any]) -> None:
    """Takes what is no finding yet out of ``answers``."""
    document = Document(look.asked.folder, look.page, look.asked.url, answers.pop("document"), look.aside)
    hrefs = answers["links"].pop("file_links")
    look.findings += await asyncio.to_thread(lambda: [*documents.judge(document), *documents.links(document, hrefs)])


def _judge_traffic(look: _Look, seen: Seen) -> None:
    for check, rows in (("outside", seen.outside), ("missing", seen.missing)):
        for row in rows:
            look.tell(check, row)
    for message in seen.console:
        refused = REFUSED.search(message)
        look.tell("outside" if refused else "console", refused[1] if refused else message)
    if look.shift > SHIFT:
        look.tell("layout_shift", f"{look.shift:.3f} > {SHIFT}")
    look.weight = documents.weigh(look.asked.folder, seen.sent)
    if look.weight > WEIGHT and look.first:
        look.tell("weight", f"{look.weight // 1000} KB > {WEIGHT // 1000} KB")


async def _read_in_the_dark(look: _Look, page: Page, height: int) -> None:
    await page.emulate_media(color_scheme="dark")
    await _read(look, page, (await probing.ask(page, "paint"))["paint"], height, keep=False)
    await page.emulate_media(color_scheme="light")


async def _read(look: _Look, page: Page, paint: list[Row], height: int, *, keep: bool = True) -> None:
    """Photograph the page with its text and without, a tile at a time, and judge each."""
    session = await page.context.new_cdp_session(page)
    for top in range(0, max(height - SHARED, 1), TILE - SHARED):
        size = (look.screen.width, min(TILE, height - top))
        with_text = await _photograph(session, top, size)
        await probing.hide_text(page)
        without = await _photograph(session, top, size)
        await probing.show_text(page)
        for bad in await asyncio.to_thread(pixels.judge, with_text, without, paint, top):
            look.tell(bad.check, bad.evidence, bad.section)
        if top == 0 and keep:
            await _keep(look, with_text)
    await session.detach()


async def _photograph(session: CDPSession, top: int, size: tuple[int, int]) -> bytes:
    clip = {"x": 0, "y": top, "width": size[0], "height": size[1], "scale": 1}
    answer = await session.send("Page.captureScreenshot", {"format": "png", "clip": clip, "optimizeForSpeed": True})
    return base64.b64decode(answer["data"])


async def _keep(look: _Look, png: bytes) -> None:
    if look.asked.shots is not None and look.screen in (PHONE, DESKTOP) and not look.aside:
        look.shot = look.asked.shots / f"{Path(look.page).stem}-{look.screen.width}.webp"
        await asyncio.to_thread(pixels.keep, png, look.shot)
