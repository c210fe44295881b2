"""Theme, colours, variants: by the trade, by what its owner asked for, by what there is to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from homepage_generator.agents.builtin.facts import gallery_pictures, hero_pictures
from homepage_generator.agents.builtin.taste import theme_asked, theme_of
from homepage_generator.agents.port import RESTYLE, Design, Fix, Plan
from homepage_generator.spec import sections as kinds
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import SectionKind
from homepage_generator.spec.types import THEMES, ThemeName

VARIANTS: Final[dict[SectionKind, tuple[str, ...]]] = {
    get_args(model.model_fields["kind"].annotation)[0]: get_args(model.model_fields["variant"].annotation)
    for model in (
        kinds.Hero, kinds.Prices, kinds.Menu, kinds.Season, kinds.Gallery, kinds.Story, kinds.Process, kinds.Timetable,
        kinds.Location, kinds.Reviews, kinds.Faq, kinds.Notice, kinds.Contact, kinds.Footer,
    )
}  # fmt: skip
_BOARD: Final = 12
_CARDS: Final = 24
_PICTURED: Final = 0.6
_LONG_STORY: Final = 700
_SHORT_NOTICE: Final = 60
_MANY_DAYS: Final = 4


def design(brief: Brief, plan: Plan, fixes: Sequence[Fix]) -> Design:
    """``fixes``: all of them so far; each RESTYLE of a section is one variant further, past the last one theme."""
    restyled = [fix.section for fix in fixes if fix.fix == RESTYLE]
    variants, themes = dict[str, str](), restyled.count("")
    for section in (section for page in plan.pages for section in page.sections):
        choice = possible(brief, section.kind)
        turns = restyled.count(section.id)
        themes += turns // len(choice)
        variants[section.id] = choice[turns % len(choice)]
    asked = brief.business.brand
    return Design(theme=_theme(brief, themes), color=asked.color, accent=asked.accent, variants=variants)


def _theme(brief: Brief, further: int) -> ThemeName:
    first = brief.style or theme_asked(brief.wishes) or theme_of(brief.business.trade)
    return THEMES[(THEMES.index(first) + further) % len(THEMES)]


def possible(brief: Brief, kind: SectionKind) -> list[str]:
    """A kind's variants: what fits first, then the others that need nothing that isn't there."""
    best = _best(brief, kind)
    others = [variant for variant in VARIANTS[kind] if variant != best and _has_means(brief, kind, variant)]
    return [best, *others]


def _has_means(brief: Brief, kind: SectionKind, variant: str) -> bool:
    match kind, variant:
        case "hero", "cutout" | "photo":
            return variant == _best(brief, "hero")
        case "hero", "board":
            return bool(brief.products or brief.menu or brief.business.hours)
        case (("prices" | "menu"), "cards"):
            return len(brief.products) <= _CARDS
        case "prices", "board":
            return len(brief.products) <= _CARDS
        case "location", "map":
            return bool(brief.business.place.address)
        case "timetable", "week":
            return len(brief.slots) <= _CARDS
        case _:
            return True


def _best(brief: Brief, kind: SectionKind) -> str:
    match kind:
        case "hero":
            return _hero(brief)
        case "prices":
            pictured = sum(bool(item.picture) for item in brief.products) >= _PICTURED * len(brief.products)
            long = len(brief.products) > _BOARD
            return "cards" if pictured and len(brief.products) <= _CARDS else "rows" if long else "board"
        case "menu":
            items = [item for group in brief.menu for item in group.items]
            return "cards" if sum(bool(item.picture) for item in items) >= _PICTURED * len(items) else "columns"
        case "gallery":
            return "strip" if len(gallery_pictures(brief)) == 2 else "mosaic"
        case "story":
            return "columns" if len(brief.story) > _LONG_STORY else "letter"
        case "timetable":
            daily = any(len(slot.days) >= _MANY_DAYS for slot in brief.slots)
            return "list" if daily or len(brief.slots) > _CARDS else "week"
        case "location":
            return "map" if brief.business.place.address else "plain"
        case "notice":
            first = brief.announcements[0] if len(brief.announcements) == 1 else None
            return "strip" if first and len(first.text) <= _SHORT_NOTICE else "list"
        case _:
            return VARIANTS[kind][0]


def _hero(brief: Brief) -> str:
    pictures = hero_pictures(brief)
    if pictures:
        return "cutout" if brief.pictures[pictures[0]].kind == "cutout" else "photo"
    return "type"
