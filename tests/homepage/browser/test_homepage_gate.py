"""The gate lets a page through that has nothing wrong with it, and notices every defect that is planted into it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from homepage_generator.chromium import Chromium
from homepage_generator.gate import Report, inspect, packaged_axe, probing
from homepage_generator.render import draw_cards, render
from support.homepages_defects import DEFECTS, Defect, within
from support.homepages_specs import HOME, shop, store

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
AXE = packaged_axe()
ASIDES = ("404.html", "thanks.html", "sorry.html")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with Chromium() as chromium:
        yield chromium


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clean(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with every kind of section in it."""
    folder = tmp_path_factory.mktemp("gate")
    media = store(folder / "media")
    render(shop(media, "plain"), media, folder / "site", url=HOME)
    await draw_cards(browser, folder / "site")
    return folder / "site"


@pytest.fixture
def page(clean: Path, tmp_path: Path) -> Path:
    """The same without the pages beside it, to be spoiled."""
    folder = tmp_path / "site"
    shutil.copytree(clean, folder)
    for name in ASIDES:
        (folder / name).unlink()
    return folder


def width_of(file: Path) -> int:
    with Image.open(file) as picture:
        return picture.width


def styled(site: Path, rules: str) -> None:
    for sheet in site.glob("*.css"):
        sheet.write_text(sheet.read_text("utf-8") + rules, "utf-8")


def told(report: Report) -> str:
    return "\n".join(f"{f.check} {f.page} {f.width} {f.section}: {f.evidence}" for f in report.findings)


async def test_a_page_with_nothing_wrong_passes_with_axe_too(browser: Chromium, clean: Path, tmp_path: Path) -> None:
    report = await inspect(clean, browser, url=HOME, axe=AXE, shots=tmp_path)
    assert report.passed, told(report)
    assert report.pages == ["index.html", *sorted(ASIDES)]
    assert report.axe
    assert {name: width_of(file) for name, file in report.screenshots.items()} == {"index-360": 360, "index-1440": 1440}
    kept = report.to_json()
    assert kept["passed"] is True
    assert "screenshots" not in kept
    assert 0 < kept["weights"]["index.html"] < 150_000


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS.keys())
async def test_a_planted_defect_is_noticed(browser: Chromium, page: Path, defect: Defect) -> None:
    defect.spoil(page)
    report = await inspect(page, browser, url=HOME)
    assert defect.check in {finding.check for finding in report.findings}, told(report)
    assert not report.passed


ENTRIES = (f'<li><p class="{"odd" if number in (90, 95) else "even"}">굴 {number}</p></li>' for number in range(120))
LONG_LIST = f"<ul>{''.join(ENTRIES)}</ul>"


async def test_a_long_list_is_photographed_by_its_kinds_alone(browser: Chromium, page: Path) -> None:
    within(f'<div class="long">{LONG_LIST}</div>')(page)
    async with browser.open(page, "index.html", url=HOME, width=360, height=740) as opened:
        whole = await probing.unfold(opened, 360, 740)
        first = await opened.evaluate("scrollY + document.querySelector('.long').getBoundingClientRect().top")
        shorter = await probing.thin(opened, 360, 740, int(first))
        seen = "[...document.querySelectorAll('.long p')].filter(e => e.checkVisibility()).map(e => e.textContent)"
        shown = await opened.evaluate(seen)
    assert shown == ["굴 0", "굴 1", "굴 90", "굴 95"]
    assert shorter is not None
    assert shorter < whole


async def test_a_defect_deep_in_a_long_list_is_noticed(browser: Chromium, page: Path) -> None:
    deep = LONG_LIST.replace("굴 110", f"굴 {'아' * 60}")
    within(f'<div class="deep">{deep}</div>')(page)
    styled(page, ".deep p{white-space:nowrap}.deep p.odd{color:#aaa;background:#fff}")
    report = await inspect(page, browser, url=HOME)
    assert {"contrast", "overflow"} <= {finding.check for finding in report.findings}, told(report)


async def test_axe_notices_what_we_do_not_look_for(browser: Chromium, page: Path) -> None:
    within('<p role="checkbox">고를까요</p>')(page)
    report = await inspect(page, browser, url=HOME, axe=AXE)
    assert {finding.check for finding in report.findings} == {"axe"}, told(report)


async def test_a_defect_is_told_with_its_section_and_in_two_languages(browser: Chromium, page: Path) -> None:
    DEFECTS["words under a sheet"].spoil(page)
    report = await inspect(page, browser, url=HOME)
    finding = report.findings[0]
    assert (finding.check, finding.section, finding.cause) == ("covered", "story", "look")
    assert finding.evidence in finding.say("ko")
    assert finding.say("ko") != finding.say("en")
