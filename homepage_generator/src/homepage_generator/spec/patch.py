"""Changes to a spec: one section at a time, checked against its budgets; nothing else is touched.

What a person wrote is theirs: an agent's patch leaves it out without a word.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from homepage_generator.errors import InvalidField, NotFound
from homepage_generator.messages import say
from homepage_generator.spec.business import Business
from homepage_generator.spec.fields import Editable, editable, is_fixed, title_key, value_of
from homepage_generator.spec.sections import Section
from homepage_generator.spec.site import Page, SiteSpec
from homepage_generator.spec.types import Locale, Model, cleaned

By: TypeAlias = Literal["person", "agent"]
_SHOWN: Final = 30
"""Characters of a text up to which a change tells it."""
_SECTION: Final[TypeAdapter[Section]] = TypeAdapter(Section)
_REASONS: Final = {"string_too_long": "too_long", "string_too_short": "empty", "too_long": "too_many"}


class Patch(Model):
    """What is null stays as it is. ``fields`` are texts by their names in ``fields.sections_of``."""

    fields: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] | None = Field(None, max_length=60)
    hidden: bool | None = None
    move: Literal["up", "down"] | None = None


def apply(
    spec: SiteSpec, section_id: str, patch: Patch, by: By = "person", locale: Locale | None = None
) -> tuple[SiteSpec, list[str]]:
    """The changed spec and what was changed, in words of ``locale`` (the page's own where it is None).

    Raises NotFound for a section that isn't there, InvalidField naming what can't be.
    """
    locale = locale or spec.locale
    made = spec.model_copy(deep=True)
    page, section = _found(made, section_id)
    changes = _change_fields(made, page, section_id, patch.fields or {}, by, locale)
    page, section = _found(made, section_id)
    title = say(locale, f"sections.{section.kind}")
    if patch.hidden is not None and patch.hidden != section.hidden:
        _refuse_fixed(page, section, "hidden")
        section.hidden = patch.hidden
        changes.append(say(locale, "changes.hidden" if patch.hidden else "changes.shown", section=title))
    if patch.move is not None:
        _move(page, section, patch.move)
        changes.append(say(locale, f"changes.{patch.move}", section=title))
    return (SiteSpec.model_validate(made.model_dump()), changes) if changes else (spec, [])


def _found(spec: SiteSpec, section_id: str) -> tuple[Page, Section]:
    for page, section in spec.sections():
        if section.id == section_id:
            return page, section
    raise NotFound("section_not_found", section=section_id)


def _change_fields(
    spec: SiteSpec, page: Page, section_id: str, texts: dict[str, str], by: By, locale: Locale
) -> list[str]:
    changes = []
    for name, given in texts.items():
        section = next(one for one in page.sections if one.id == section_id)
        field = editable(section).get(name)
        if field is None:
            raise InvalidField(f"fields.{name}", "unknown")
        before = value_of(field, section, spec.business, spec.locale)
        text = cleaned(given.replace("\r\n", "\n"))
        if text == before or (by == "agent" and _is_by_hand(spec, section, field)):
            continue
        _put(spec, page, section, field, text)
        changes.append(_told(section, field, before, text, locale))
        if by == "person":
            changed = next(one for one in page.sections if one.id == section_id)
            changed.written_by_hand = list(dict.fromkeys([*changed.written_by_hand, name]))
    return changes


def _is_by_hand(spec: SiteSpec, section: Section, field: Editable) -> bool:
    """A fact of the business is the owner's wherever they changed it."""
    if not field.of_business:
        return field.name in section.written_by_hand
    return any(
        field.name in other.written_by_hand
        and field.name in editable(other)
        and editable(other)[field.name].of_business
        for _, other in spec.sections()
    )


def _put(spec: SiteSpec, page: Page, section: Section, field: Editable, text: str) -> None:
    where = f"fields.{field.name}"
    if len(text) > field.budget:
        raise InvalidField(where, "too_long", limit=field.budget)
    data = (spec.business if field.of_business else section).model_dump()
    changed = data | field.put(text, data, where)
    try:
        if field.of_business:
            _rename(spec, changed["name"])
            spec.business = Business.model_validate(changed)
        else:
            page.sections[page.sections.index(section)] = _SECTION.validate_python(changed)
    except ValidationError as error:
        raise _reason(where, error) from error


def _rename(spec: SiteSpec, name: str) -> None:
    """The shop's name in what search engines are told."""
    old = spec.business.name
    if name and name != old:
        spec.seo.title = spec.seo.title.replace(old, name)[:70]
        spec.seo.description = spec.seo.description.replace(old, name)[:160]


def _reason(where: str, error: ValidationError) -> InvalidField:
    problem = error.errors()[0]
    limits: dict[str, Any] = problem.get("ctx") or {}
    if problem["type"] == "too_short":
        return InvalidField(where, "too_few", limit=limits.get("min_length", 1))
    reason = _REASONS.get(problem["type"])
    if reason is None:
        return InvalidField(where, "invalid", problem=problem["msg"])
    return InvalidField(where, reason, limit=limits.get("max_length", 0))


def _refuse_fixed(page: Page, section: Section, name: str) -> None:
    if is_fixed(page, section):
        raise InvalidField(name, "fixed")


def _move(page: Page, section: Section, way: Literal["up", "down"]) -> None:
    """Change places with the neighbour; what is fixed is no neighbour."""
    _refuse_fixed(page, section, "move")
    at = page.sections.index(section)
    to = at + (1 if way == "down" else -1)
    if to < 0 or is_fixed(page, page.sections[to]):
        raise InvalidField("move", "at_the_end")
    page.sections[at], page.sections[to] = page.sections[to], page.sections[at]


def _told(section: Section, field: Editable, before: str, text: str, locale: Locale) -> str:
    names = {
        "section": say(locale, f"sections.{section.kind}"),
        "field": say(locale, title_key(section.kind, field.name)),
    }
    if before and text and len(before) <= _SHOWN and len(text) <= _SHOWN and "\n" not in before + text:
        return say(locale, "changes.from_to", before=before, after=text, **names)
    return say(locale, "changes.field", **names)
