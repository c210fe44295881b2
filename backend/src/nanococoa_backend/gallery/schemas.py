"""What the API of the gallery takes and gives."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_backend.ads.schemas import AdView

Kind: TypeAlias = Literal["ad", "edit"]
Status: TypeAlias = Literal["waiting", "pending", "running", "completed", "failed", "stopped"]


class AdPage(BaseModel):
    ads: list[AdView] = Field(description="Newest first")
    next_cursor: str | None = Field(description="For `cursor`, to read on; null at the end")


class AdChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    is_favorite: bool = Field(description="Whether it is marked")


class VersionView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The version's id")
    number: int = Field(description="1 is the first")
    source: str = Field(description="made, edited or restored")
    style: str = Field(description="The text style, empty without text")
    fields: dict[str, Any] = Field(description="The words on it")
    checks: dict[str, Any] = Field(description="What was measured on its files")
    warnings: list[Any] = Field(description="What to look at, in words")
    created_at: datetime = Field(description="When it was made")


class VersionPage(BaseModel):
    versions: list[VersionView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class ShareView(BaseModel):
    id: uuid.UUID = Field(description="The link's id")
    url: str = Field(description="Whoever has this address may look at the ad")
    views: int = Field(description="How often it was opened")
    created_at: datetime = Field(description="When it was made")


class SharePage(BaseModel):
    shares: list[ShareView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
