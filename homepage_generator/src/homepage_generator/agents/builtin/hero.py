"""The first screen: the owner's own line, else their first sentence, else the name; what one can do next."""

from __future__ import annotations

from typing import Final

from homepage_generator.agents.builtin.facts import (
    district,
    has_phone,
    hero_pictures,
    opening,
    sentences,
    trade_said,
)
from homepage_generator.agents.builtin.headline import LONGEST, set_in_lines
from homepage_generator.agents.builtin.taste import buttons_of
from homepage_generator.agents.builtin.words import of_trade, word
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import Action, ActionKind, Hero, SectionKind

_LEAD: Final = 90
_EYEBROW: Final = 32


def hero(brief: Brief, kinds: set[SectionKind], variant: str) -> Hero:
    lines, said = _headline(brief)
    pictures = hero_pictures(brief) if variant in ("cutout", "photo") else []
    return Hero.model_validate({
        "id": "hero",
        "variant": variant,
        "eyebrow": _eyebrow(brief),
        "headline": lines,
        "lead": brief.leads.get("hero") or _lead(brief, said),
        "note": brief.note,
        "actions": [_action(brief, kind) for kind in _possible(brief, kinds)[:2]],
        "pictures": pictures,
    })  # fmt: skip


def _headline(brief: Brief) -> tuple[list[str], str]:
    """Its lines, and the sentence they were made of."""
    if brief.headline:
        return _own(brief), " ".join(brief.headline)
    first = next(iter(sentences(brief.story)), "")
    for said in filter(None, (brief.business.tagline, first, brief.business.name)):
        if lines := set_in_lines(said, brief.locale):
            return lines, said
    label = trade_said(brief)
    return set_in_lines(label, brief.locale) or [word(brief.locale, "phrase", "welcome")], ""


def _own(brief: Brief) -> list[str]:
    """The owner's lines as they are, set anew where one would have to be small."""
    if max(map(len, brief.headline)) <= LONGEST[brief.locale]:
        return brief.headline
    return set_in_lines(" ".join(brief.headline), brief.locale) or brief.headline


def _eyebrow(brief: Brief) -> str:
    """ "마포구 과일 가게 · 2007년부터"; less where that is too long."""
    trade = trade_said(brief)
    place = f"{district(brief)} {trade}".strip() if trade else ""
    since = word(brief.locale, "phrase", "since", year=brief.business.since) if brief.business.since else ""
    for parts in ((place, since), (trade, since), (trade,)):
        said = " · ".join(filter(None, parts))
        if said and len(said) <= _EYEBROW:
            return said
    return ""


def _lead(brief: Brief, used: str) -> str:
    """What the headline has not said: the owner's line, else how the story ends, which is what the shop does now."""
    tagline = brief.business.tagline
    if tagline and tagline != used:
        return tagline
    paragraphs = [part for part in brief.story.split("\n") if part.strip()]
    for part in reversed(paragraphs):
        lead = opening(part, _LEAD)
        if lead and lead.rstrip(".") != used.rstrip("."):
            return lead
    return ""


def _possible(brief: Brief, kinds: set[SectionKind]) -> list[ActionKind]:
    there = {"call": has_phone(brief), "directions": "location" in kinds, "contact": "contact" in kinds}
    there |= {kind: kind in kinds for kind in ("prices", "menu", "timetable")}
    return [kind for kind in buttons_of(brief.business.trade) if there.get(kind)]


def _action(brief: Brief, kind: ActionKind) -> Action:
    purpose = "reservation" if brief.form == "reservation" else "question"
    name = f"contact_{purpose}" if kind == "contact" else kind
    return Action(kind=kind, label=of_trade(brief.locale, "action", brief.business.trade, name))
