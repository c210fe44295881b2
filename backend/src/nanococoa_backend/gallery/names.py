"""What downloaded files are called: the shop, the ad, the placement, in letters every system takes. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST_PART: Final = 40

_NOT_A_LETTER: Final = re.compile(r"[^\w.]+|_+")
"""Anything but letters and digits of any script, and dots in numbers."""


def file_name(*parts: str, suffix: str) -> str:
    """``햇살과일-부사-사과-정사각형-피드.png``."""
    words = [_plain(part) for part in parts]
    return f"{'-'.join(word for word in words if word) or 'ad'}.{suffix}"


def disposition(name: str) -> str:
    """A download's header: the name by RFC 5987, and a plain one for what does not know it."""
    suffix = name.rpartition(".")[2]
    return f"attachment; filename=\"ad.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return _NOT_A_LETTER.sub("-", composed).strip("-.")[:LONGEST_PART].strip("-.")
