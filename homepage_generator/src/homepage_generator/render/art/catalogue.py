"""Which drawing stands for which words: read once from catalogue.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from homepage_generator.spec.types import Trade

ArtId: TypeAlias = str
_FILE: Final = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True)
class Drawing:
    """``colours``: body, second, detail. ``friends`` go well beside it."""

    name: ArtId
    colours: tuple[str, str, str]
    words: tuple[str, ...]
    friends: tuple[ArtId, ...]


@cache
def drawings() -> dict[ArtId, Drawing]:
    given = tomllib.loads(_FILE.read_text(encoding="utf-8"))["drawings"]
    return {
        name: Drawing(name, tuple(row["colours"]), tuple(row["words"]), tuple(row.get("with", ())))
        for name, row in given.items()
    }


@cache
def own_of(trade: Trade) -> tuple[ArtId, ...]:
    """What stands for the trade itself, the most telling first."""
    return tuple(tomllib.loads(_FILE.read_text(encoding="utf-8"))[trade]["own"])


def is_art(name: str) -> bool:
    return name in drawings()


def find_art(words: str) -> ArtId | None:
    """The drawing of what ``words`` name. Names end with the thing itself, in Korean and in English: of several known
    words the one that ends last counts ("사과 식초" is a vinegar), of those the longest ("달항아리", not "항아리")."""
    text = words.casefold()
    hits = [(match.end(), len(word), name) for name, word, pattern in _patterns() for match in pattern.finditer(text)]
    return max(hits)[2] if hits else None


def art_for(trade: Trade, words: Iterable[str] = (), count: int = 3) -> list[ArtId]:
    """``count`` different drawings for a shop: those its words call for, what goes with them, then the trade's own."""
    found = list(dict.fromkeys(hit for text in words if (hit := find_art(text))))
    return list(dict.fromkeys([*found, *_friends(found[:1]), *own_of(trade)]))[:count]


def _friends(names: Iterable[ArtId]) -> Iterator[ArtId]:
    for name in names:
        yield from drawings()[name].friends


@cache
def _patterns() -> tuple[tuple[ArtId, str, re.Pattern[str]], ...]:
    return tuple((row.name, word, _pattern(word)) for row in drawings().values() for word in row.words)


def _pattern(word: str) -> re.Pattern[str]:
    """Latin words count from their beginning; one Hangul syllable only where a word ends ("신고배", not "배달")."""
    if word.isascii():
        return re.compile(rf"(?<![a-z]){re.escape(word)}")
    return re.compile(re.escape(word) + (r"(?![가-힣])" if len(word) == 1 else ""))
