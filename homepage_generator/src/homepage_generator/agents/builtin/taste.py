"""What suits which trade, read once from taste.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, cast

from homepage_generator.spec.sections import ActionKind, SectionKind
from homepage_generator.spec.types import ThemeName, Trade


@cache
def _taste() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("taste.toml").read_text("utf-8"))


def theme_of(trade: Trade) -> ThemeName:
    return cast(ThemeName, _taste()["theme"][trade])


def theme_asked(words: str) -> ThemeName | None:
    """The theme that most of an owner's words speak of."""
    said = words.casefold()
    hits = {name: sum(word in said for word in known) for name, known in _taste()["asked"].items()}
    best = max(hits, key=lambda name: hits[name])
    return cast(ThemeName, best) if hits[best] else None


def order_of(trade: Trade) -> list[SectionKind]:
    return list(_taste()["order"][trade])


def buttons_of(trade: Trade) -> list[ActionKind]:
    return list(_taste()["buttons"][trade])
