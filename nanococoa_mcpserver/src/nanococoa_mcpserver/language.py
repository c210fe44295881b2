"""Which language a call is answered in: what its ``Accept-Language`` says, else the language of its own texts.

MCP has no language of its own. An LLM writes copy in its user's language, so Hangul in the arguments means Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from nanococoa_client.messages import Locale

_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_LETTERS: Final = re.compile("[A-Za-z]{2}")
_SHORT: Final = 4000
"""Longer texts are pictures."""

_chosen: ContextVar[Locale | None] = ContextVar("chosen_locale", default=None)


def chosen_locale() -> Locale | None:
    """The language the running call is known to want; None: each job's own."""
    return _chosen.get()


def locale() -> Locale:
    """The language to say something in."""
    return _chosen.get() or "ko"


@contextmanager
def speaking(wanted: Locale | None) -> Iterator[None]:
    """Everything said inside is said in this language."""
    token = _chosen.set(wanted)
    try:
        yield
    finally:
        _chosen.reset(token)


def language_of(headers: Mapping[str, str] | None, arguments: Any) -> Locale | None:
    """What a call wants; None when neither its headers nor its texts tell."""
    return header_locale((headers or {}).get("accept-language", "")) or text_locale(_texts(arguments))


def header_locale(accepted: str) -> Locale | None:
    """The language ``Accept-Language`` prefers among the two we speak."""
    for tag in sorted(accepted.split(","), key=_weight, reverse=True):
        match tag.strip()[:2].lower():
            case "ko":
                return "ko"
            case "en":
                return "en"
    return None


def text_locale(texts: Iterable[str]) -> Locale | None:
    """ko where there is Hangul; en for texts of several words in Latin letters; None for names and numbers."""
    said = [text for text in texts if len(text) <= _SHORT]
    if any(_HANGUL.search(text) for text in said):
        return "ko"
    return "en" if any(" " in text.strip() and _LETTERS.search(text) for text in said) else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _weight(tag: str) -> float:
    _, _, quality = tag.partition(";q=")
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
