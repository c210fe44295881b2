"""What the LLM is told, as JSON: the owner's facts, shortened where there are many, and what it may choose among."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from homepage_generator.agents.port import Design, Fix, Plan
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.fields import sections_of
from homepage_generator.spec.site import SiteSpec

MOST_ROWS: Final = 30
"""Of a list: three hundred products say no more about a shop than thirty, and cost ten times the tokens."""
LONGEST: Final = 4000
_UNTOLD: Final = {"pictures", "style", "pages"}


def facts(brief: Brief) -> dict[str, Any]:
    """All of them; what words are held to."""
    return brief.model_dump(mode="json", exclude=_UNTOLD, exclude_defaults=True)


def of_plan(brief: Brief, own: Plan) -> str:
    pages = [{"page": page.id, "sections": [section.id for section in page.sections]} for page in own.pages]
    return _json(shop=_short(facts(brief)), pages=pages)


def of_design(brief: Brief, plan: Plan, own: Design, allowed: Mapping[str, Sequence[str]], fixes: Sequence[Fix]) -> str:
    return _json(
        shop=_short(facts(brief)), sections=_planned(plan), variants=allowed, suggestion=own.model_dump(mode="json"),
        fixes=_fixes(fixes),
    )  # fmt: skip


def of_copy(brief: Brief, plan: Plan, own: SiteSpec, fixes: Sequence[Fix]) -> str:
    return _json(
        locale=brief.locale, shop=_short(facts(brief)), plan=_planned(plan), now=_words(own), fixes=_fixes(fixes),
        seo=own.seo.model_dump(),
    )  # fmt: skip


def of_review(spec: SiteSpec) -> str:
    return _json(locale=spec.locale, shop=spec.business.name, theme=spec.look.theme, sections=_words(spec))


def of_edit(spec: SiteSpec, section: str | None, instruction: str) -> str:
    return _json(locale=spec.locale, instruction=instruction, only_section=section, sections=page(spec, section))


def page(spec: SiteSpec, section: str | None = None) -> list[dict[str, Any]]:
    """Sections with the fields that may be changed."""
    views = [view for view in sections_of(spec).sections if section in (None, view.id)]
    kept = {"id", "kind", "hidden", "fixed", "fields", "title_ko", "title_en"}
    return [view.model_dump(include=kept, exclude_defaults=False) for view in views]


def _words(spec: SiteSpec) -> list[dict[str, Any]]:
    """What an LLM may word anew, as it is now."""
    names = {"id", "kind", "variant", "title", "lead", "eyebrow", "headline", "note", "paragraphs", "hidden"}
    return [section.model_dump(include=names, exclude_defaults=False) for _, section in spec.sections()]


def _planned(plan: Plan) -> list[dict[str, str]]:
    return [{"id": one.id, "kind": one.kind, "goal": one.goal} for page in plan.pages for one in page.sections]


def _fixes(fixes: Sequence[Fix]) -> list[dict[str, str]]:
    return [fix.model_dump() for fix in fixes]


def _short(value: Any) -> Any:
    match value:
        case str():
            return value[:LONGEST]
        case list():
            return [_short(one) for one in value[:MOST_ROWS]]
        case dict():
            return {name: _short(one) for name, one in value.items() if name not in ("picture", "logo")}
        case _:
            return value


def _json(**parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False)
