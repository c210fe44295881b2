"""Prices as people wrote them, set as figures where they are figures."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from homepage_generator.spec.types import Locale

_FIGURE: Final = re.compile(r"^[₩\\]?\s*(\d{1,3}(?:,\d{3})+|\d+)\s*(원|won|krw)?$", re.IGNORECASE)


class Money(NamedTuple):
    """``before`` and ``after`` stand small beside the figure; ``words``: no figure, shown as it was written."""

    figure: str = ""
    before: str = ""
    after: str = ""
    words: str = ""


def money(price: str, locale: Locale) -> Money:
    found = _FIGURE.match(price)
    if not found:
        return Money(words=price)
    figure = f"{int(found[1].replace(',', '')):,}"
    return Money(figure, after="원") if locale == "ko" else Money(figure, before="₩")


def amount(price: str) -> int | None:
    found = _FIGURE.match(price)
    return int(found[1].replace(",", "")) if found else None
