"""What forms and API bodies of products hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

MOST_WON: Final = 2_000_000_000


def _price(value: Any) -> Any:
    """``39,900원`` is 39900; empty is no price."""
    if not isinstance(value, str):
        return value
    text = value.replace(",", "").replace(" ", "").removeprefix("₩").removesuffix("원")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) > MOST_WON:
        raise PydanticCustomError("price", "not a price in won")
    return int(text)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Price = Annotated[Annotated[int, Field(ge=0, le=MOST_WON)] | None, BeforeValidator(_price)]


class ProductFacts(BaseModel):
    name: Name = Field(description="What the product is called", examples=["부사 사과"])
    price: Price = Field(None, description="Price in won; null: not told", examples=[39900])
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)] = Field(
        "", description="What the price buys", examples=["10kg 한 상자"]
    )
    notes: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = Field(
        "", description="Facts an ad may use: origin, taste, season", examples=["경북 청송, 산지 직송"]
    )


class BoxIn(BaseModel):
    """A box around the product, in pixels of the photo."""

    left: int = Field(ge=0, description="Left edge")
    top: int = Field(ge=0, description="Top edge")
    width: int = Field(ge=8, description="Width")
    height: int = Field(ge=8, description="Height")


class CutoutView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The cut-out's id")
    status: Literal["pending", "ready", "failed"] = Field(description="pending → ready or failed")
    source: Literal["auto", "box", "brush", "given"] = Field(description="How the product was found")
    confidence: float | None = Field(description="0 to 1; null until ready, and for the owner's own hand")
    verdict: Literal["", "ok", "uncertain", "confirmed"] = Field(description="uncertain: have a look at the edges")
    problem: str = Field(description="Why it failed, as a code; empty when it did not")
    asset_id: uuid.UUID | None = Field(description="The picture: GET /media/{id}/view")
    created_at: datetime = Field(description="When it was asked for")


class ProductView(ProductFacts):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The product's id")
    photo_id: uuid.UUID = Field(description="The photo: GET /media/{id}/view")
    cutout: CutoutView | None = Field(None, description="The cut-out that ads use")
    created_at: datetime = Field(description="When it was added")


class ProductPage(BaseModel):
    products: list[ProductView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
