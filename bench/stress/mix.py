"""The jobs of a stress run: ads, edits and light work in one order, the same on every run, a tenth out of memory."""

from __future__ import annotations

import base64
import io
import random
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, ImageDraw

KINDS: Final = {"ad": 40, "edit": 10, "cutout": 15, "analyze": 20, "clip_score": 15}
"""Shares in per cent. A cut-out takes no words, so memory never runs out in one."""
SHARE_OUT_OF_MEMORY: Final = 0.1
IN_A_ROW: Final = {1: 70, 2: 20, 3: 7, 4: 3}
"""How often memory runs out in a row, in per cent of those: one rung of the ladder each."""
TEXT_EVERY: Final = 40
"""Ads with copy, which Chromium sets: a job whose number this divides."""
PLAIN, LETTERED = "banner_320x100", "banner_300x250"
"""Small pictures: composing large ones would take most of the machine, and ``endurance`` does that."""
HEAVY: Final = ("ad", "edit")
PATHS: Final = {
    "ad": "/generate",
    "edit": "/edit",
    "cutout": "/cutout",
    "analyze": "/analyze",
    "clip_score": "/clip-score",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A job to ask for: its number and how often memory runs out in it."""

    number: int
    kind: str
    refusals: int

    @property
    def path(self) -> str:
        return PATHS[self.kind]

    def body(self) -> dict[str, Any]:
        """Heavy jobs carry a key, so that one asked for again after an outage is the same job."""
        words, photo = f"나무 탁자 [{self.number}/{self.refusals}]", _photo(self.number % 7)
        key = {"idempotency_key": f"job {self.number}"}
        if self.kind == "ad":
            copy, size = ("원두 15,900원", LETTERED) if self.number % TEXT_EVERY == 0 else (None, PLAIN)
            return {"product_image": photo, "text_content": copy, "bg_prompt": words, "formats": [size]} | key
        if self.kind == "edit":
            return {"image": photo, "instruction": words, "seed": self.number} | key
        if self.kind == "clip_score":
            return {"image_base64": photo, "prompt": words, "wait_seconds": 0}
        return {"image": photo, "wait_seconds": 0} | ({"question": words} if self.kind == "analyze" else {})


def mixed(count: int, seed: int = 1) -> list[Wish]:
    draw = random.Random(seed)  # noqa: S311 no secret
    kinds = draw.choices(list(KINDS), list(KINDS.values()), k=count)
    able = [number for number, kind in enumerate(kinds) if kind != "cutout"]
    out = set(draw.sample(able, round(SHARE_OUT_OF_MEMORY * count)))
    depths = iter(draw.choices(list(IN_A_ROW), list(IN_A_ROW.values()), k=len(out)))
    return [Wish(number, kind, next(depths) if number in out else 0) for number, kind in enumerate(kinds)]


def _photo(number: int) -> str:
    """A dark box on white paper."""
    picture = Image.new("RGB", (240, 240), "white")
    ImageDraw.Draw(picture).rectangle((60, 50, 180, 210), fill=(90, 40 + 10 * number, 30))
    written = io.BytesIO()
    picture.save(written, "png")
    return base64.b64encode(written.getvalue()).decode()
