"""What an LLM may answer with: choices among what is there, and words. It has no field for a price, a phone number, an
address, a review, or markup. Lengths stand in words: strict schemas know no limits; who takes the words checks them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from homepage_generator.spec.types import ThemeName


class _Said(BaseModel):
    """Servers that keep no schema add fields; what is not asked for is left out."""

    model_config = ConfigDict(extra="ignore")


class PagePlan(_Said):
    page: str = Field(description="A page's id, as it was given")
    sections: list[str] = Field(description="Ids of its sections in the order to read them")


class PlanSaid(_Said):
    pages: list[PagePlan]
    tone: str = Field(description="How the page should speak, in a sentence")


class VariantChoice(_Said):
    section: str = Field(description="A section's id")
    variant: str = Field(description="One of its variants")


class DesignSaid(_Said):
    theme: ThemeName
    variants: list[VariantChoice]


class SectionWords(_Said):
    """null: as it is."""

    section: str = Field(description="The section's id")
    title: str | None = Field(description="Its heading, 32 characters at most")
    lead: str | None = Field(description="What stands below the heading, 160 characters at most")
    eyebrow: str | None = Field(description="hero alone: above the headline, 32 characters at most")
    headline: list[str] | None = Field(description="hero alone: 1 to 3 lines, 11 characters each in Korean")
    note: str | None = Field(description="hero alone: 32 characters at most")
    paragraphs: list[str] | None = Field(description="story alone: its paragraphs, only what the owner told")


class CopySaid(_Said):
    seo_title: str | None = Field(description="70 characters at most")
    seo_description: str | None = Field(description="160 characters at most")
    sections: list[SectionWords]


class FixSaid(_Said):
    section: str = Field(description="The section's id; empty: the whole page")
    kind: Literal["copy", "layout"]
    problem: str = Field(description="What a customer would see, in a sentence")
    fix: str = Field(description="What to do, in a sentence")


class ReviewSaid(_Said):
    fixes: list[FixSaid]


class FieldSaid(_Said):
    name: str = Field(description="A field's name, as it was given")
    value: str = Field(description="The whole new text of the field")


class PatchSaid(_Said):
    section: str = Field(description="The section's id")
    fields: list[FieldSaid]
    hidden: bool | None
    move: Literal["up", "down"] | None


class EditSaid(_Said):
    """No patches: the instruction can't be followed."""

    patches: list[PatchSaid]
