"""What this server says itself, in Korean and English; what other services say comes in their own words."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from nanococoa_client.messages import Locale

Section: TypeAlias = Literal["errors", "advice", "next", "notes"]


@lru_cache
def catalogue(locale: Locale) -> dict[str, dict[str, str]]:
    """All sentences of a language, by section."""
    text = resources.files(__package__).joinpath(f"{locale}.toml").read_text("utf-8")
    return tomllib.loads(text)


def say(section: Section, key: str, locale: Locale, /, **values: Any) -> str:
    """The sentence for ``key`` with ``values`` filled in. Raises KeyError for an unknown key or a missing value."""
    return catalogue(locale)[section][key].format(**values)


def has(section: Section, key: str) -> bool:
    return key in catalogue("ko")[section]
