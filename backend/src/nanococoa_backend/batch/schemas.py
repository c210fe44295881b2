"""What API bodies of runs hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nanococoa_backend.ads.schemas import Formats

MOST_CHOSEN: Final = 200

SceneName = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class BatchOfProducts(BaseModel):
    """Every product before every scene, each in every placement."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=80, description="What the run is called; empty: the date")
    products: list[uuid.UUID] = Field(min_length=1, max_length=MOST_CHOSEN, description="Products of the business")
    scenes: list[SceneName] = Field(min_length=1, max_length=60, description="Presets by name, from the catalogue")
    formats: Formats = Field(["square"], description="Placements by name")
    use_brand: bool = Field(True, description="Take the shop's own colours, font and logo")
    start: bool = Field(True, description="false: keep it as a draft to look through first")


class BatchStart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reuse: bool = Field(
        True, description="A row that names a product the shop has is made of that one; false: of a new one"
    )


class RefusedRow(BaseModel):
    line: int = Field(description="The line of the list, as spreadsheets count")
    name: str = Field(description="The product as the row names it")
    message: str = Field(description="Why it was left out and what to do")


class BatchItemView(BaseModel):
    id: uuid.UUID = Field(description="The row's id")
    line: int | None = Field(description="The line of the list; null for chosen products")
    name: str = Field(description="The product")
    product_id: uuid.UUID | None = Field(description="The product it is made of, once there is one")
    ad_id: uuid.UUID | None = Field(description="Its ad, once there is one")
    state: Literal["draft", "waiting", "making", "passed", "look", "failed", "stopped", "gone"] = Field(
        description="look: a check says that a person should look; gone: the ad was deleted since"
    )
    reason: str = Field(description="Why to look, or why there is nothing; empty otherwise")


class BatchSummary(BaseModel):
    id: uuid.UUID = Field(description="The run's id")
    name: str = Field(description="What it is called")
    source: Literal["list", "products"] = Field(description="What it was made from")
    status: Literal["draft", "running", "finished", "stopped"] = Field(description="How far it is")
    total: int = Field(description="Rows that become ads")
    passed: int = Field(description="Ads that are fine")
    look: int = Field(description="Ads a person should look at")
    failed: int = Field(description="Rows without an ad")
    stopped: int = Field(description="Rows that were stopped")
    making: int = Field(description="Rows still to come")
    seconds_left: float | None = Field(description="As far as the finished ones tell")
    created_at: datetime = Field(description="When it was sent")
    started_at: datetime | None = Field(description="When it was started")


class BatchView(BatchSummary):
    refused: list[RefusedRow] = Field(description="Rows of the list that were left out")
    items: list[BatchItemView] = Field(description="All rows, in the list's order")


class BatchPage(BaseModel):
    batches: list[BatchSummary] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
