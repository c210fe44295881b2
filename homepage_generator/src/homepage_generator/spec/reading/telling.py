"""What else an owner tells: seasons, steps, times, reviews, questions, notices, figures, own headings."""

from __future__ import annotations

from typing import Any, cast, get_args

from homepage_generator.errors import InvalidField
from homepage_generator.spec.reading.days import read_days, read_months
from homepage_generator.spec.reading.hours import read_hours
from homepage_generator.spec.reading.values import Part
from homepage_generator.spec.sections import (
    Announcement,
    Fact,
    Question,
    Review,
    SeasonRow,
    SectionKind,
    Slot,
    Step,
)
from homepage_generator.spec.types import Day


def read_headline(shop: Part) -> list[str]:
    """Lines of the owner's own, a list or one text with line breaks."""
    value = shop.given.get("headline")
    if isinstance(value, list):
        lines = [(where, str(one)) for where, one in shop.values("headline", limit=3)]
    else:
        lines = [(shop.path("headline"), line) for line in shop.text("headline").split("\n")]
    clean = [(where, " ".join(line.split())) for where, line in lines if line.strip()]
    for where, line in clean:
        if len(line) > 24:
            raise InvalidField(where, "too_long", limit=24)
    if len(clean) > 3:
        raise InvalidField(shop.path("headline"), "too_many", limit=3)
    return [line for _, line in clean]


def read_headings(shop: Part, name: str, budget: int) -> dict[SectionKind, str]:
    part = shop.part(name)
    for kind in part.given:
        if kind not in get_args(SectionKind):
            raise InvalidField(part.path(kind), "choice", choices=", ".join(get_args(SectionKind)))
    return {cast(SectionKind, kind): part.line(kind, budget=budget) for kind in part.given if part.has(kind)}


def read_seasons(shop: Part) -> list[SeasonRow]:
    rows = []
    for part in shop.parts("seasons", "season", limit=24):
        months = read_months(part.given.get("months"))
        if not months:
            raise InvalidField(part.path("months"), "months")
        rows.append(SeasonRow(name=part.needed("name", budget=24), months=months))
    return rows


def read_steps(shop: Part) -> list[Step]:
    """Two to six; one alone is no process and is left out."""
    parts = shop.parts("process", "steps", limit=6)
    steps = [
        Step(title=part.needed("title", "name", budget=24), text=part.line("text", "description", budget=160))
        for part in parts
    ]
    if len(steps) == 1:
        shop.warn("left_out")
    return steps if len(steps) > 1 else []


def read_slots(shop: Part) -> list[Slot]:
    return [_slot(part) for part in shop.parts("timetable", limit=80)]


def _slot(part: Part) -> Slot:
    said = f"{part.text('starts', 'start')}-{part.text('ends', 'end') or '24:00'}"
    times = read_hours(said).hours
    if not times:
        raise InvalidField(part.path(part.first("starts", "start")), "clock")
    return Slot(
        days=_days(part),
        starts=times[0].opens,
        ends=times[0].closes if part.has(part.first("ends", "end")) else None,
        name=part.needed("name", "title", budget=60),
        note=part.line("note", budget=80),
    )


def _days(part: Part) -> list[Day]:
    value: Any = part.given.get(part.first("days", "day"))
    said = ", ".join(map(str, value)) if isinstance(value, list) else part.text("days", "day")
    days = read_days(said)
    if not days:
        raise InvalidField(part.path(part.first("days", "day")), "days")
    return days


def read_reviews(shop: Part) -> list[Review]:
    """The words as they were given; one that is too long is shortened and shows that."""
    return [
        Review(
            text=part.prose("text", "review", budget=300) or part.needed("text", budget=300),
            who=part.line("who", "name", budget=30),
            source=part.line("source", budget=30),
        )
        for part in shop.parts("reviews", limit=12)
    ]


def read_questions(shop: Part) -> list[Question]:
    return [
        Question(
            question=part.needed("question", "q", budget=100),
            answer=part.prose("answer", "a", budget=600) or part.needed("answer", budget=600),
        )
        for part in shop.parts("faq", limit=20)
    ]


def read_announcements(shop: Part) -> list[Announcement]:
    return [
        Announcement(
            title=part.needed("title", budget=60),
            text=part.prose("text", budget=400),
            date=part.fact("date", budget=20),
        )
        for part in shop.parts("notices", limit=12)
    ]


def read_facts(shop: Part) -> list[Fact]:
    return [
        Fact(label=part.needed("label", budget=16), value=part.needed("value", budget=24))
        for part in shop.parts("facts", limit=4)
    ]
