"""The owner's own text, each sentence said once: one large, a few beside it, the rest as the shop's story."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from homepage_generator.agents.builtin.facts import trade_said
from homepage_generator.agents.builtin.headline import LONGEST, set_in_lines
from homepage_generator.agents.builtin.words import word
from homepage_generator.spec.brief import Brief

_LEAD: Final = 90
_END: Final = re.compile(r"[.!?。…]+(?=\s|$)|$")
_GOES_ON: Final = re.compile(
    r"(?:그래서|그러나|하지만|그런데|그리고|그래도|또|대신|so|but|and|then|or)\b", re.IGNORECASE
)
"""How a sentence begins that can't stand without the one before."""


class Told(NamedTuple):
    """``story`` is what is left for its section; often nothing."""

    headline: list[str]
    lead: str
    story: str


def told(brief: Brief) -> Told:
    paragraphs = [part.strip() for part in brief.story.split("\n") if part.strip()]
    headline, paragraphs = _headline(brief, paragraphs)
    lead, paragraphs = _lead(brief, headline, paragraphs)
    return Told(headline, lead, "\n".join(paragraphs))


def head(text: str, budget: int) -> tuple[str, str]:
    """The sentences that ``budget`` holds from the beginning, and the rest; nothing where the first is longer."""
    ends = [found.end() for found in _END.finditer(text) if found.end() <= budget]
    end = ends[-1] if ends else 0
    return text[:end].strip(), text[end:].strip()


def _headline(brief: Brief, paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """The owner's lines, else their line about the shop, else how their story begins, else the name."""
    if brief.headline:
        return _own(brief), paragraphs
    tagline = brief.business.tagline
    if tagline and (lines := set_in_lines(tagline, brief.locale)):
        return lines, paragraphs
    if begun := _begun(brief, paragraphs):
        return begun
    label = trade_said(brief)
    name = set_in_lines(brief.business.name, brief.locale) or set_in_lines(label, brief.locale)
    return name or [word(brief.locale, "phrase", "welcome")], paragraphs


def _begun(brief: Brief, paragraphs: list[str]) -> tuple[list[str], list[str]] | None:
    """The story's first sentence set large, where the story can do without it."""
    if not paragraphs:
        return None
    end = next(_END.finditer(paragraphs[0])).end()
    lines = set_in_lines(paragraphs[0][:end], brief.locale)
    left = _without(paragraphs, 0, paragraphs[0][end:].strip())
    return (lines, left) if lines and (left or not _needs_story(brief)) else None


def _own(brief: Brief) -> list[str]:
    """The owner's lines as they are, set anew where one would have to be small."""
    if max(map(len, brief.headline)) <= LONGEST[brief.locale]:
        return brief.headline
    return set_in_lines(" ".join(brief.headline), brief.locale) or brief.headline


def _lead(brief: Brief, headline: list[str], paragraphs: list[str]) -> tuple[str, list[str]]:
    """What the headline has not said: the owner's line, else how the story ends, which is what the shop does now."""
    if own := brief.leads.get("hero"):
        return own, paragraphs
    tagline = brief.business.tagline
    if tagline and _letters(tagline) != _letters("".join(headline)):
        return tagline, paragraphs
    for at in range(len(paragraphs) - 1, -1, -1):
        lead, rest = head(paragraphs[at], _LEAD)
        left = _without(paragraphs, at, rest)
        if lead and not _GOES_ON.match(rest) and (left or not _needs_story(brief)):
            return lead, left
    return "", paragraphs


def _without(paragraphs: list[str], at: int, rest: str) -> list[str]:
    return [*paragraphs[:at], *([rest] if rest else []), *paragraphs[at + 1 :]]


def _needs_story(brief: Brief) -> bool:
    """Figures and a signature stand below the story's text."""
    return bool(brief.facts or brief.signature)


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isalnum())
