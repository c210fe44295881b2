"""The trade behind what an owner calls it: "수제 도자기 공방" is a workshop, "꽃집" a shop."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, cast, get_args

from homepage_generator.spec.types import Trade

_FILE: Final = Path(__file__).with_name("trades.toml")
_WEAK: Final = frozenset({"가게", "상점", "shop", "store", "과자점"})
"""Say that it is a shop and not of what: any other word counts more."""


def read_trade(said: str, name: str = "") -> Trade:
    """From the trade's own words, else from the shop's name."""
    if said in get_args(Trade):
        return cast(Trade, said)
    return _best(said) or _best(name) or "shop"


def _best(text: str) -> Trade | None:
    text = text.casefold()
    hits = [(word not in _WEAK, len(word), text.rfind(word), trade) for word, trade in _words() if word in text]
    return max(hits)[3] if hits else None


@cache
def _words() -> tuple[tuple[str, Trade], ...]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple((word, cast(Trade, trade)) for trade, words in table.items() for word in words)
