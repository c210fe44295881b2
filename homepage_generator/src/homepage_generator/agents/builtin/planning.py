"""Which pages and sections: only such as there are facts for, in the order of the trade."""

from __future__ import annotations

from typing import Final

from homepage_generator.agents.builtin.facts import kinds_of
from homepage_generator.agents.builtin.taste import order_of
from homepage_generator.agents.builtin.telling import told
from homepage_generator.agents.builtin.words import of_trade
from homepage_generator.agents.port import Plan, PlannedPage, PlannedSection
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import SectionKind

_OFFERS: Final[tuple[SectionKind, ...]] = ("prices", "menu", "season", "timetable")
_ABOUT: Final[tuple[SectionKind, ...]] = ("story", "process", "gallery")
_VISIT: Final[tuple[SectionKind, ...]] = ("location", "faq", "contact")
_LONG: Final = 40
"""Items past which a list has a page of its own, where there are several."""


def plan(brief: Brief) -> Plan:
    kinds = _ordered(brief)
    pages = _several(brief, kinds) if brief.pages == "several" else [("home", kinds)]
    return Plan(pages=[_page(brief, page_id, kinds, at) for at, (page_id, kinds) in enumerate(pages)])


def _ordered(brief: Brief) -> list[SectionKind]:
    """A single notice stands first, where it is news; a list of them before the way."""
    held = kinds_of(brief) - ({"story"} if not told(brief).story else set())
    order = order_of(brief.business.trade)
    ends: list[SectionKind] = ["location", "contact"]
    notice: list[SectionKind] = ["notice"]
    whole = [*notice, *order, *ends] if len(brief.announcements) == 1 else [*order, *notice, *ends]
    return [kind for kind in whole if kind in held]


def _several(brief: Brief, kinds: list[SectionKind]) -> list[tuple[str, list[SectionKind]]]:
    """Home shows the trade's first list, news and reviews; the rest has pages, each with something on it."""
    offers = [kind for kind in kinds if kind in _OFFERS]
    first = offers[:1] if offers and _length(brief, offers[0]) <= _LONG else []
    how: list[SectionKind] = ["process"] if "story" in kinds else []
    home = [kind for kind in kinds if kind in ("notice", "reviews", *first, *how)]
    home += [] if first or "story" not in kinds else ["story"]
    rest = [kind for kind in offers if kind not in first]
    about = [kind for kind in kinds if kind in _ABOUT and kind not in home]
    visit = [kind for kind in kinds if kind in _VISIT]
    pages = [("home", home), (rest[0] if rest else "", rest), ("about", about), ("visit", visit)]
    kept = [(page_id, held) for page_id, held in pages if held or page_id == "home"]
    return kept if len(kept) > 1 else [("home", kinds)]


def _length(brief: Brief, kind: SectionKind) -> int:
    return len(brief.products) if kind == "prices" else sum(len(group.items) for group in brief.menu)


def _page(brief: Brief, page_id: str, kinds: list[SectionKind], at: int) -> PlannedPage:
    hero: list[SectionKind] = ["hero"] if at == 0 else []
    sections = [PlannedSection(id=kind, kind=kind) for kind in [*hero, *kinds]]
    footer = PlannedSection(id="footer" if at == 0 else f"footer-{page_id}", kind="footer")
    title = brief.business.name[:24] if at == 0 else _title(brief, page_id)
    return PlannedPage(id=page_id, title=title, sections=[*sections, footer])


def _title(brief: Brief, page_id: str) -> str:
    return of_trade(brief.locale, "page", brief.business.trade, page_id)
