"""The pictures that messengers show beside a link: the page's own hero, photographed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from homepage_generator.chromium import Chromium
from homepage_generator.media import storing
from homepage_generator.render.site import CARD


class Card(NamedTuple):
    """``height`` in the layout's pixels at a width of 1200; ``scale`` makes it the file's."""

    file: str
    height: int
    scale: float


WIDTH: Final = 1200
CARDS: Final = (Card("og.png", 630, 1.0), Card("og-800x400.png", 600, 2 / 3))
HEAVY: Final = 300_000
"""Bytes. KakaoTalk and others give up on slow pictures; photos are then told in 256 colours."""


async def draw_cards(chromium: Chromium, folder: Path) -> None:
    """Writes both pictures into a rendered site and takes the page that they were made of away."""
    for card in CARDS:
        async with chromium.open(folder, CARD, width=WIDTH, height=card.height, scale=card.scale) as page:
            taken = await page.screenshot(animations="disabled")
        with storing():
            (folder / card.file).write_bytes(_packed(taken))
    (folder / CARD).unlink()


def _packed(png: bytes) -> bytes:
    if len(png) <= HEAVY:
        return png
    packed = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(256, method=Image.Quantize.MEDIANCUT).save(packed, "PNG", optimize=True)
    return packed.getvalue()
