"""The kinds of sections a page is made of: their words with budgets, their variants.

Budgets are characters, for Korean; they are what the layouts carry at 320 px. What a section shows was given by the
owner or is a neutral phrase of the catalogue. ``written_by_hand`` names the fields a person changed: no agent
overwrites those.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from homepage_generator.spec.types import Clock, Day, Id, Line, Model, Month, PictureId, Text

ActionKind: TypeAlias = Literal["call", "directions", "contact", "prices", "menu", "timetable", "link"]


class Action(Model):
    """A button. ``call`` dials, ``directions`` opens a map, ``contact`` and the rest go to that section."""

    kind: ActionKind
    label: Annotated[str, Line(16)]


class _Section(Model):
    id: Id
    hidden: bool = False
    written_by_hand: list[str] = Field(default=[], max_length=40)
    title: Annotated[str, Line(32)] = ""
    lead: Annotated[str, Text(160)] = ""


class Hero(_Section):
    kind: Literal["hero"] = "hero"
    variant: Literal["type", "cutout", "photo", "board"] = "type"
    """``type``: words alone carry it; ``cutout``: products without background; ``photo``: one picture, full;
    ``board``: today's prices or hours stand in the first screen."""
    eyebrow: Annotated[str, Line(32)] = ""
    headline: list[Annotated[str, Line(24)]] = Field(min_length=1, max_length=3)
    note: Annotated[str, Line(32)] = ""
    actions: list[Action] = Field(default=[], max_length=2)
    pictures: list[PictureId] = Field(default=[], max_length=3)


class PriceItem(Model):
    name: Annotated[str, Line(60, least=1)]
    origin: Annotated[str, Line(40)] = ""
    unit: Annotated[str, Line(30)] = ""
    price: Annotated[str, Line(30)] = ""
    note: Annotated[str, Line(120)] = ""
    picture: PictureId | None = None
    sold_out: bool = False


class Prices(_Section):
    kind: Literal["prices"] = "prices"
    variant: Literal["board", "cards", "rows"] = "board"
    as_of: Annotated[str, Line(40)] = ""
    items: list[PriceItem] = Field(min_length=1, max_length=300)


class MenuItem(Model):
    name: Annotated[str, Line(60, least=1)]
    price: Annotated[str, Line(30)] = ""
    note: Annotated[str, Line(120)] = ""
    picture: PictureId | None = None
    sold_out: bool = False


class MenuGroup(Model):
    name: Annotated[str, Line(30)] = ""
    items: list[MenuItem] = Field(min_length=1, max_length=120)


class Menu(_Section):
    kind: Literal["menu"] = "menu"
    variant: Literal["columns", "cards"] = "columns"
    groups: list[MenuGroup] = Field(min_length=1, max_length=12)


class SeasonRow(Model):
    name: Annotated[str, Line(24, least=1)]
    months: list[Month] = Field(min_length=1, max_length=12)
    picture: PictureId | None = None


class Season(_Section):
    kind: Literal["season"] = "season"
    variant: Literal["calendar"] = "calendar"
    rows: list[SeasonRow] = Field(min_length=1, max_length=24)


class Shown(Model):
    picture: PictureId
    caption: Annotated[str, Line(60)] = ""


class Gallery(_Section):
    kind: Literal["gallery"] = "gallery"
    variant: Literal["mosaic", "strip"] = "mosaic"
    items: list[Shown] = Field(min_length=1, max_length=24)


class Fact(Model):
    label: Annotated[str, Line(16)]
    value: Annotated[str, Line(24)]


class Story(_Section):
    kind: Literal["story"] = "story"
    variant: Literal["letter", "columns"] = "letter"
    paragraphs: list[Annotated[str, Text(1200)]] = Field(min_length=1, max_length=12)
    signature: Annotated[str, Line(40)] = ""
    facts: list[Fact] = Field(default=[], max_length=4)
    picture: PictureId | None = None


class Step(Model):
    title: Annotated[str, Line(24, least=1)]
    text: Annotated[str, Line(160)] = ""


class Process(_Section):
    kind: Literal["process"] = "process"
    variant: Literal["steps"] = "steps"
    steps: list[Step] = Field(min_length=2, max_length=6)


class Slot(Model):
    days: list[Day] = Field(min_length=1, max_length=7)
    starts: Clock
    ends: Clock | None = None
    name: Annotated[str, Line(60, least=1)]
    note: Annotated[str, Line(80)] = ""


class Timetable(_Section):
    kind: Literal["timetable"] = "timetable"
    variant: Literal["week", "list"] = "week"
    slots: list[Slot] = Field(min_length=1, max_length=80)


class Location(_Section):
    """Where and when: address, landmark, parking and hours come from the business itself."""

    kind: Literal["location"] = "location"
    variant: Literal["map", "plain"] = "map"


class Review(Model):
    text: Annotated[str, Text(300, least=1)]
    who: Annotated[str, Line(30)] = ""
    source: Annotated[str, Line(30)] = ""


class Reviews(_Section):
    """Only what the owner handed over."""

    kind: Literal["reviews"] = "reviews"
    variant: Literal["quotes"] = "quotes"
    items: list[Review] = Field(min_length=1, max_length=12)


class Question(Model):
    question: Annotated[str, Line(100, least=1)]
    answer: Annotated[str, Text(600, least=1)]


class Faq(_Section):
    kind: Literal["faq"] = "faq"
    variant: Literal["list"] = "list"
    items: list[Question] = Field(min_length=1, max_length=20)


class Announcement(Model):
    title: Annotated[str, Line(60, least=1)]
    text: Annotated[str, Text(400)] = ""
    date: Annotated[str, Line(20)] = ""


class Notice(_Section):
    kind: Literal["notice"] = "notice"
    variant: Literal["strip", "list"] = "list"
    items: list[Announcement] = Field(min_length=1, max_length=12)


class Contact(_Section):
    """A form. Its consent text and fields follow from ``purpose``."""

    kind: Literal["contact"] = "contact"
    variant: Literal["form"] = "form"
    purpose: Literal["question", "reservation"] = "question"
    button: Annotated[str, Line(16)] = ""


class Footer(_Section):
    """The business footer; always last, never hidden. Its facts come from the business itself."""

    kind: Literal["footer"] = "footer"
    variant: Literal["business"] = "business"


Section: TypeAlias = Annotated[
    Hero | Prices | Menu | Season | Gallery | Story | Process | Timetable | Location | Reviews | Faq | Notice | Contact
    | Footer,
    Field(discriminator="kind"),
]  # fmt: skip
SectionKind: TypeAlias = Literal[
    "hero", "prices", "menu", "season", "gallery", "story", "process", "timetable", "location", "reviews", "faq",
    "notice", "contact", "footer",
]  # fmt: skip
