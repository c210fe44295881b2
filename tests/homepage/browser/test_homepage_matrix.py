"""Every sample shop in every theme, made by the built-in agents through the real graph: the gate finds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from homepage_generator.chromium import Chromium
from homepage_generator.graph import Making
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.types import THEMES, ThemeName
from homepage_generator.spec.work import Outcome, Work
from support.homepages_samples import ENGLISH, TRADES, brief

ENGLISH_THEMES: tuple[ThemeName, ...] = ("roastery", "parlour", "plain")
CASES = [(trade, theme) for theme in THEMES for trade in TRADES]
CASES += [(trade, theme) for trade in ENGLISH for theme in ENGLISH_THEMES]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(homepage_data_dir=tmp_path_factory.mktemp("homepages"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def making(settings: Settings) -> AsyncIterator[Making]:
    async with Making(settings, MediaStore(settings.media), Chromium()) as maker:
        yield maker


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("trade", "theme"), CASES, ids=lambda value: value)
async def test_a_shop_in_a_theme_passes_the_gate(
    making: Making, settings: Settings, trade: str, theme: ThemeName, tmp_path: Path
) -> None:
    order = brief(trade, MediaStore(settings.media), style=theme)
    url = f"https://shop.example/sites/{trade}/"
    work = Work(f"{trade}-{theme}", "make", order.locale, url, tmp_path, brief=order)
    last = [progress async for progress in making.run(work)][-1]
    assert isinstance(last.outcome, Outcome)
    assert last.outcome.report["findings"] == []
    assert last.outcome.spec.look.theme == theme
    assert (last.outcome.folder / "index.html").is_file()
