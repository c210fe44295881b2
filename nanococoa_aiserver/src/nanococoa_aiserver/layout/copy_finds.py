"""Amounts, discounts, numbers to call and dates, found wherever they stand in a line of copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nanococoa_aiserver.layout.copy_rules import rules
from nanococoa_client.schemas import Role

SEPARATORS = "|｜/·•ㆍ∙,;()[]→⇒➔–—-\n"
"""Characters that may be dropped where one field ends and another begins."""

_DASHES = "-–—"
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` is of ``role``; None until something decides."""

    start: int
    end: int
    role: Role | None = None


def finds_in(text: str) -> list[Span]:
    """Amounts, discounts, numbers to call and dates, wherever they stand in the text."""
    taken = list(_bracketed_small_print(text))
    for role, pattern in rules().finds:
        _take(text, pattern, role, taken)
    _take(text, rules().old_price, "old_price", taken)
    _take(text, rules().new_price, "price", taken)
    _drop_repeated(taken, "price")
    taken += _bare_prices(text, taken)
    taken += _lone_percent(text, taken)
    return taken


def _take(text: str, pattern: re.Pattern[str], role: Role, taken: list[Span]) -> None:
    for match in pattern.finditer(text):
        start, end = trimmed(text, match.start(), match.end())
        if start < end and _free(start, end, taken):
            taken.append(Span(start, end, role))


def _free(start: int, end: int, taken: list[Span]) -> bool:
    return all(end <= span.start or start >= span.end for span in taken)


def _bracketed_small_print(text: str) -> Iterator[Span]:
    for match in re.finditer(r"\([^()\n]*\)", text):
        if rules().small_print.search(match.group()[1:-1]):
            yield Span(match.start(), match.end(), "small_print")


def _drop_repeated(taken: list[Span], role: Role) -> None:
    """Two prices with labels are two offers: neither is *the* price, both stay in the text."""
    same = [span for span in taken if span.role == role]
    if len(same) > 1:
        for span in same:
            taken.remove(span)


def _bare_prices(text: str, taken: list[Span]) -> list[Span]:
    """One amount is the price. A larger one right before it is the old price. More are a list of offers: text."""
    found: list[Span] = []
    for match in rules().leading_price.finditer(text):
        start = match.start() if _starts_phrase(text, match.start(), taken) else _money_start(match)
        start, end = trimmed(text, start, match.end())
        if _free(start, end, taken):
            found.append(Span(start, end, "price"))
    labelled = [span for span in taken if span.role == "price"]
    if len(found) + len(labelled) == 1:
        return found
    if len(found) + len(labelled) == 2 and found and not any(span.role == "old_price" for span in taken):
        first, second = sorted([*found, *labelled], key=lambda span: span.start)
        if second.role == "price" and first in found and _falls(text, first, second, taken):
            return [replace(first, role="old_price"), *[span for span in found if span is second]]
    return []


def _money_start(match: re.Match[str]) -> int:
    """Where the amount itself begins, without its label."""
    bare = rules().bare_price.search(match.string, match.start(), match.end())
    return bare.start() if bare else match.start()


def _starts_phrase(text: str, at: int, taken: list[Span]) -> bool:
    before = text[:at].rstrip(" ")
    return not before or before[-1] in SEPARATORS + "!?." or any(span.end == len(before) for span in taken)


def _falls(text: str, first: Span, second: Span, taken: list[Span]) -> bool:
    """Nothing but separators and a discount between two amounts, and the second is the smaller."""
    between = list(text[first.end : second.start])
    for span in taken:
        if span.role == "discount" and first.end <= span.start and span.end <= second.start:
            between[span.start - first.end : span.end - first.end] = " " * (span.end - span.start)
    empty = not "".join(between).strip(SEPARATORS + " ->~")
    return empty and amount(text[first.start : first.end]) > amount(text[second.start : second.end])


def amount(price: str) -> float:
    """The number a price says: ``2만 9천원`` is 29000. 0 when there is none."""
    parts = {"억": 10**8, "만": 10**4, "천": 10**3, "백": 10**2}
    found = re.findall(r"(\d[\d,]*(?:\.\d+)?)\s?([억만천백]?)", price)
    return sum(float(number.replace(",", "")) * parts.get(word, 1) for number, word in found)


def _lone_percent(text: str, taken: list[Span]) -> list[Span]:
    """A bare ``32%`` says a discount only when it stands alone beside an old and a new price."""
    if not {"price", "old_price"} <= {span.role for span in taken}:
        return []
    if any(span.role == "discount" for span in taken):
        return []
    found: list[Span] = []
    for match in re.finditer(r"(?<![\w.])\d{1,2}\s?[%％](?=$|[\s()|/·,])", text):
        ends = any(not text[match.end() : span.start].strip(" ") for span in taken if span.start >= match.end())
        begins = any(
            not text[span.end : match.start()].strip(" " + SEPARATORS) for span in taken if span.end <= match.start()
        )
        if (ends or begins) and _free(match.start(), match.end(), taken):
            found.append(Span(match.start(), match.end(), "discount"))
    return found[:1]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without space and dangling separators at either end; a bracket stays with its partner."""
    while start < end and _dangles(text, start, start, end):
        start += 1
    while start < end and _dangles(text, end - 1, start, end):
        end -= 1
    return start, end


def _dangles(text: str, at: int, start: int, end: int) -> bool:
    character, inside = text[at], text[start:end]
    if character in ")]":
        return inside.count(character) > inside.count(_BRACKETS[character])
    if character in "([":
        return inside.count(character) > inside.count(")" if character == "(" else "]")
    if character in _DASHES:
        return text[at - 1 : at].strip() == "" and text[at + 1 : at + 2].strip() == ""
    return character.isspace() or character in SEPARATORS
