"""Weekdays and months as people write them: "월·수·금", "화요일부터 토요일까지", "Tue–Sat", "평일", "11월–4월"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from homepage_generator.spec.types import DAYS, Day

_DASHES: Final = re.compile(r"[‐-―−~〜～∼˗]|부터|에서|\bto\b|\bthrough\b|\buntil\b", re.IGNORECASE)
_KOREAN: Final = dict(zip("월화수목금토일", DAYS, strict=True))
_GROUPS: Final[dict[str, tuple[Day, ...]]] = {
    "평일": DAYS[:5], "주중": DAYS[:5], "weekdays": DAYS[:5], "주말": DAYS[5:], "weekends": DAYS[5:], "매일": DAYS,
    "연중무휴": DAYS, "every day": DAYS, "everyday": DAYS, "daily": DAYS,
}  # fmt: skip
DAY: Final = (
    r"(?:[월화수목금토일](?:요일)?(?![가-힣])|(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?s?\b|"
    + "|".join(_GROUPS)
    + ")"
)
DAYS_SAID: Final = rf"{DAY}(?:\s*(?:[-·,/&]|and|및)?\s*{DAY})*"
"""One or more days; text must have been through ``plain`` first."""
_RANGE: Final = re.compile(rf"({DAY})\s*-\s*({DAY})|({DAY})", re.IGNORECASE)
_JOINED: Final = re.compile(r"(?<![가-힣])([월화수목금토일]{2,7})(?![가-힣])")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(?<!\d)(1[0-2]|0?[1-9]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?!\d)[a-z]*\.?\s*월?"
_MONTH_RANGE: Final = re.compile(rf"{_MONTH}\s*(?:-\s*{_MONTH})?", re.IGNORECASE)
_ALL_YEAR: Final = ("연중", "일년 내내", "사계절", "all year", "year-round")


def plain(text: str) -> str:
    """Ranges with one kind of dash, days apart: "화요일부터 토요일까지" → "화요일-토요일", "월수금" → "월·수·금"."""
    text = re.sub(r"\s+", " ", _DASHES.sub("-", text)).replace("까지", "").replace("：", ":")
    text = re.sub(r"(?<=[월화수목금토일])\s*요일", "요일", text)
    return _JOINED.sub(lambda found: "·".join(found[1]), text)


def read_days(text: str) -> list[Day] | None:
    """Days in the order of a week; None where anything but days is said."""
    text = plain(text).strip(" ,.")
    if not re.fullmatch(rf"{DAYS_SAID}", text, re.IGNORECASE):
        return None
    found: set[Day] = set()
    for start, end, alone in _RANGE.findall(text):
        found |= set(_named(alone)) if alone else set(_between(_named(start)[0], _named(end)[-1]))
    return [day for day in DAYS if day in found]


def read_months(value: Any) -> list[int] | None:
    """1–12 in the order they follow one another, so that a season over new year stays one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, list):
        months = [one for one in value if isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 12]
        return list(dict.fromkeys(months)) if len(months) == len(value) and months else None
    return _months_said(value) if isinstance(value, str) else None


def _months_said(text: str) -> list[int] | None:
    if any(word in text.casefold() for word in _ALL_YEAR):
        return list(range(1, 13))
    text = plain(text)
    if _MONTH_RANGE.sub("", text).strip(" ,·/."):
        return None
    months: list[int] = []
    for start, end in _MONTH_RANGE.findall(text):
        first, last = _month(start), _month(end or start)
        months += [(first + step - 1) % 12 + 1 for step in range((last - first) % 12 + 1)]
    return list(dict.fromkeys(months)) or None


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.casefold()[:3]) + 1


def _named(text: str) -> Sequence[Day]:
    name = text.casefold()
    if name in _GROUPS:
        return _GROUPS[name]
    return (_KOREAN[name[0]] if name[0] in _KOREAN else next(day for day in DAYS if name.startswith(day)),)


def _between(first: Day, last: Day) -> list[Day]:
    start = DAYS.index(first)
    return [DAYS[(start + step) % 7] for step in range((DAYS.index(last) - start) % 7 + 1)]
