"""Whether a sentence says more than the owner did. Numbers, places, claims, quotes and addresses must be in what the
owner gave; whatever else it is, a sentence with one that is not there is not printed. Pure functions."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any, Final

_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTE: Final = re.compile(r"[\"“]([^\"”]{2,})[\"”]|[‘「『]([^’」』]{2,})[’」』]")
_ADDRESS: Final = re.compile(
    r"(?<![가-힣])(?!(?:또?다|역|반드|혹|잠|즉|동|일|필요)시)[가-힣]{1,6}(?:시|군|구)\s+[가-힣0-9]{1,8}(?:구|동|읍|면|로|길)"
)
_LINK: Final = re.compile(
    r"\w[\w.+-]*@\w[\w.-]*|https?://\S+|\bwww\.\S+|\b[\w-]+\.(?:com|kr|net|org|co|shop)(?![a-z0-9])", re.IGNORECASE
)
_MARKUP: Final = re.compile(r"[<>{}]|&#?\w+;|\*\*|^#", re.MULTILINE)


class Known:
    """Everything the owner gave, as text to look things up in. ``story``: a story was told."""

    def __init__(self, *given: Any) -> None:
        self.story = any(isinstance(one, dict) and one.get("story") for one in given)
        self._text = _folded("\n".join(_strings(given)))
        self._tight = re.sub(r"\s+", "", self._text)
        self._numbers = {_number(match[0]) for match in _NUMBER.finditer(self._text)}

    def has(self, text: str) -> bool:
        return re.sub(r"\s+", "", _folded(text)) in self._tight

    def has_number(self, text: str) -> bool:
        return _number(text) in self._numbers


def unfounded(text: str, known: Known) -> list[str]:
    """What the text says that nobody told us; empty: nothing."""
    said = unicodedata.normalize("NFKC", text)
    found = [match[0] for match in _NUMBER.finditer(said) if not known.has_number(match[0])]
    for pattern in (_QUOTE, _ADDRESS, _LINK, *_claims()):
        found += [match[0] for match in pattern.finditer(said) if not known.has(match[0].strip('"“”‘’「」『』'))]
    return found + [match[0] for match in _MARKUP.finditer(said)]


@lru_cache
def _claims() -> tuple[re.Pattern[str], ...]:
    file = resources.files(__package__ or "").joinpath("claims.toml")
    table: dict[str, list[str]] = tomllib.loads(file.read_text("utf-8"))["claims"]
    return tuple(re.compile("|".join(patterns), re.IGNORECASE) for patterns in table.values())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _number(text: str) -> str:
    """Without thousands' commas and leading noughts: 24,000 is 24000, 08:00 is 8:00."""
    return re.sub(r",(?=\d{3})", "", text).lstrip("0") or "0"


def _strings(value: Any) -> Iterator[str]:
    """Every text and number in nested data. Times, since they are said both ways, also by their hour."""
    match value:
        case str():
            yield value
            yield from (match[1] for match in re.finditer(r"\b([012]?\d):[0-5]\d\b", value))
        case bool() | None:
            return
        case int() | float():
            yield json.dumps(value)
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list() | tuple() | set():
            for inner in value:
                yield from _strings(inner)
