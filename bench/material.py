"""Ads at random but the same on every run: copy, background, format and product drawn with a seed."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.server import product_photos, sample_photo

FORMATS = ("square", "portrait", "story", "wide")


def random_ads(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """``count`` bodies for POST /generate, one format each."""
    words = tomllib.loads((Path(__file__).parent / "material.toml").read_text("utf-8"))
    draw = random.Random(seed)  # noqa: S311 no secret
    photos = {name: sample_photo(name) for name in product_photos()}
    for number in range(count):
        yield {
            "product_image": photos[draw.choice(list(photos))],
            "text_content": draw.choice(words["copy"]),
            "bg_prompt": draw.choice(words["backgrounds"]),
            "html_style_prompt": draw.choice(words["styles"]),
            "formats": [draw.choice(FORMATS)],
            "seed": number,
        }
