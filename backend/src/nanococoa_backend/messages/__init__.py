"""Every sentence of the dashboard, in Korean and English, by a dotted key such as ``products.list.title``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

Locale: TypeAlias = Literal["ko", "en"]
LOCALES: tuple[Locale, ...] = ("ko", "en")


@lru_cache
def catalogue(locale: Locale) -> dict[str, str]:
    """All sentences of a language, by dotted key."""
    return _flat(tomllib.loads(resources.files(__package__).joinpath(f"{locale}.toml").read_text("utf-8")))


def has(key: str) -> bool:
    return key in catalogue("ko")


def say(locale: Locale, key: str, /, **values: Any) -> str:
    """The sentence for ``key`` with ``values`` filled in. Raises KeyError for an unknown key or a missing value."""
    return catalogue(locale)[key].format(**values)


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found
