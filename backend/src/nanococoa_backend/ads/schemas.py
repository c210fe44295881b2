"""What API bodies of ads hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from nanococoa_client.schemas import AdCopy
from nanococoa_client.schemas.requests import Position

MOST_FORMATS: Final = 26

FormatName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


def _distinct(value: Any) -> Any:
    """A format asked for twice is made once."""
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


Formats = Annotated[list[FormatName], BeforeValidator(_distinct), Field(min_length=1, max_length=MOST_FORMATS)]


class CopySuggestions(BaseModel):
    suggestions: list[AdCopy] = Field(description="By field, as an ad takes them; the surest first")


class AdOrder(BaseModel):
    """What an owner chose for one ad; kept with it, so that it can be made again with one thing changed."""

    model_config = ConfigDict(extra="forbid")

    scene: str = Field("", max_length=60, description="A preset's name from the catalogue; empty: `background` decides")
    background: str = Field("", max_length=2000, description="The background in own words, Korean or English")
    fields: AdCopy = Field(AdCopy(), description="The copy, by field; the headline at least, unless there is no text")
    text: str = Field(
        "",
        max_length=2000,
        description="Instead of `fields`: the copy in one line, parts separated by |",
    )
    formats: Formats = Field(["square"], description="Placements by name, in the order in which they are shown")
    style: str | None = Field(None, max_length=60, description="A text style by name; null: chosen to suit")
    style_words: str = Field("", max_length=500, description="The text's look in own words; a `style` wins")
    text_position: Position = Field("auto", description="Where the text stands")
    text_color: Hex | None = Field(None, description="#RRGGBB; null: chosen for legibility")
    use_brand: bool = Field(True, description="Take the shop's own colours, font and logo")
    visible_label: bool = Field(False, description="Write a small label that says how the picture was made")
    locale: Literal["ko", "en"] = Field("ko", description="Language of built-in words and warnings")
    seed: int | None = Field(None, ge=0, le=2**32 - 1, description="The same seed and order give the same picture")


class EditOrder(BaseModel):
    """A kept picture and what is to be changed in it."""

    model_config = ConfigDict(extra="forbid")

    asset_id: str = Field(description="The picture, as kept for the business")
    instruction: str = Field(min_length=1, max_length=1000, description="What to change, in own words")
    mode: Literal["global", "local"] = Field(
        "global", description="local: only what the words name; the rest stays byte for byte"
    )
    keep_product: bool = Field(False, description="Put the product back untouched after the change")
    locale: Literal["ko", "en"] = Field("ko", description="Language of warnings")
    seed: int | None = Field(None, ge=0, le=2**32 - 1, description="The same seed and order give the same picture")


class AdRequest(AdOrder):
    """An order by API."""

    product_id: uuid.UUID = Field(description="Whose photo and cut-out the ad is made with")
    parent_id: uuid.UUID | None = Field(None, description="The ad this one is a variation of")

    def order(self) -> AdOrder:
        return AdOrder.model_validate(self.model_dump(exclude={"product_id", "parent_id"}))


class AdProgress(BaseModel):
    percent: float = Field(0, description="How much of the work is done")
    step: str = Field("", description="The step under way, by name; empty before the first")
    step_title: str = Field("", description="The step in words")
    number: int = Field(0, description="Which step it is; 0 before the first")
    of: int = Field(0, description="How many steps there are")
    eta_seconds: float | None = Field(None, description="Seconds left, as far as known")
    queue_position: int | None = Field(None, description="1 is next; null when not waiting there")
    preview: str | None = Field(None, description="Address of the picture before its text, as soon as there is one")


class AdProblem(BaseModel):
    code: str = Field(description="For programs and for asking for help")
    message: str = Field(description="What happened and what to do")


class AdFile(BaseModel):
    format: str = Field(description="The placement's name")
    title: str = Field(description="The placement in words")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    bytes: int = Field(description="Size of the finished file")
    url: str = Field(description="The finished file as the aiserver made it")


class AdView(BaseModel):
    """An ad as the API tells it."""

    id: uuid.UUID = Field(description="The ad's id")
    kind: str = Field(description="ad, or edit: a picture changed by words")
    status: str = Field(description="waiting → pending → running → completed, failed or stopped")
    title: str = Field(description="What it is called")
    product_id: uuid.UUID | None = Field(description="The product it is made of")
    parent_id: uuid.UUID | None = Field(description="The ad it is a variation of")
    order: dict[str, Any] = Field(description="What was asked for")
    progress: AdProgress | None = Field(description="While it is under way")
    problem: AdProblem | None = Field(description="Why it failed")
    version_id: uuid.UUID | None = Field(description="The version it shows")
    files: list[AdFile] = Field(description="Finished files of that version, in the order asked for")
    needs_look: bool = Field(description="Whether a check says that a person should look")
    is_favorite: bool = Field(description="Whether it is marked")
    created_at: datetime = Field(description="When it was asked for")
    finished_at: datetime | None = Field(description="When it ended")


class CatalogueFormat(BaseModel):
    name: str = Field(description="For `formats`")
    title: str = Field(description="The placement in words")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    group: str = Field(description="social, kakao, naver, google, banner or other")


class CatalogueEntry(BaseModel):
    name: str = Field(description="For `scene` or `style`")
    title: str = Field(description="In words")
    picture: str | None = Field(None, description="Address of a thumbnail")


class CatalogueView(BaseModel):
    formats: list[CatalogueFormat] = Field(description="Placements")
    scenes: list[CatalogueEntry] = Field(description="Backgrounds by preset")
    styles: list[CatalogueEntry] = Field(description="Text styles")
    fonts: list[str] = Field(description="Families that text can be set in")
    is_current: bool = Field(description="false: as built in, the aiserver has not answered yet")
