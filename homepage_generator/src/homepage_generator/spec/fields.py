"""The texts of a section that a person may change, by name: how each is read from a spec and put back.

Facts of the business stand in one place and are changed through the sections that show them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, Field

from homepage_generator.messages import say
from homepage_generator.spec import lines
from homepage_generator.spec.business import Business
from homepage_generator.spec.reading.hours import read_hours
from homepage_generator.spec.sections import Section, SectionKind
from homepage_generator.spec.site import Page, SiteSpec
from homepage_generator.spec.types import Locale

Data: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["line", "text", "lines"]
LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Editable:
    """``get`` reads the text of the section's data (for ``of_business``, the business's); ``put`` answers with what
    the text changes in it, and is given where it stands for its errors."""

    name: str
    kind: Kind
    budget: int
    get: Callable[[Data, Locale], str]
    put: Callable[[str, Data, str], Data]
    of_business: bool = False


def _plain(name: str, budget: int, kind: Kind = "line") -> Editable:
    return Editable(name, kind, budget, lambda data, _: str(data[name] or ""), lambda text, _data, _where: {name: text})


def _rows(name: str, key: str, shape: lines.Shape) -> Editable:
    return Editable(
        name,
        "lines",
        LONGEST,
        lambda data, locale: lines.written(data[key], shape, locale),
        lambda text, data, where: {key: lines.read(text, shape, where, data[key])},
    )


def _pairs(key: str, head: tuple[str, ...], body: str) -> Editable:
    return Editable(
        key,
        "text",
        LONGEST,
        lambda data, _: lines.written_pairs(data[key], head, body),
        lambda text, _data, _where: {key: lines.read_pairs(text, head, body)},
    )


def _fact(name: str, budget: int, *path: str) -> Editable:
    """A fact of the business, ``path`` below it."""

    def get(business: Data, _: Locale) -> str:
        for step in path:
            business = business[step]
        return str(business[name] or "")

    def put(text: str, business: Data, _: str) -> Data:
        return {path[0]: business[path[0]] | {name: text}} if path else {name: text}

    return Editable(name, "line", budget, get, put, of_business=True)


def _hours() -> Editable:
    def get(business: Data, locale: Locale) -> str:
        rows = [
            f"{lines.written_days(row['days'], locale)} {row['opens']}–{row['closes']}" for row in business["hours"]
        ]
        return "\n".join(rows) or str(business["hours_text"])

    def put(text: str, business: Data, _: str) -> Data:
        said = read_hours(text) if text else None
        if said is None or not said.hours:
            return {"hours": [], "hours_text": text}
        rows = [row.model_dump() for row in said.hours]
        return {"hours": rows, "hours_text": "", "closed": said.closed or business["closed"]}

    return Editable("hours", "text", 300, get, put, of_business=True)


def _headline() -> Editable:
    return Editable(
        "headline",
        "lines",
        74,
        lambda data, _: "\n".join(data["headline"]),
        lambda text, _data, _where: {"headline": [line for line in text.split("\n") if line.strip()]},
    )


def _paragraphs() -> Editable:
    """Past the twelfth they stand together."""

    def put(text: str, _: Data, _where: str) -> Data:
        parts = [part for part in text.split("\n\n") if part.strip()]
        return {"paragraphs": [*parts[:11], "\n".join(parts[11:])] if len(parts) > 12 else parts}

    return Editable("text", "text", 10_000, lambda data, _: "\n\n".join(data["paragraphs"]), put)


def _captions() -> Editable:
    """A line for each picture; pictures themselves stay."""

    def put(text: str, data: Data, _: str) -> Data:
        said = text.split("\n") if text else []
        pairs = enumerate(data["items"])
        return {"items": [item | {"caption": said[at] if at < len(said) else ""} for at, item in pairs]}

    return Editable(
        "captions", "lines", 1500, lambda data, _: "\n".join(item["caption"] for item in data["items"]), put
    )


def _menu() -> Editable:
    return Editable(
        "items",
        "lines",
        LONGEST,
        lambda data, locale: lines.written_menu(data["groups"], locale),
        lambda text, data, where: {"groups": lines.read_menu(text, where, data["groups"])},
    )


_HEADS: Final = (_plain("title", 32), _plain("lead", 160, "text"))
_OWN: Final[dict[SectionKind, tuple[Editable, ...]]] = {
    "hero": (_plain("eyebrow", 32), _headline(), _plain("lead", 160, "text"), _plain("note", 32)),
    "prices": (*_HEADS, _plain("as_of", 40), _rows("items", "items", lines.PRICES)),
    "menu": (*_HEADS, _menu()),
    "season": (*_HEADS, _rows("rows", "rows", lines.SEASON)),
    "gallery": (*_HEADS, _captions()),
    "story": (*_HEADS, _paragraphs(), _plain("signature", 40), _rows("facts", "facts", lines.FACTS)),
    "process": (*_HEADS, _rows("steps", "steps", lines.STEPS)),
    "timetable": (*_HEADS, _rows("slots", "slots", lines.SLOTS)),
    "location": (
        *_HEADS,
        _fact("address", 200, "place"),
        _fact("landmark", 120, "place"),
        _fact("parking", 200, "place"),
        _fact("phone", 30),
        _hours(),
        _fact("closed", 120),
    ),
    "reviews": (*_HEADS, _rows("items", "items", lines.REVIEWS)),
    "faq": (*_HEADS, _pairs("items", ("question",), "answer")),
    "notice": (*_HEADS, _pairs("items", ("title", "date"), "text")),
    "contact": (*_HEADS, _plain("button", 16)),
    "footer": (
        _plain("lead", 160, "text"),
        _fact("name", 60),
        _fact("phone", 30),
        _fact("legal_name", 100, "legal"),
        _fact("representative", 60, "legal"),
        _fact("registration_number", 40, "legal"),
        _fact("mail_order_number", 60, "legal"),
        _fact("email", 200, "legal"),
    ),
}


def editable(section: Section) -> dict[str, Editable]:
    return {field.name: field for field in _OWN[section.kind]}


def value_of(field: Editable, section: Section, business: Business, locale: Locale) -> str:
    source: BaseModel = business if field.of_business else section
    return field.get(source.model_dump(), locale)


def is_fixed(page: Page, section: Section) -> bool:
    """The footer, and what the first page begins with, stay where they are."""
    return section.kind == "footer" or (section.kind == "hero" and page.sections[0] is section)


class SectionField(BaseModel):
    """One text of a section that may be changed by hand."""

    name: str = Field(description="Name it in a patch's `fields`")
    title_ko: str = Field(description="What it is called, in Korean")
    title_en: str = Field(description="What it is called, in English")
    kind: Kind = Field("line", description="lines: a line for each entry, parts with | between them")
    value: str = Field("", description="What it says now")
    max_length: int = Field(2000, description="Characters at most")


class SectionView(BaseModel):
    id: str = Field(description="Name it in an edit's `section`")
    kind: str = Field(description="What kind of section it is")
    page: str = Field("", description="The title of the page it is on")
    title_ko: str = Field(description="What the section is, in Korean")
    title_en: str = Field(description="What the section is, in English")
    summary: str = Field("", description="How it begins")
    hidden: bool = Field(False, description="Not shown")
    fixed: bool = Field(False, description="It can be neither hidden nor moved")
    fields: list[SectionField] = Field([], description="Its texts")


class Sections(BaseModel):
    id: str = Field(description="The version")
    sections: list[SectionView] = Field(description="In the order they are read")


def sections_of(spec: SiteSpec, version: str = "") -> Sections:
    return Sections(id=version, sections=[_view(spec, page, section) for page, section in spec.sections()])


def _view(spec: SiteSpec, page: Page, section: Section) -> SectionView:
    fields = [_field(spec, section, field) for field in editable(section).values()]
    return SectionView(
        id=section.id,
        kind=section.kind,
        page=page.title if len(spec.pages) > 1 else "",
        title_ko=say("ko", f"sections.{section.kind}"),
        title_en=say("en", f"sections.{section.kind}"),
        summary=_summary(section, fields),
        hidden=section.hidden,
        fixed=is_fixed(page, section),
        fields=[field for field in fields if len(field.value) <= LONGEST],
    )


def _field(spec: SiteSpec, section: Section, field: Editable) -> SectionField:
    key = title_key(section.kind, field.name)
    value = value_of(field, section, spec.business, spec.locale)
    return SectionField(
        name=field.name,
        title_ko=say("ko", key),
        title_en=say("en", key),
        kind=field.kind,
        value=value,
        max_length=max(field.budget, 1),
    )


def title_key(kind: SectionKind, name: str) -> str:
    return f"fields.{kind}_{name}" if name in ("items", "text", "rows") else f"fields.{name}"


def _summary(section: Section, fields: list[SectionField]) -> str:
    """Its heading, else the first thing it says."""
    said = [section.title, *(field.value for field in fields if field.name not in ("eyebrow", "title"))]
    return next((" ".join(text.split())[:120] for text in said if text), "")
