"""Makes docs/gallery/homepages: sample shops in several themes by the built-in agents, each on a desktop and a phone.

Run from the repository's root: ``python tools/gallery/homepages.py [shop-theme …]``.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.homepages_samples import brief  # noqa: E402

from homepage_generator.agents.builtin import BuiltinAgents  # noqa: E402
from homepage_generator.chromium import Chromium  # noqa: E402
from homepage_generator.media import MediaStore  # noqa: E402
from homepage_generator.render import render  # noqa: E402
from homepage_generator.spec.site import SiteSpec  # noqa: E402

OUT: Final = ROOT / "docs" / "gallery" / "homepages"
URL: Final = "https://shop.example/sites/shop/"
SHOWN: Final = (
    ("fruit", "market"), ("fruit", "orchard"), ("cafe", "roastery"), ("cafe", "parlour"),
    ("restaurant", "market"), ("restaurant", "roastery"), ("bakery", "parlour"), ("bakery", "ledger"),
    ("salon", "orchard"), ("salon", "parlour"), ("clinic", "plain"), ("clinic", "orchard"),
    ("academy", "ledger"), ("academy", "plain"), ("workshop", "workbench"), ("workshop-en", "ledger"),
)  # fmt: skip
HEIGHT: Final = 1200
DESKTOP: Final = (1440, 2400)
PHONE: Final = (360, 1440)
GAP: Final = 20


async def page(shop: str, theme: str, media: MediaStore) -> SiteSpec:
    """What a customer of this shop would get who chose this theme."""
    wanted = brief(shop, media).model_copy(update={"style": theme})
    agents = BuiltinAgents()
    plan = await agents.plan(wanted)
    design = await agents.design(wanted, plan, [])
    return await agents.develop(wanted, plan, design, [], None)


async def shot(chromium: Chromium, folder: Path, size: tuple[int, int], fold: int) -> Image.Image:
    """The beginning of a page as a screen of ``fold`` pixels lays it out, without the bar that would lie over it."""
    async with chromium.open(folder, "index.html", url=URL, width=size[0], height=fold) as opened:
        await opened.set_viewport_size({"width": size[0], "height": size[1]})
        await opened.evaluate("document.querySelector('.dock')?.remove()")
        await opened.evaluate("Promise.all([...document.images].map(i => (i.loading = 'eager', i.decode())))")
        data = await opened.screenshot(animations="disabled")
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return image.resize((round(image.width * HEIGHT / image.height), HEIGHT), Image.Resampling.LANCZOS)


async def show(chromium: Chromium, media: MediaStore, shop: str, theme: str) -> None:
    with tempfile.TemporaryDirectory() as built:
        render(await page(shop, theme, media), media, Path(built), url=URL)
        desktop = await shot(chromium, Path(built), DESKTOP, 900)
        phone = await shot(chromium, Path(built), PHONE, 780)
    both = Image.new("RGB", (desktop.width + GAP + phone.width, HEIGHT), "#8a8a8a")
    both.paste(desktop, (0, 0))
    both.paste(phone, (desktop.width + GAP, 0))
    both.save(OUT / f"{shop}-{theme}.webp", quality=76, method=6)


async def main(wanted: list[str]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        media = MediaStore(Path(kept))
        async with Chromium() as chromium:
            for shop, theme in SHOWN:
                if not wanted or f"{shop}-{theme}" in wanted:
                    await show(chromium, media, shop, theme)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
