"""What API bodies of ads hold."""

from __future__ import annotations

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
    background: str = Field("", max_length=1000, description="The background in own words, Korean or English")
    fields: AdCopy = Field(AdCopy(), description="The copy, by field; the headline at least, unless there is no text")
    formats: Formats = Field(["square"], description="Placements by name, in the order in which they are shown")
    style: str | None = Field(None, max_length=60, description="A text style by name; null: chosen to suit")
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
