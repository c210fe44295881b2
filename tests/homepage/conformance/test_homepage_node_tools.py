"""Pages by the web's own judges: html-validate on every sample shop in every theme, Lighthouse on a shop in each theme.

Lighthouse asks for 95 of 100 in all four parts, on a phone and on a desktop.
"""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.chromium import Chromium
from homepage_generator.media import MediaStore
from homepage_generator.render import render
from homepage_generator.render.cards import draw_cards
from homepage_generator.spec.types import THEMES, ThemeName
from support.homepages_samples import TRADES, brief

CHECKOUT = Path(__file__).resolve().parents[3]
JUDGED: dict[ThemeName, str] = dict(
    zip(THEMES, ("fruit", "salon", "cafe", "bakery", "cafe-en", "clinic", "workshop"), strict=True)
)
CASES = {(theme, shop) for theme in THEMES for shop in TRADES} | set(JUDGED.items())

pytestmark = [pytest.mark.conformance, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A folder for each shop in each theme, named ``<theme>-<shop>``."""
    folder = tmp_path_factory.mktemp("sites")
    media = MediaStore(folder / "media")
    async with Chromium() as chromium:
        for theme, shop in sorted(CASES):
            await _make(folder / f"{theme}-{shop}", shop, theme, media, chromium)
        yield folder


async def _make(folder: Path, shop: str, theme: ThemeName, media: MediaStore, chromium: Chromium) -> None:
    agents, order = BuiltinAgents(), brief(shop, media, style=theme)
    plan = await agents.plan(order)
    design = await agents.design(order, plan, [])
    spec = await agents.develop(order, plan, design, [], None)
    render(spec, media, folder, url="http://127.0.0.1/sites/shop/")
    await draw_cards(chromium, folder)


def judged(*arguments: object) -> None:
    done = subprocess.run(["scripts/gate", *map(str, arguments)], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.asyncio(loop_scope="module")
async def test_the_markup_of_every_shop_in_every_theme_is_valid(sites: Path) -> None:
    judged("--markup", *(sites / f"{theme}-{shop}" for theme, shop in sorted(CASES)))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("theme", THEMES)
async def test_lighthouse_finds_a_theme_quick_accessible_sound_and_findable(sites: Path, theme: ThemeName) -> None:
    judged(sites / f"{theme}-{JUDGED[theme]}")
