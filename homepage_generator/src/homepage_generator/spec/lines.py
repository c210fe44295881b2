"""Lists as lines of text that a person can change: a line for each entry, its parts with bars between them.

Reading them is the inverse of writing; pictures, which lines can't say, stay with the entry of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from homepage_generator.errors import InvalidField
from homepage_generator.messages import say
from homepage_generator.spec.reading.days import read_days, read_months
from homepage_generator.spec.reading.hours import read_hours
from homepage_generator.spec.types import DAYS, Day, Locale

Entry = dict[str, Any]
BAR: Final = "|"
_BAR_IN_TEXT: Final = "｜"
_SOLD_OUT: Final = frozenset({"품절", "sold out"})
GROUP: Final = "#"


class Shape(NamedTuple):
    """How the lines of a list are written: parts in their order, the first ``needed`` of which must be there."""

    parts: tuple[str, ...]
    needed: int = 1


PRICES: Final = Shape(("name", "price", "unit", "origin", "note"))
DISHES: Final = Shape(("name", "price", "note"))
STEPS: Final = Shape(("title", "text"))
FACTS: Final = Shape(("label", "value"), needed=2)
REVIEWS: Final = Shape(("text", "who", "source"))
SEASON: Final = Shape(("name", "months"), needed=2)
SLOTS: Final = Shape(("days", "times", "name", "note"), needed=3)


def written(entries: Iterable[Entry], shape: Shape, locale: Locale) -> str:
    return "\n".join(_line(entry, shape, locale) for entry in entries)


def read(text: str, shape: Shape, where: str, before: Sequence[Entry]) -> list[Entry]:
    """Entries with the pictures they had ``before``. Raises InvalidField naming the line."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    entries = [_entry(line, shape, where, number) for number, line in lines]
    return _with_pictures(entries, before)


def written_menu(groups: Iterable[Entry], locale: Locale) -> str:
    """Groups begin with a line "# name"."""
    lines: list[str] = []
    for group in groups:
        lines += [f"{GROUP} {group['name']}"] if group["name"] else []
        lines += [_line(item, DISHES, locale) for item in group["items"]]
    return "\n".join(lines)


def read_menu(text: str, where: str, before: Sequence[Entry]) -> list[Entry]:
    known = [item for group in before for item in group["items"]]
    groups: list[Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(GROUP):
            groups.append({"name": line.strip().lstrip(GROUP).strip(), "items": []})
        elif line.strip():
            if not groups:
                groups.append({"name": "", "items": []})
            groups[-1]["items"] += _with_pictures([_entry(line, DISHES, where, number)], known)
    return [group for group in groups if group["items"]]


def written_pairs(entries: Iterable[Entry], head: tuple[str, ...], body: str) -> str:
    """A first line, what belongs to it below, an empty line before the next."""
    blocks = [
        (f" {BAR} ".join(filter(None, (_safe(entry[name]) for name in head))), entry[body].replace("\n\n", "\n"))
        for entry in entries
    ]
    return "\n\n".join(f"{first}\n{rest}".strip() for first, rest in blocks)


def read_pairs(text: str, head: tuple[str, ...], body: str) -> list[Entry]:
    blocks = [block.strip() for block in text.replace("\r", "").split("\n\n") if block.strip()]
    entries = []
    for block in blocks:
        first, _, rest = block.partition("\n")
        entries.append(_named(_split(first), head) | {body: rest.strip()})
    return entries


def written_days(days: Sequence[Day], locale: Locale) -> str:
    """ "월–금", "월·수·금", "매일"."""
    if len(days) == len(DAYS):
        return say(locale, "days.all")
    runs: list[list[Day]] = []
    for day in sorted(days, key=DAYS.index):
        if runs and DAYS.index(day) == DAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "·".join(_run([say(locale, f"days.{day}") for day in run]) for run in runs)


def _run(names: list[str]) -> str:
    return f"{names[0]}–{names[-1]}" if len(names) > 2 else "·".join(names)


def _line(entry: Entry, shape: Shape, locale: Locale) -> str:
    parts = [_said(entry, name, locale) for name in shape.parts]
    parts += [say(locale, "fields.sold_out")] if entry.get("sold_out") else []
    while parts and not parts[-1]:
        parts.pop()
    return f" {BAR} ".join(parts)


def _said(entry: Entry, name: str, locale: Locale) -> str:
    match name:
        case "days":
            return written_days(entry["days"], locale)
        case "times":
            return f"{entry['starts']}–{entry['ends']}" if entry["ends"] else str(entry["starts"])
        case "months":
            return _months_written(entry["months"], locale)
        case _:
            return _safe(" ".join(str(entry[name]).split()))


def _safe(text: str) -> str:
    return text.replace(BAR, _BAR_IN_TEXT)


def _months_written(months: Sequence[int], locale: Locale) -> str:
    """ "11–4월" for months that follow one another, "3, 5월" for others."""
    chosen = set(months)
    first = [month for month in chosen if (month - 2) % 12 + 1 not in chosen]
    if len(first) == 1:
        last = (first[0] + len(chosen) - 2) % 12 + 1
        said = f"{first[0]}–{last}" if last != first[0] else str(last)
    else:
        said = "1–12" if len(chosen) == 12 else ", ".join(map(str, sorted(chosen)))
    return say(locale, "fields.months_said", months=said)


def _split(line: str) -> list[str]:
    return [part.strip().replace(_BAR_IN_TEXT, BAR) for part in line.split(BAR)]


def _named(parts: Sequence[str], names: tuple[str, ...]) -> Entry:
    return {name: parts[at] if at < len(parts) else "" for at, name in enumerate(names)}


def _entry(line: str, shape: Shape, where: str, number: int) -> Entry:
    parts = _split(line)
    sold_out = "price" in shape.parts and parts[-1].casefold() in _SOLD_OUT
    parts = parts[:-1] if sold_out and len(parts) > 1 else parts
    if len(parts) > len(shape.parts) or not all(parts[: shape.needed]) or len(parts) < shape.needed:
        raise _unread(where, number)
    entry = _named(parts, shape.parts)
    entry |= {"sold_out": sold_out} if "price" in shape.parts else {}
    for name, read_one in _READERS.items():
        if name in entry:
            found = read_one(entry.pop(name))
            if found is None:
                raise _unread(where, number)
            entry |= found
    return entry


def _unread(where: str, number: int) -> InvalidField:
    return InvalidField(where, "row", line=number)


def _read_times(text: str) -> Entry | None:
    ends = any(dash in text for dash in "-–—~〜")
    hours = read_hours(text if ends else f"{text}-24:00").hours
    return {"starts": hours[0].opens, "ends": hours[0].closes if ends else None} if hours else None


def _read_days(text: str) -> Entry | None:
    days = read_days(text)
    return {"days": days} if days else None


def _read_months(text: str) -> Entry | None:
    months = read_months(text.removeprefix("months ").removeprefix("month "))
    return {"months": months} if months else None


_READERS: Final[dict[str, Callable[[str], Entry | None]]] = {
    "days": _read_days,
    "times": _read_times,
    "months": _read_months,
}


def _with_pictures(entries: list[Entry], before: Sequence[Entry]) -> list[Entry]:
    pictures = {entry["name"]: entry["picture"] for entry in before if entry.get("picture")}
    return [
        entry | ({"picture": pictures[entry["name"]]} if entry.get("name") in pictures else {}) for entry in entries
    ]
