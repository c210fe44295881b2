"""The first screen: the owner's own line, else their first sentence, else the name; what one can do next."""

from __future__ import annotations

from typing import Final

from homepage_generator.agents.builtin.facts import district, has_phone, hero_pictures, trade_said
from homepage_generator.agents.builtin.taste import buttons_of
from homepage_generator.agents.builtin.telling import told
from homepage_generator.agents.builtin.words import of_trade, word
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import Action, ActionKind, Hero, SectionKind

_EYEBROW: Final = 32


def hero(brief: Brief, kinds: set[SectionKind], variant: str) -> Hero:
    said = told(brief)
    pictures = hero_pictures(brief) if variant in ("cutout", "photo") else []
    return Hero.model_validate({
        "id": "hero",
        "variant": variant,
        "eyebrow": _eyebrow(brief),
        "headline": said.headline,
        "lead": said.lead,
        "note": brief.note,
        "actions": [_action(brief, kind) for kind in _possible(brief, kinds)[:2]],
        "pictures": pictures,
    })  # fmt: skip


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


def _possible(brief: Brief, kinds: set[SectionKind]) -> list[ActionKind]:
    there = {"call": has_phone(brief), "directions": "location" in kinds, "contact": "contact" in kinds}
    there |= {kind: kind in kinds for kind in ("prices", "menu", "timetable")}
    return [kind for kind in buttons_of(brief.business.trade) if there.get(kind)]


def _action(brief: Brief, kind: ActionKind) -> Action:
    purpose = "reservation" if brief.form == "reservation" else "question"
    name = f"contact_{purpose}" if kind == "contact" else kind
    return Action(kind=kind, label=of_trade(brief.locale, "action", brief.business.trade, name))
