"""The pictures for messengers, photographed by a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageStat

from homepage_generator.chromium import Chromium
from homepage_generator.render import draw_cards, render
from support.homepages_specs import HOME, shop, store

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["market", "orchard", "plain"])
async def test_cards_show_the_hero_in_both_sizes_and_leave_nothing_behind(theme: str, tmp_path: Path) -> None:
    media, out = store(tmp_path / "media"), tmp_path / "site"
    render(shop(media, theme), media, out, url=HOME)
    async with Chromium() as chromium:
        await draw_cards(chromium, out)
    for file, size in (("og.png", (1200, 630)), ("og-800x400.png", (800, 400))):
        with Image.open(out / file) as picture:
            assert picture.size == size
            assert min(ImageStat.Stat(picture.convert("L")).stddev) > 10
        assert (out / file).stat().st_size < 400_000
    assert not (out / "card.html").exists()
