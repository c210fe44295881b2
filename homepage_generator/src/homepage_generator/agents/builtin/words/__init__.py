"""The built-in agents' own words, in both languages, by dotted key."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from homepage_generator.spec.types import Locale, Trade


@cache
def _table(locale: Locale) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{locale}.toml").read_text("utf-8"))


def word(locale: Locale, group: str, name: str, /, **values: Any) -> str:
    """Raises KeyError for a word that isn't there."""
    return str(_table(locale)[group][name]).format(**values)


def of_trade(locale: Locale, group: str, trade: Trade, name: str) -> str:
    """The trade's own word, else the group's, else nothing."""
    table = _table(locale)[group]
    own = table.get(trade)
    found = own.get(name) if isinstance(own, dict) else None
    return str(found or (table.get(name) if isinstance(table.get(name), str) else "") or "")
