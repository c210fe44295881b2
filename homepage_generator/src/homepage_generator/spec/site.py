"""A whole site. What is stored with every version, edited by patches, and shown by ``render``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from homepage_generator.spec.business import Business
from homepage_generator.spec.sections import Section
from homepage_generator.spec.types import Colour, Id, Line, Locale, Model, PictureId, ThemeName


class Picture(Model):
    """A picture of the media store. ``cutout``: it has a transparent background. ``ad``: words are part of it."""

    width: int = Field(gt=0, le=20_000)
    height: int = Field(gt=0, le=20_000)
    alt: Annotated[str, Line(200)] = ""
    kind: Literal["photo", "cutout", "ad", "logo"] = "photo"


class Look(Model):
    """``color`` and ``accent`` replace the theme's own where their contrast allows it."""

    theme: ThemeName
    color: Colour | None = None
    accent: Colour | None = None


class Seo(Model):
    title: Annotated[str, Line(70)]
    description: Annotated[str, Line(160)]


class Page(Model):
    """``home`` is the first page's id; others lie beside it as ``<id>.html``."""

    id: Id
    title: Annotated[str, Line(24)]
    sections: list[Section] = Field(min_length=1, max_length=20)


class SiteSpec(Model):
    version: Literal[1] = 1
    locale: Locale = "ko"
    business: Business
    look: Look
    seo: Seo
    pages: list[Page] = Field(min_length=1, max_length=8)
    pictures: dict[PictureId, Picture] = Field(default={}, max_length=400)

    def sections(self) -> Iterator[tuple[Page, Section]]:
        """Every section in the order it is read."""
        return ((page, section) for page in self.pages for section in page.sections)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """One home first, a hero first on it, a footer last on each page, ids once, no picture that isn't there."""
        ids = [section.id for _, section in self.sections()]
        pages = [page.id for page in self.pages]
        if pages[0] != "home" or len(set(pages)) < len(pages):
            raise ValueError("the first page is home, and no two have the same id")
        if len(set(ids)) < len(ids):
            raise ValueError("two sections have the same id")
        if self.pages[0].sections[0].kind != "hero":
            raise ValueError("home begins with its hero")
        if any(page.sections[-1].kind != "footer" for page in self.pages):
            raise ValueError("each page ends with the footer")
        missing = set(pictures_of(self)) - set(self.pictures)
        if missing:
            raise ValueError(f"pictures are named that the spec does not hold: {sorted(missing)}")
        return self


def pictures_of(spec: SiteSpec) -> Iterator[PictureId]:
    """The picture ids that sections and brand name."""
    if spec.business.brand.logo:
        yield spec.business.brand.logo
    for _, section in spec.sections():
        match section.kind:
            case "hero":
                yield from section.pictures
            case "story":
                yield from [section.picture] if section.picture else []
            case "gallery" | "prices":
                yield from (item.picture for item in section.items if item.picture)
            case "season":
                yield from (row.picture for row in section.rows if row.picture)
            case "menu":
                yield from (item.picture for group in section.groups for item in group.items if item.picture)
            case _:
                pass
