"""Values as callers send them: texts, numbers where texts are wanted, nothing; each refused by its field's name.

A fact (a name, a price, a telephone) that is too long is refused, because half of it is another fact. Prose is
shortened at the end of a sentence or a word instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homepage_generator.errors import InvalidField
from homepage_generator.spec.types import cleaned

_SENTENCE_END: Final = re.compile(r"[.!?。…](?=\s|$)|\n")
_LEAST_KEPT: Final = 0.6
"""Of the budget: a sentence that ends before this leaves too much out; then a word's end will do."""


def is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not cleaned(value))


def shortened(text: str, budget: int) -> str:
    """``text`` itself, or its sentences within ``budget``, or its words and an ellipsis."""
    if len(text) <= budget:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, budget)]
    if ends and ends[-1] >= budget * _LEAST_KEPT:
        return text[: ends[-1]].rstrip()
    words = text[: budget - 1].rsplit(None, 1)
    kept = words[0] if len(words) > 1 and len(words[0]) >= budget * _LEAST_KEPT else text[: budget - 1]
    return kept.rstrip(" ,·-") + "…"


@dataclass
class Part:
    """An object of the commission and where it stands; collects what was left out or done in another way."""

    given: Mapping[str, Any]
    where: str
    warnings: list[str] = field(default_factory=list)

    def path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        return not is_nothing(self.given.get(name))

    def first(self, *names: str) -> str:
        """The name, of several for the same thing, that something was sent under."""
        return next((name for name in names if self.has(name)), names[0])

    def text(self, *names: str) -> str:
        name = self.first(*names)
        value = self.given.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidField(self.path(name), "text")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidField(self.path(name), "number")
        return cleaned(f"{value:g}" if isinstance(value, float) else str(value))

    def fact(self, *names: str, budget: int) -> str:
        """One line that must not be cut."""
        text = " ".join(self.text(*names).split())
        if len(text) > budget:
            raise InvalidField(self.path(self.first(*names)), "too_long", limit=budget)
        return text

    def needed(self, *names: str, budget: int) -> str:
        text = self.fact(*names, budget=budget)
        if not text:
            name = self.first(*names)
            raise InvalidField(self.path(name), "empty" if name in self.given else "missing")
        return text

    def line(self, *names: str, budget: int) -> str:
        """One line of prose, shortened where it is too long."""
        return self.prose(*names, budget=budget, lines=False)

    def prose(self, *names: str, budget: int, lines: bool = True) -> str:
        text = self.text(*names)
        text = text if lines else " ".join(text.split())
        kept = shortened(text, budget)
        if kept != text:
            self.warn("shortened")
        return kept

    def part(self, name: str) -> Part:
        """An object within; empty where nothing was sent."""
        value = self.given.get(name)
        if is_nothing(value):
            value = {}
        if not isinstance(value, Mapping):
            raise InvalidField(self.path(name), "object")
        return Part(value, self.path(name), self.warnings)

    def values(self, *names: str, limit: int) -> list[tuple[str, Any]]:
        """What a list holds, with where each stands; what is nothing is left out."""
        name = self.first(*names)
        value = self.given.get(name)
        if is_nothing(value):
            return []
        if not isinstance(value, list):
            raise InvalidField(self.path(name), "list")
        if len(value) > limit:
            raise InvalidField(self.path(name), "too_many", limit=limit)
        return [(f"{self.path(name)}[{at}]", one) for at, one in enumerate(value) if not is_nothing(one)]

    def parts(self, *names: str, limit: int) -> Iterator[Part]:
        """The objects that a list holds."""
        for where, value in self.values(*names, limit=limit):
            if not isinstance(value, Mapping):
                raise InvalidField(where, "object")
            yield Part(value, where, self.warnings)

    def yes(self, name: str) -> bool:
        value = self.given.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise InvalidField(self.path(name), "boolean")

    def warn(self, code: str) -> None:
        if code not in self.warnings:
            self.warnings.append(code)
