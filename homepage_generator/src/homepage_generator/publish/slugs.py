"""Names of sites in addresses: from the shop's own name, romanised, short, and none of those we need ourselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from korean_romanizer.romanizer import Romanizer

LONGEST: Final = 48
"""Characters; room for a number behind it stays within the contract's 63."""

RESERVED: Final = frozenset(
    """about admin api app apps assets auth blog cdn contact dashboard docs download edit export favicon files health
    help home homepage homepages images img inbox index js css live login logout mail media metrics new news null
    options pages preview privacy public publish ready robots root sites sitemap static status stop support system
    terms test undefined unpublish user users versions www""".split()  # noqa: SIM905 -- read as a text
)
_HANGUL: Final = re.compile("[가-힣]+")


def slug_of(name: str) -> str:
    """햇살과일 → haetsalgwail. Never empty, never reserved."""
    told = _HANGUL.sub(lambda found: Romanizer(found[0]).romanize(), unicodedata.normalize("NFC", name))
    plain = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    if not slug:
        return "shop"
    return f"{slug}-shop" if slug in RESERVED else slug


def candidates(slug: str) -> Iterator[str]:
    """The name itself, then with numbers from 2 on."""
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1
