"""An LLM's words laid over a spec: field by field, each within its budget and founded in what the owner gave."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from homepage_generator.agents.llm.answers import CopySaid, EditSaid, PatchSaid, SectionWords
from homepage_generator.agents.llm.facts import Known, unfounded
from homepage_generator.errors import InvalidField, NotFound
from homepage_generator.spec.patch import Patch, apply
from homepage_generator.spec.sections import Section
from homepage_generator.spec.site import SiteSpec

FIELDS: Final = ("title", "lead", "eyebrow", "headline", "note", "paragraphs")
LINE: Final = {"ko": 11, "en": 20}
"""Characters of a headline's line that fit at 320 px without a break."""
_SECTION: Final[TypeAdapter[Section]] = TypeAdapter(Section)


@dataclass
class Written:
    """``refused``: what was left out, and why, for the log."""

    spec: SiteSpec
    refused: list[str] = field(default_factory=list)


def laid_over(spec: SiteSpec, said: CopySaid, known: Known, named: Set[str] | None) -> Written:
    """``named``: the sections that may change; None: all."""
    written = Written(spec.model_copy(deep=True))
    words = {one.section: one for one in said.sections if named is None or one.section in named or "" in named}
    for page in written.spec.pages:
        page.sections = [_section(section, words.get(section.id), known, written) for section in page.sections]
    if named is None or "" in named:
        for name, text in (("title", said.seo_title), ("description", said.seo_description)):
            _seo(written, name, text, known)
    return written


def _section(section: Section, words: SectionWords | None, known: Known, written: Written) -> Section:
    if words is None or section.kind == "footer":
        return section
    for name in FIELDS:
        said = getattr(words, name)
        if said is None or not hasattr(section, name) or name in _by_hand(section):
            continue
        if (why := _objection(name, said, known, written.spec.locale)) is not None:
            written.refused.append(f"{section.id}.{name}: {why}")
            continue
        try:
            section = _SECTION.validate_python(section.model_dump() | {name: said})
        except ValidationError as error:
            written.refused.append(f"{section.id}.{name}: {error.errors()[0]['type']}")
    return section


def _by_hand(section: Section) -> set[str]:
    """An editable text's name is not always its field's."""
    return {"paragraphs" if name == "text" and section.kind == "story" else name for name in section.written_by_hand}


def _objection(name: str, said: str | list[str], known: Known, locale: str) -> str | None:
    lines = [said] if isinstance(said, str) else said
    if name in ("headline", "paragraphs", "title") and not any(line.strip() for line in lines):
        return "empty"
    if name == "headline" and any(len(line.strip()) > LINE[locale] for line in lines):
        return "too long a line"
    if name == "paragraphs" and not known.story:
        return "no story was told"
    said_too_much = [one for line in lines for one in unfounded(line, known)]
    return f"unfounded: {', '.join(said_too_much[:3])}" if said_too_much else None


def _seo(written: Written, name: str, text: str | None, known: Known) -> None:
    if not text or not text.strip():
        return
    if (why := _objection(name, text, known, written.spec.locale)) is not None:
        written.refused.append(f"seo.{name}: {why}")
        return
    seo = written.spec.seo
    try:
        written.spec.seo = type(seo).model_validate(seo.model_dump() | {name: text})
    except ValidationError:
        written.refused.append(f"seo.{name}: too long")


def patches(spec: SiteSpec, said: EditSaid, known: Known, only: str | None) -> list[tuple[str, Patch]]:
    """Those that can be made; one that says more than page and instruction do is left out whole."""
    found: list[tuple[str, Patch]] = []
    for one in said.patches:
        patch = _patch(one, known)
        if patch is None or (only is not None and one.section != only):
            continue
        try:
            spec, changes = apply(spec, one.section, patch, by="agent")
        except (NotFound, InvalidField):
            continue
        found += [(one.section, patch)] if changes else []
    return found


def _patch(said: PatchSaid, known: Known) -> Patch | None:
    fields = {one.name: one.value for one in said.fields}
    if any(unfounded(text, known) for text in fields.values()):
        return None
    given: dict[str, Any] = {"fields": fields or None, "hidden": said.hidden, "move": said.move}
    return Patch.model_validate(given)
