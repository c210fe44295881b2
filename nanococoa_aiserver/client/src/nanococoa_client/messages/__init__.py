"""Every sentence a person may read, in Korean and English, by section and key.

The texts live in ``ko.toml`` and ``en.toml`` beside this module, so that all services say a thing the same way.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

Locale: TypeAlias = Literal["ko", "en"]
Section: TypeAlias = Literal["errors", "reasons", "status", "steps", "warnings", "labels"]


@lru_cache
def catalogue(locale: Locale) -> dict[str, dict[str, str]]:
    """All sentences of a language, by section."""
    text = resources.files(__package__).joinpath(f"{locale}.toml").read_text("utf-8")
    return tomllib.loads(text)


def has(section: Section, key: str) -> bool:
    return key in catalogue("ko").get(section, {})


def say(section: Section, key: str, locale: Locale = "ko", /, **values: Any) -> str:
    """The sentence for ``key`` with ``values`` filled in. Raises KeyError for an unknown key or a missing value."""
    return catalogue(locale)[section][key].format(**values)
