"""Less copy, a notch at a time: what explains goes before what says, and what a person wrote stays."""

from __future__ import annotations

from typing import Any, Final

from homepage_generator.agents.builtin.headline import LONGEST, set_in_lines
from homepage_generator.spec.reading.values import shortened
from homepage_generator.spec.sections import Section
from homepage_generator.spec.types import Locale

_LEAD: Final = 50
_NOTE: Final = 36
_TITLE: Final = 14


def tightened(section: Section, locale: Locale) -> Section:
    """One notch shorter; the same section where nothing is left to take."""
    changes: dict[str, Any] = {"lead": _less(section.lead, _LEAD), "title": _shorter_title(section.title)}
    match section.kind:
        case "hero":
            changes |= {"eyebrow": _less(section.eyebrow, 16), "note": _less(section.note, 12), "title": section.title}
            changes["headline"] = _reset(section.headline, locale)
        case "prices" | "timetable":
            name = "items" if section.kind == "prices" else "slots"
            changes[name] = [_noted(one, "note") for one in getattr(section, name)]
        case "menu":
            changes["groups"] = [
                group.model_copy(update={"items": [_noted(one, "note") for one in group.items]})
                for group in section.groups
            ]
        case "process":
            changes["steps"] = [_noted(one, "text") for one in section.steps]
        case "gallery":
            changes["items"] = [_noted(one, "caption") for one in section.items]
        case "reviews" | "faq" | "notice" | "story" | "season" | "location" | "contact" | "footer":
            pass
    kept = {name: value for name, value in changes.items() if name not in section.written_by_hand}
    return section.model_copy(update=kept)


def _less(text: str, budget: int) -> str:
    return shortened(text, budget) if len(text) > budget else ""


def _shorter_title(title: str) -> str:
    """A heading that is too long gives way to the kind's own, which the page says where there is none."""
    return title if len(title) <= _TITLE else ""


def _noted(item: Any, name: str) -> Any:
    return item.model_copy(update={name: _less(getattr(item, name), _NOTE)})


def _reset(lines: list[str], locale: Locale) -> list[str]:
    """The same words over more lines, else fewer words."""
    words = " ".join(lines)
    if max(map(len, lines)) <= 6:
        return lines
    anew = set_in_lines(words, locale)
    if anew and anew != lines:
        return anew
    return [shortened(line, max(6, LONGEST[locale] - 4)) for line in lines]
