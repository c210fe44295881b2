"""The whole spec from facts: what the owner gave, in the sections that were planned, with words of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from homepage_generator.agents.builtin.facts import district, gallery_pictures, trade_said
from homepage_generator.agents.builtin.hero import hero
from homepage_generator.agents.builtin.telling import head, told
from homepage_generator.agents.builtin.tightening import tightened
from homepage_generator.agents.builtin.words import of_trade, word
from homepage_generator.agents.port import DROP, SHORTEN, Design, Fix, Plan, PlannedSection
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import Section, SectionKind
from homepage_generator.spec.site import Look, Page, Seo, SiteSpec, pictures_of

SECTION: Final[TypeAdapter[Section]] = TypeAdapter(Section)
_KEPT: Final[tuple[SectionKind, ...]] = ("hero", "footer")
_PARAGRAPH: Final = 1200
_PARAGRAPHS: Final = 12
_LEAST: Final = 900
"""Of a piece: with it, twelve hold the longest story there is."""
_SAID: Final = 90
_LONGEST: Final = 160
_FOUND: Final[tuple[SectionKind, ...]] = ("prices", "menu", "season", "timetable", "reviews", "location", "contact")


def develop(brief: Brief, plan: Plan, design: Design, fixes: Sequence[Fix], last: SiteSpec | None) -> SiteSpec:
    """With ``last``, that one as it is, but for its look and what ``fixes`` say."""
    spec = _restyled(last, design) if last else _written(brief, plan, design)
    return _pruned(_mended(spec, fixes))


def _written(brief: Brief, plan: Plan, design: Design) -> SiteSpec:
    kinds = {section.kind for page in plan.pages for section in page.sections}
    pages = [
        Page(id=page.id, title=page.title, sections=[_section(brief, one, design, kinds) for one in page.sections])
        for page in plan.pages
    ]
    return SiteSpec(
        locale=brief.locale,
        business=brief.business,
        look=Look(theme=design.theme, color=design.color, accent=design.accent),
        seo=_seo(brief, kinds),
        pages=pages,
        pictures=brief.pictures,
    )


def _restyled(last: SiteSpec, design: Design) -> SiteSpec:
    spec = last.model_copy(deep=True)
    spec.look = Look(theme=design.theme, color=design.color, accent=design.accent)
    for page in spec.pages:
        page.sections = [_with_variant(section, design.variants.get(section.id)) for section in page.sections]
    return spec


def _with_variant(section: Section, variant: str | None) -> Section:
    return section.model_copy(update={"variant": variant}) if variant else section


def _mended(spec: SiteSpec, fixes: Sequence[Fix]) -> SiteSpec:
    """Without what is to be dropped, shorter where that was asked; a page with nothing left on it goes."""
    dropped = {fix.section for fix in fixes if fix.fix == DROP}
    shorter = {fix.section for fix in fixes if fix.fix == SHORTEN}
    for page in spec.pages:
        kept = [one for one in page.sections if one.kind in _KEPT or one.id not in dropped]
        page.sections = [tightened(one, spec.locale) if shorter & {one.id, ""} else one for one in kept]
    home, *others = spec.pages
    spec.pages = [home, *(page for page in others if len(page.sections) > 1)]
    return spec


def _pruned(spec: SiteSpec) -> SiteSpec:
    shown = set(pictures_of(spec))
    pictures = {key: one for key, one in spec.pictures.items() if key in shown}
    return SiteSpec.model_validate(spec.model_dump() | {"pictures": pictures})


def _section(brief: Brief, planned: PlannedSection, design: Design, kinds: set[SectionKind]) -> Section:
    variant = design.variants.get(planned.id)
    if planned.kind == "hero":
        return hero(brief, kinds, variant or "type")
    heads = {"title": _title(brief, planned.kind), "lead": brief.leads.get(planned.kind) or _lead(brief, planned.kind)}
    data = heads | _filled(brief, planned.kind) | ({"variant": variant} if variant else {})
    return SECTION.validate_python({"id": planned.id, "kind": planned.kind, **data})


def _title(brief: Brief, kind: SectionKind) -> str:
    return brief.titles.get(kind) or of_trade(brief.locale, "title", brief.business.trade, kind)


def _lead(brief: Brief, kind: SectionKind) -> str:
    if kind != "contact":
        return ""
    phone = brief.business.phone
    name, values = ("call_us", {"phone": phone}) if phone else ("contact_us", {})
    return word(brief.locale, "phrase", name, **values)


def _filled(brief: Brief, kind: SectionKind) -> dict[str, Any]:
    match kind:
        case "prices":
            return {"as_of": brief.prices_as_of, "items": brief.products}
        case "menu":
            return {"groups": brief.menu}
        case "season":
            return {"rows": brief.seasons}
        case "gallery":
            free = gallery_pictures(brief)
            return {"items": [one for one in [*brief.photos, *brief.ads] if one.picture in free][:24]}
        case "story":
            return {
                "paragraphs": _paragraphs(told(brief).story or brief.story),
                "signature": brief.signature,
                "facts": brief.facts,
            }
        case "process":
            return {"steps": brief.steps}
        case "timetable":
            return {"slots": brief.slots}
        case "reviews":
            return {"items": brief.reviews}
        case "faq":
            return {"items": brief.questions}
        case "notice":
            return {"items": brief.announcements}
        case "contact":
            return {"purpose": "question" if brief.form == "none" else brief.form}
        case _:
            return {}


def _paragraphs(story: str) -> list[str]:
    """The owner's own as long as they are few; else the text in pieces, none of it lost."""
    own = [piece for text in story.split("\n") for piece in _pieces(text.strip())]
    return own if len(own) <= _PARAGRAPHS else list(_pieces("\n".join(own)))


def _pieces(text: str) -> Iterator[str]:
    """What a paragraph's budget holds at a time, to a sentence's or a word's end where one is near."""
    while len(text) > _PARAGRAPH:
        ends = (text.rfind(end, 0, _PARAGRAPH) + 1 for end in ("\n", ". ", " "))
        at = next((end for end in ends if end >= _LEAST), _PARAGRAPH)
        yield text[:at].strip()
        text = text[at:].strip()
    if text:
        yield text


def _seo(brief: Brief, kinds: set[SectionKind]) -> Seo:
    about = " ".join(filter(None, (district(brief), trade_said(brief)))) or brief.business.tagline
    name = brief.business.name
    title = word(brief.locale, "seo", "title", name=name, about=about) if about else name
    return Seo(title=title[:70], description=_description(brief, kinds))


def _description(brief: Brief, kinds: set[SectionKind]) -> str:
    """What the shop says of itself, then what one finds here."""
    shop = brief.business
    things = [_thing(brief, kind) for kind in _FOUND if kind in kinds]
    things += [word(brief.locale, "seo", "hours")] if shop.hours else []
    said = shop.tagline or head(brief.story.split("\n")[0], _SAID)[0]
    begun = f"{shop.name}. {said}" if said else word(brief.locale, "seo", "fallback", name=shop.name)
    tail = word(brief.locale, "seo", "lists", things=", ".join(things)) if things else ""
    whole = ". ".join(filter(None, (begun.rstrip("."), tail))) + "."
    return whole if len(whole) <= _LONGEST else begun[:_LONGEST]


def _thing(brief: Brief, kind: SectionKind) -> str:
    """As the trade calls it: a clinic has no menu."""
    own = of_trade(brief.locale, "page", brief.business.trade, kind)
    return own.lower() if own else word(brief.locale, "seo", kind)
