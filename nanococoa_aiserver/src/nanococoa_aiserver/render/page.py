"""Drawing one page: fit the text, measure the glyphs, photograph the planes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.imaging.types import Rgba
from nanococoa_aiserver.render.chromium import Chromium
from nanococoa_aiserver.render.drawing import Drawing, Glyph
from nanococoa_client.schemas import ROLES, PlacedText

CONTENT_MS = 3000  # the slowest page of ours loads in 150 ms; only hostile ones take longer
LARGEST_TREE = 20_000  # elements; a page of ours holds 100-300
BLANK = "about:blank"
OVERHANG = 0.3  # em; brush letters and diacritics reach over their boxes

Plane: TypeAlias = Literal["back", "front"]

_SHOW = """([plane, textless]) => {
  const root = document.documentElement;
  root.dataset.plane = plane;
  root.toggleAttribute("data-textless", textless);
}"""


@dataclass(frozen=True, slots=True)
class _Measured:
    glyphs: tuple[Glyph, ...]
    texts: tuple[PlacedText, ...]
    families: dict[str, tuple[str, ...]]
    back_text: bool
    front_text: bool
    front_graphics: bool


def draw_page(chromium: Chromium, html: str, size: tuple[int, int], measure: bool, decoder: Executor) -> Drawing:
    """Draw a guarded page on ``size`` = (width, height) px. One shot is decoded while the next is taken."""
    _load(chromium, html, size)
    unfit = _fit(chromium)
    seen = _measure(chromium)
    camera = _Camera(chromium, size, decoder)
    camera.shoot("back", blank=False)
    camera.shoot("front", blank=not (seen.front_text or seen.front_graphics))
    if measure and seen.back_text:
        camera.shoot_textless("back", seen.glyphs, blank=False)
    if measure and seen.front_text:
        camera.shoot_textless("front", seen.glyphs, blank=not seen.front_graphics)
    fonts = _platform_fonts(chromium) if measure else {}
    _assert_still_there(chromium)
    return Drawing(*camera.developed(), seen.glyphs, seen.texts, unfit, fonts, seen.families)


def _load(chromium: Chromium, html: str, size: tuple[int, int]) -> None:
    page, viewport = chromium.page, {"width": size[0], "height": size[1]}
    if page.viewport_size != viewport:
        page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_content(html, timeout=CONTENT_MS, wait_until="load")
    _assert_still_there(chromium)


def _assert_still_there(chromium: Chromium) -> None:
    """A page that went elsewhere (a refresh, a link) is hostile; nothing it shows is ours."""
    if chromium.page.url != BLANK:
        raise RenderFailed(reason="the page tried to leave")


def _fit(chromium: Chromium) -> tuple[str, ...]:
    """Shrink every text to its place; the roles whose text does not fit. Also where a page too large is refused."""
    unfit: list[str] | None = chromium.page.evaluate(_script("fit"), LARGEST_TREE)
    if unfit is None:
        raise RenderFailed(reason="too many elements")
    return tuple(unfit)


def _measure(chromium: Chromium) -> _Measured:
    found: Mapping[str, Any] = chromium.page.evaluate(_script("measure"))
    return _Measured(
        glyphs=tuple(Glyph(*fields) for fields in found["glyphs"]),
        texts=tuple(PlacedText.model_validate(text) for text in found["texts"] if text["role"] in ROLES),
        families={role: tuple(names) for role, names in found["families"].items()},
        back_text=found["back_text"],
        front_text=found["front_text"],
        front_graphics=found["front_graphics"],
    )


def _platform_fonts(chromium: Chromium) -> dict[str, tuple[str, ...]]:
    """Role -> families its glyphs were really drawn with, as Chromium's shaper reports them."""
    root = chromium.cdp.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    nodes = chromium.cdp.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-role]"})["nodeIds"]
    used: dict[str, set[str]] = {}
    for role, node in zip(_roles(chromium), nodes, strict=True):
        fonts = chromium.cdp.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        used.setdefault(role, set()).update(str(font["familyName"]) for font in fonts)
    return {role: tuple(sorted(families)) for role, families in used.items()}


