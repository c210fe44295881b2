"""Smaller copies of pictures: what a result may carry (clients refuse more than 1 MiB), and what a page shows."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageOps

PREVIEW_SIDE: Final = 768
PREVIEW_BYTES: Final = 200_000
RESOURCE_SIDE: Final = 2048
RESOURCE_BYTES: Final = 700_000
MEDIA_TYPE: Final = "image/jpeg"

_QUALITIES: Final = (88, 80, 70, 58, 45)
_SHRINK: Final = 0.8


def smaller(data: bytes, side: int, limit: int) -> bytes:
    """A JPEG of at most ``side`` pixels and ``limit`` bytes; what is transparent becomes white. Blocking."""
    with Image.open(io.BytesIO(data)) as source:
        source.draft("RGB", (side, side))
        picture = _opaque(ImageOps.exif_transpose(source))
    while True:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            if len(file := _jpeg(picture, quality)) <= limit:
                return file
        side = int(max(picture.size) * _SHRINK)


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(ground, seen).convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()
