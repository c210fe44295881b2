"""Screenshots small enough for an LLM that sees: data URIs of a phone and a desktop."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image

MOST: Final = 2
WIDTH, HEIGHT = 720, 2400
"""Pixels: enough to read headings, and what such models scale pictures to themselves."""


async def shown(screenshots: Mapping[str, Path]) -> list[str]:
    """The first page's, from its top. Those that can't be read are left out."""
    paths = [path for path in screenshots.values() if path.is_file()][:MOST]
    return [await asyncio.to_thread(_data_uri, path) for path in paths]


def _data_uri(path: Path) -> str:
    with Image.open(path) as image:
        width = min(WIDTH, image.width)
        small = image.convert("RGB").resize((width, max(1, image.height * width // image.width)))
    small = small.crop((0, 0, small.width, min(small.height, HEIGHT)))
    data = io.BytesIO()
    small.save(data, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