def _roles(chromium: Chromium) -> list[str]:
    roles: list[str] = chromium.page.evaluate(
        "() => [...document.querySelectorAll('[data-role]')].map((element) => element.dataset.role)"
    )
    return roles


class _Camera:
    """Takes transparent screenshots of one plane at a time and keeps them until they are developed."""

    def __init__(self, chromium: Chromium, size: tuple[int, int], decoder: Executor) -> None:
        self._chromium, self._size, self._decoder = chromium, size, decoder
        self._whole: dict[Plane, Future[Rgba]] = {}
        self._textless: dict[Plane, Future[Rgba]] = {}

    def shoot(self, plane: Plane, *, blank: bool) -> None:
        """The whole plane; a ``blank`` one needs no screenshot."""
        self._whole[plane] = self._nothing() if blank else self._photograph(plane)

    def shoot_textless(self, plane: Plane, glyphs: Sequence[Glyph], *, blank: bool) -> None:
        """The plane without its text: only where text stands is photographed again."""
        self._textless[plane] = self._nothing() if blank else self._photograph_again(plane, glyphs)

    def developed(self) -> tuple[Rgba, Rgba, Rgba, Rgba]:
        """Back, front, and both without text. Nothing of them is kept: Playwright's frames outlive a call."""
        whole, textless = self._whole, self._textless
        self._whole, self._textless = {}, {}
        back, front = whole["back"].result(), whole["front"].result()
        return (
            back,
            front,
            textless["back"].result() if "back" in textless else back,
            textless["front"].result() if "front" in textless else front,
        )

    def _photograph(self, plane: Plane) -> Future[Rgba]:
        self._show(plane, textless=False)
        return self._decoder.submit(_decode, self._screenshot({}), self._size)

    def _photograph_again(self, plane: Plane, glyphs: Sequence[Glyph]) -> Future[Rgba]:
        x, y, width, height = _around([glyph for glyph in glyphs if glyph.plane == plane], self._size)
        self._show(plane, textless=True)
        clip = {"clip": {"x": x, "y": y, "width": width, "height": height, "scale": 1}}
        shot = self._screenshot(clip)
        return self._decoder.submit(_pasted, self._whole[plane], shot, (x, y, width, height))

    def _show(self, plane: Plane, *, textless: bool) -> None:
        self._chromium.page.evaluate(_SHOW, [plane, textless])

    def _screenshot(self, clip: Mapping[str, Any]) -> str:
        options = {"format": "png", "optimizeForSpeed": True, **clip}
        return str(self._chromium.cdp.send("Page.captureScreenshot", options)["data"])

    def _nothing(self) -> Future[Rgba]:
        width, height = self._size
        return self._decoder.submit(np.zeros, (height, width, 4), np.uint8)


def _around(glyphs: Sequence[Glyph], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height of all glyphs and what overhangs their boxes, within the canvas."""
    reach = [OVERHANG * glyph.font_px + 4 for glyph in glyphs]
    left = max(0, int(min(glyph.x0 - pad for glyph, pad in zip(glyphs, reach, strict=True))))
    top = max(0, int(min(glyph.y0 - pad for glyph, pad in zip(glyphs, reach, strict=True))))
    right = min(size[0], int(max(glyph.x1 + pad for glyph, pad in zip(glyphs, reach, strict=True))) + 1)
    bottom = min(size[1], int(max(glyph.y1 + pad for glyph, pad in zip(glyphs, reach, strict=True))) + 1)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else (0, 0, 1, 1)


def _pasted(whole: Future[Rgba], png: str, at: tuple[int, int, int, int]) -> Rgba:
    """Runs on the decoder's one thread, after ``whole`` was decoded there."""
    x, y, width, height = at
    picture = whole.result().copy()
    picture[y : y + height, x : x + width] = _decode(png, (width, height))
    return picture


def _decode(png: str, size: tuple[int, int]) -> Rgba:
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[:2] != (size[1], size[0]):
        raise RenderFailed(reason="the screenshot has another size")
    order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return np.asarray(cv2.cvtColor(pixels, order), np.uint8)


@lru_cache
def _script(name: str) -> str:
    return resources.files(__package__).joinpath("scripts", f"{name}.js").read_text("utf-8")
