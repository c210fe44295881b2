"""What a page is to be made of: the commission, read, cleaned and with its pictures in the media store.

Agents see this and nothing else; a fact that is not here is on no page.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from homepage_generator.spec.business import Business
from homepage_generator.spec.sections import (
    Announcement,
    Fact,
    MenuGroup,
    PriceItem,
    Question,
    Review,
    SeasonRow,
    SectionKind,
    Shown,
    Slot,
    Step,
)
from homepage_generator.spec.site import Picture
from homepage_generator.spec.types import Line, Locale, Model, PictureId, Text, ThemeName


class Brief(Model):
    """``products`` may be many; everything else is what the owner gave besides, often nothing."""

    locale: Locale = "ko"
    business: Business
    headline: list[Annotated[str, Line(24, least=1)]] = Field(default=[], max_length=3)
    note: Annotated[str, Line(32)] = ""
    """A promise beside the headline: "맛없으면 바꿔드려요"."""
    titles: dict[SectionKind, Annotated[str, Line(32)]] = Field(default={}, max_length=14)
    leads: dict[SectionKind, Annotated[str, Text(160)]] = Field(default={}, max_length=14)
    """The owner's own headings and what stands below them."""
    story: Annotated[str, Text(10_000)] = ""
    products: list[PriceItem] = Field(default=[], max_length=300)
    ads: list[Shown] = Field(default=[], max_length=12)
    photos: list[Shown] = Field(default=[], max_length=24)
    menu: list[MenuGroup] = Field(default=[], max_length=12)
    seasons: list[SeasonRow] = Field(default=[], max_length=24)
    steps: list[Step] = Field(default=[], max_length=6)
    slots: list[Slot] = Field(default=[], max_length=80)
    reviews: list[Review] = Field(default=[], max_length=12)
    questions: list[Question] = Field(default=[], max_length=20)
    announcements: list[Announcement] = Field(default=[], max_length=12)
    facts: list[Fact] = Field(default=[], max_length=4)
    signature: Annotated[str, Line(40)] = ""
    form: Literal["none", "question", "reservation"] = "none"
    prices_as_of: Annotated[str, Line(40)] = ""
    style: ThemeName | None = None
    wishes: Annotated[str, Text(2000)] = ""
    pages: Literal["one", "several"] = "one"
    pictures: dict[PictureId, Picture] = Field(default={}, max_length=400)
