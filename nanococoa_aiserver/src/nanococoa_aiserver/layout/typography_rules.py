"""The words and weights of ``data/typography.toml``, and a text cut into the smallest parts a line may end after."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

WIDEST_WORD = 10.0  # em; a wider word may be broken inside
_PIECE = 5  # letters left together when a wide word is broken


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a piece of one. ``spaced``: a space stands before it; ``newline``: the customer broke the line here."""

    text: str
    spaced: bool = True
    newline: bool = False

    @property
    def may_start_a_line(self) -> bool:
        """Never a middle dot or closing punctuation."""
        return self.text[0] not in "·•ㆍ,.!?…)]~%"


@dataclass(frozen=True, slots=True)
class Rules:
    modifiers: frozenset[str]
    english_modifiers: frozenset[str]
    numerals: frozenset[str]
    counters: re.Pattern[str]
    widths: dict[str, Any]
    cost: dict[str, float]

    def advance(self, character: str) -> float:
        """Average advance in em."""
        widths = self.widths
        if character.isspace():
            return float(widths["space"])
        if character in widths["narrow_characters"]:
            return float(widths["narrow"])
        if character in widths["wide_characters"]:
            return float(widths["wide"])
        if character.isdigit():
            return float(widths["digit"])
        if character.isascii():
            return float(widths["latin"])
        return float(widths["emoji"] if ord(character) > 0x1F000 else widths["hangul"])

    def clings(self, word: str) -> bool:
        """Must the word stay with the next one? (한, 첫, 더, a bare number)"""
        return word in self.modifiers or word.lower() in self.english_modifiers or word.replace(",", "").isdigit()

    def break_factor(self, last: Token, first: Token, line: str) -> float:
        """What a break between two tokens is worth; ``line`` is the line that ends there."""
        factor = 1.0
        if not first.spaced and not first.newline:
            return self.cost["inside_word"]
        if last.text in self.modifiers:
            factor *= self.cost["after_modifier"]
        if last.text.lower() in self.english_modifiers:
            factor *= self.cost["after_english_modifier"]
        if (last.text[-1].isdigit() or last.text in self.numerals) and self.counters.match(first.text):
            factor *= self.cost["number_from_noun"]
        if last.text[-1] in ",!?.…~":
            factor *= self.cost["after_punctuation"]
        if line.count("(") != line.count(")"):
            factor *= self.cost["inside_brackets"]
        return factor


@lru_cache
def rules() -> Rules:
    """The rules as shipped."""
    data = tomllib.loads(resources.files(__package__).joinpath("data", "typography.toml").read_text("utf-8"))
    return Rules(
        modifiers=frozenset(data["modifiers"]),
        english_modifiers=frozenset(data["english_modifiers"]),
        numerals=frozenset(data["numerals"]),
        counters=re.compile(data["counters"], re.IGNORECASE),
        widths=data["advance"],
        cost=data["break"],
    )


def tokens(text: str, keep_nbsp: bool = False) -> list[Token]:
    """The text's words, wide ones in pieces."""
    space = r"[^\S\u00a0]+" if keep_nbsp else r"\s+"
    result: list[Token] = []
    for number, line in enumerate(text.split("\n")):
        for position, word in enumerate(filter(None, re.split(space, line))):
            newline = number > 0 and position == 0 and bool(result)
            result += _pieces(word, newline)
    return result


def _pieces(word: str, newline: bool) -> Iterator[Token]:
    """A wide word in near-equal pieces, none so short that a line would hold less than a few letters."""
    if sum(map(rules().advance, word)) <= WIDEST_WORD:
        yield Token(word, newline=newline)
        return
    count = max(2, round(len(word) / _PIECE))
    bounds = [_not_inside_number(word, round(len(word) * step / count)) for step in range(count + 1)]
    for start, end in pairwise(bounds):
        if start < end:
            yield Token(word[start:end], spaced=start == 0, newline=newline and start == 0)


def _not_inside_number(word: str, at: int) -> int:
    """The next place that is neither inside a number nor before what must not start a line."""
    while 0 < at < len(word) and (re.match(r"[\d,.]", word[at]) or word[at] in "·•ㆍ!?…)]~%\u200d\ufe0f"):
        at += 1
    return at
