"""What API bodies of the editor hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from nanococoa_backend.ads.schemas import MOST_FORMATS, FormatName, Formats, Hex
from nanococoa_client.schemas import AdCopy, Checks, PixelBox, PlacedText, Role, TextEdit
from nanococoa_client.schemas.catalogue import SafeZone
from nanococoa_client.schemas.requests import TEXT_LIMIT, Position

FormatEdits = Annotated[dict[FormatName, dict[Role, TextEdit]], Field(max_length=MOST_FORMATS)]


class Changes(BaseModel):
    """What is to be different from the base version; what is null stays as it is."""

    model_config = ConfigDict(extra="forbid")

    edits: FormatEdits = Field(
        {}, description="Moved, scaled, recoloured, reworded or hidden texts: by format, by field"
    )
    fields: AdCopy | None = Field(None, description="The whole copy by field, for every format")
    style: str | None = Field(None, max_length=60, description="Another text style by name")
    text_color: Hex | None = Field(None, description="#RRGGBB for the headline wherever it has no colour of its own")
    font_family: str | None = Field(None, max_length=80, description="A family from the aiserver's list, for all texts")
    text_position: Position | None = Field(None, description="Where the text stands")
    mend: bool = Field(False, description="Let what breaks legibility be mended; else it is drawn exactly as asked")

    @field_validator("fields")
    @classmethod
    def _short_enough(cls, fields: AdCopy | None) -> AdCopy | None:
        if fields is not None and sum(map(len, fields.given().values())) > TEXT_LIMIT:
            raise PydanticCustomError("string_too_long", "the copy is too long")
        return fields

    def touches_all(self) -> bool:
        """Whether every format looks different, not only those with edits."""
        rest = {"edits", "base_version", "formats", "format", "locale", "mend"}
        return self.model_dump(exclude=rest, exclude_none=True) != {}


class VersionOrder(Changes):
    """A new version of an ad: its text layer, changed and rendered again. The picture itself is not repainted."""

    base_version: uuid.UUID = Field(description="The version that was edited; 409 when the ad shows another by now")
    formats: Formats | None = Field(
        None, description="Render these alone; null: those that change. The other files are taken over"
    )
    locale: Literal["ko", "en"] = Field("ko", description="Language of warnings")


class PreviewOrder(Changes):
    """One format as it would look. Nothing is kept."""

    base_version: uuid.UUID = Field(description="The version that is being edited")
    format: FormatName = Field(description="The placement's name")


class EditView(BaseModel):
    """An order to render a new version."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="Ask for it again until it is done")
    ad_id: uuid.UUID = Field(description="The ad")
    status: Literal["waiting", "done", "failed"] = Field(description="waiting → done or failed")
    version_id: uuid.UUID | None = Field(description="The new version, once it is there")
    problem: dict[str, Any] | None = Field(description="Why it failed: `code`, and a `message` for a person")
    tries: int = Field(description="How often it was sent; more than one: the aiserver was away")


class LiveFormat(BaseModel):
    """One format of a version, ready to be shown live."""

    format: str = Field(description="The placement's name")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    style: str = Field(description="The text style it was laid out in")
    product: PixelBox = Field(description="Where the product stands")
    html: str = Field(
        description="The words as a page over `plate`, in pixels of the picture, without edits; no scripts"
    )
    plate: str = Field(description="Address, or data URI, of the picture without words")
    texts: list[PlacedText] = Field(description="Every text and where the renderer put it")
    edits: dict[Role, TextEdit] = Field(description="What was changed, by field")
    left_out: list[Role] = Field(description="Fields that found no place")
    checks: Checks | None = Field(None, description="What was measured, for a preview")
    warnings: list[str] = Field([], description="What to look at, for a preview")


class FormatTab(BaseModel):
    """One format as the editor lists it."""

    name: str = Field(description="The placement's name")
    title: str = Field(description="Its name for people")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    passed: bool = Field(description="Whether every glyph was legible when it was rendered")
    safe_zone: SafeZone = Field(SafeZone(), description="What the placement covers with its own controls")


class EditorView(BaseModel):
    """A version as an editor opens it."""

    ad_id: uuid.UUID = Field(description="The ad")
    version_id: uuid.UUID = Field(description="The version it shows")
    number: int = Field(description="The version's number")
    fields: AdCopy = Field(description="The copy by field")
    style: str = Field(description="The text style by name")
    styles: list[str] = Field(description="Other styles, those that suit best first")
    fonts: list[str] = Field(description="Families a text can be set in")
    colors: list[str] = Field(description="Colours of the ad and the shop, #RRGGBB")
    formats: list[FormatTab] = Field(description="Its formats")
    edits: FormatEdits = Field(description="What was changed before, by format, by field")


class VersionView(BaseModel):
    """A version of an ad."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The version's id")
    number: int = Field(description="Grows with every version")
    source: str = Field(description="made, edited or restored")
    created_at: datetime = Field(description="When it was made")
    style: str = Field(description="The text style by name")
