"""Opening hours from an owner's words. What is not understood to its end is not guessed: the words are shown then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from homepage_generator.spec.business import Hours
from homepage_generator.spec.reading.days import DAYS_SAID, plain, read_days
from homepage_generator.spec.types import DAYS, Day

_HALF: Final = r"(?:오전|오후|아침|새벽|저녁|밤|낮|am|pm|a\.m\.|p\.m\.)"
_NOON: Final = r"(정오|자정|noon|midnight)"
_TIME: Final = rf"(?:({_HALF})?\s*(\d{{1,2}})\s*(?:(?::|시)\s*(\d{{2}})?\s*분?|시)?\s*({_HALF})?(?![\d원])|{_NOON})"
_TIMES: Final = re.compile(rf"{_TIME}\s*-\s*{_TIME}", re.IGNORECASE)
_ALL_DAY: Final = re.compile(r"24\s*시간|24\s*hours|24/7", re.IGNORECASE)
_CLAUSES: Final = re.compile(r"\s*[,;/|\n]\s*|\s+[·]\s+|\.\s+|(?<=\d)\s+(?=[월화수목금토일](?:요일)?[\s·-])")
_CLOSED: Final = re.compile(r"휴무|휴일|휴업|쉽니다|쉬어|쉬는|쉼|쉬고|closed|\boff\b", re.IGNORECASE)
_CLOSING_WORDS: Final = re.compile(
    r"\s*(?:은|는|에는|에)?\s*(?:정기\s*)?(?:휴무일?|휴업|쉬는\s*날(?:이에요|입니다)?|쉽니다|쉬어요|쉼|closed)\.?$",
    re.IGNORECASE,
)
_OFTEN: Final = re.compile(r"첫|둘|셋|넷|째|격주|매월|1st|2nd|3rd|4th|first|last|every other", re.IGNORECASE)
_SYLLABLE: Final = re.compile(r"(?<![가-힣])[월화수목금토일]$")
_LATE: Final = ("오후", "저녁", "밤", "낮", "pm", "p.m.")
_NO_REST: Final = re.compile(r"연중\s*무휴|every day|7 days", re.IGNORECASE)
_LUNCH: Final = r"점심(?:\s*시간)?|\blunch(?:\s*(?:break|time))?\b"
_BREAK: Final = re.compile(
    rf"(?:{_LUNCH}|(?:휴게|쉬는|재료\s*준비)\s*시간|브레이크(?:\s*타임)?|\bbreak(?:\s*time)?\b)(?:은|는|:)?",
    re.IGNORECASE,
)
_NO_BREAK: Final = re.compile(
    rf"{_BREAK.pattern}\s*(?:없이|없음|없어요|없습니다)|\bno\s+(?:lunch|break)s?\b", re.IGNORECASE
)
_LONGEST_LUNCH: Final = 90
"""Minutes; what a restaurant calls lunch is longer, and is when it is open."""
_FILLER: Final = re.compile(r"영업\s*시간|영업|운영|진료|open|hours|[:\s]|에", re.IGNORECASE)


class Said(NamedTuple):
    """``hours`` is None where the words were not understood."""

    hours: list[Hours] | None
    closed: str


class _Times(NamedTuple):
    opens: str
    closes: str


def read_hours(text: str) -> Said:
    hours: list[Hours] = []
    closed: list[str] = []
    resting: set[Day] = set()
    for clause in _clauses(text):
        if _is_closing(clause):
            words = _CLOSING_WORDS.sub("", clause).strip(" ()")
            days = [] if _OFTEN.search(clause) else read_days(words) or []
            closed.append(_named(words) if days or _OFTEN.search(clause) else clause)
            resting |= set(days)
        elif _BREAK.search(clause):
            if (parted := _parted(hours, clause)) is None:
                return Said(None, "")
            hours = parted
        elif (row := _row(clause, hours)) is not None:
            hours.append(row)
        else:
            return Said(None, "")
    return Said(_without(hours, resting), ", ".join(closed))


def _clauses(text: str) -> Iterator[str]:
    """Parts that each say times or a rest; days alone belong to what follows ("월, 수, 금 09:30–18:30")."""
    waiting = ""
    for part in filter(None, _CLAUSES.split(_spaced(text))):
        joined = f"{waiting}, {part}" if waiting else part
        if _TIMES.search(part) or _ALL_DAY.search(part) or _is_closing(part):
            yield joined
            waiting = ""
        else:
            waiting = joined
    if waiting:
        yield waiting


def _spaced(text: str) -> str:
    """One dash, without parentheses around what is closed; lines stay apart, and a break from the hours before it."""
    text = _BREAK.sub(r",\g<0>", _NO_BREAK.sub("", re.sub(r"[()\[\]]", ",", text)))
    return "\n".join(plain(line) for line in text.split("\n") if line.strip(" ,"))


def _is_closing(clause: str) -> bool:
    return bool(_CLOSED.search(clause)) and not _TIMES.search(clause)


def _named(days: str) -> str:
    """Days as they stand alone: "일·월" → "일·월요일"."""
    return f"{days}요일" if _SYLLABLE.search(days) else days


def _row(clause: str, before: list[Hours]) -> Hours | None:
    times = _times(clause)
    if times is None:
        return None
    rest = _FILLER.sub(" ", _NO_REST.sub("매일", _ALL_DAY.sub("", _TIMES.sub("", clause)))).strip(" ,")
    if rest:
        days = read_days(re.sub(r"\s+", " ", rest)) if re.fullmatch(DAYS_SAID, rest, re.IGNORECASE) else None
    else:
        days = list(before[-1].days) if before else list(DAYS)
    return Hours(days=days, opens=times.opens, closes=times.closes) if days else None


def _parted(hours: list[Hours], clause: str) -> list[Hours] | None:
    """The hours so far with a break in those that hold it, on the days it names. None where it is in none of them."""
    pause, rest = _times(clause), _BREAK.sub("", _TIMES.sub("", clause)).strip(" ,")
    days = read_days(rest) if rest else list(DAYS)
    if pause is None or not days or (re.search(_LUNCH, clause, re.IGNORECASE) and _length(pause) > _LONGEST_LUNCH):
        return None
    found: list[Hours] = []
    for row in hours:
        on = [day for day in row.days if day in days]
        if not (on and row.opens < pause.opens < pause.closes < row.closes):
            found.append(row)
            continue
        off = [day for day in row.days if day not in days]
        found += [row.model_copy(update={"days": off})] if off else []
        found += [
            Hours(days=on, opens=row.opens, closes=pause.opens),
            Hours(days=on, opens=pause.closes, closes=row.closes),
        ]
    return found if found != hours else None


def _times(clause: str) -> _Times | None:
    if _ALL_DAY.search(clause):
        return _Times("00:00", "24:00")
    found = _TIMES.findall(clause)
    if len(found) != 1:
        return None
    parts = found[0]
    opens, closes = _minutes(parts[:5]), _minutes(parts[5:])
    if opens is None or closes is None:
        return None
    if not (parts[5] or parts[8]) and closes <= opens < 13 * 60 and 4 * 60 <= closes < 12 * 60:
        closes += 12 * 60  # "10시–8시" ends in the evening, "11:00–02:00" after midnight
    return _Times(_clock(opens), _clock(closes))


def _length(times: _Times) -> int:
    """Minutes."""
    opens, closes = (60 * int(clock[:2]) + int(clock[3:]) for clock in times)
    return closes - opens


def _minutes(parts: tuple[str, ...]) -> int | None:
    before, hour, minute, after, named = parts
    if named:
        return 60 * (12 if named.casefold() in ("정오", "noon") else 24)
    half = (before or after or "").casefold()
    hours, minutes = int(hour), int(minute or 0)
    if half in _LATE and hours < 12:
        hours += 12
    elif half and half not in _LATE and hours == 12:
        hours = 0
    return 60 * hours + minutes if hours <= 24 and minutes < 60 and 60 * hours + minutes <= 24 * 60 else None


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _without(hours: list[Hours], resting: set[Day]) -> list[Hours]:
    """Hours of the days that are not closed every week."""
    kept = [(row, [day for day in row.days if day not in resting]) for row in hours]
    return [row.model_copy(update={"days": days}) for row, days in kept if days]
