"""An LLM's choices, brought within what there is: made-up ids are left out, forgotten ones put back. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from homepage_generator.agents.builtin.designing import possible
from homepage_generator.agents.llm.answers import DesignSaid, PlanSaid, ReviewSaid
from homepage_generator.agents.port import RESTYLE, Design, Fix, Plan, PlannedPage, PlannedSection
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import ThemeName

MOST_FIXES: Final = 5


def planned(own: Plan, said: PlanSaid) -> Plan:
    """The built-in plan in the order that was asked for; nothing the owner gave gets lost."""
    orders = {page.page: page.sections for page in said.pages}
    pages = [
        PlannedPage(id=page.id, title=page.title, sections=_ordered(page.sections, orders.get(page.id, [])))
        for page in own.pages
    ]
    return Plan(pages=pages)


def _ordered(known: Sequence[PlannedSection], wanted: Sequence[str]) -> list[PlannedSection]:
    """What a page begins with stays first (hero or heading), the footer last."""
    first, last = known[0], [section for section in known if section.kind == "footer"]
    middle = [section for section in known if section is not first and section not in last]
    place = {name: at for at, name in reversed(list(enumerate(wanted)))}
    middle.sort(key=lambda section: place.get(section.id, len(place)))
    return [first, *middle, *(section for section in last if section is not first)]


def variants(brief: Brief, plan: Plan) -> dict[str, list[str]]:
    """By section id: those there is something to show for, where there are several."""
    sections = [section for page in plan.pages for section in page.sections]
    found = {section.id: possible(brief, section.kind) for section in sections}
    return {name: several for name, several in found.items() if len(several) > 1}


def designed(own: Design, said: DesignSaid, allowed: Mapping[str, Sequence[str]], style: ThemeName | None) -> Design:
    """The owner's own choice of theme stands; colours are the brand's, never an agent's."""
    chosen = {one.section: one.variant for one in said.variants if one.variant in allowed.get(one.section, ())}
    return own.model_copy(update={"theme": style or said.theme, "variants": own.variants | chosen})


def reviewed(spec: SiteSpec, said: ReviewSaid) -> list[Fix]:
    known = {section.id for _, section in spec.sections()} | {""}
    fixes = [
        Fix(
            section=one.section,
            problem=_line(one.problem),
            fix=RESTYLE if one.kind == "layout" else _line(one.fix) or _line(one.problem),
        )
        for one in said.fixes
        if one.section in known and one.problem.strip()
    ]
    return fixes[:MOST_FIXES]


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
