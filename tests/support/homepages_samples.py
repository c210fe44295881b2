"""The shops of ``samples/homepages`` as commissions: their pictures, named by file there, as the data URIs that a
caller sends."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from PIL import Image

from homepage_generator.media import MediaStore
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.reading import read_commission

SAMPLES: Final = Path(__file__).parents[2] / "samples"
TRADES: Final = ("fruit", "cafe", "restaurant", "bakery", "salon", "clinic", "academy", "workshop")
ENGLISH: Final = ("cafe-en", "workshop-en")


def commission(name: str, **changes: Any) -> dict[str, Any]:
    """A sample shop as the body of ``POST /generate``; ``changes`` replace its top-level parts."""
    given: dict[str, Any] = json.loads((SAMPLES / "homepages" / f"{name}.json").read_text(encoding="utf-8"))
    given["products"] = [_with_picture(one) for one in given["products"]]
    shop = given["business_info"]
    if "photos" in shop:
        shop["photos"] = [_with_picture(one) for one in shop["photos"]]
    return given | changes


def brief(name: str, media: MediaStore, **changes: Any) -> Brief:
    """The same as agents see it."""
    return read_commission(commission(name, **changes), media)[0]


def _with_picture(given: dict[str, Any]) -> dict[str, Any]:
    if "image" not in given:
        return given
    kept = {name: value for name, value in given.items() if name != "mask"}
    return kept | {"image": picture(given["image"], given.get("mask"))}


@cache
def picture(file: str, mask: str | None = None) -> str:
    """A photo, or with its mask what it shows, cut out, as a data URI."""
    image = Image.open(SAMPLES / file).convert("RGB")
    if mask:
        alpha = Image.open(SAMPLES / mask).convert("L")
        image.putalpha(alpha)
        image = image.crop(alpha.point(lambda value: 255 * (value > 16)).getbbox())
    data = io.BytesIO()
    image.save(data, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()
