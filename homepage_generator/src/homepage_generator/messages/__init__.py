"""Every sentence of the homepage generator, in Korean and English, by a dotted key such as ``errors.not_found``.

A file per domain in each language's folder; a table may go on in another file, a key stands once.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from nanococoa_client.messages import Locale

LOCALES: tuple[Locale, ...] = ("ko", "en")


@lru_cache
def catalogue(locale: Locale) -> dict[str, str]:
    """All sentences of a language, by dotted key."""
    found: dict[str, str] = {}
    for file in sorted(resources.files(__package__).joinpath(locale).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            found |= _without(found, _flat(tomllib.loads(file.read_text("utf-8"))))
    return found


def has(key: str) -> bool:
    return key in catalogue("ko")


def say(locale: Locale, key: str, /, **values: Any) -> str:
    """The sentence for ``key`` with ``values`` filled in. Raises KeyError for an unknown key or a missing value."""
    return catalogue(locale)[key].format(**values)


def _without(known: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    if twice := known.keys() & more.keys():
        raise ValueError(f"sentences that stand twice: {', '.join(sorted(twice))}")
    return more


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found
