"""``python -m bench.scenarios.draw``: the drawings of ``pictures/*.svg`` as PNG, and the masks of what is edited."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bench.server import SAMPLES
from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox

PICTURES = Path(__file__).with_name("pictures")
ONLY_THE_THING = "document.querySelectorAll('svg > :not(defs, #thing)').forEach(one => one.remove())"
CUP = ((278, 204), (202, 182), 8)
"""The cup with its saucer in ``samples/coffee.jpg`` as an ellipse: centre, half axes in pixels, degrees."""


def main() -> None:
    with _page() as page:
        for drawing in sorted(PICTURES.glob("*.svg")):
            _draw(page, drawing)
    with Image.open(SAMPLES / "coffee.jpg") as photo:
        width, height = photo.size
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, *CUP, 0, 360, 255, cv2.FILLED)
    cv2.imwrite(str(PICTURES / "food-mask.png"), mask)


def _draw(page: Page, drawing: Path) -> None:
    page.set_content(f"<style>*{{margin:0}}svg{{display:block}}</style>{drawing.read_text('utf-8')}")
    svg = page.locator("svg")
    drawing.with_suffix(".png").write_bytes(svg.screenshot())
    page.evaluate(ONLY_THE_THING)
    with Image.open(io.BytesIO(svg.screenshot(omit_background=True))) as thing:
        mask = thing.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0)
    mask.save(drawing.with_name(f"{drawing.stem}-mask.png"))


@contextmanager
def _page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=keeps_sandbox())
        try:
            yield browser.new_page(viewport={"width": 800, "height": 800})
        finally:
            browser.close()


if __name__ == "__main__":
    main()
