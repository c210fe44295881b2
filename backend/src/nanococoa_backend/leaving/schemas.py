"""What forms and API bodies of leaving hold."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_backend.accounts.schemas import Secret


class Farewell(BaseModel):
    name: str = Field(max_length=200, description="The business' name as it is written, so that it is no slip")


class AccountFarewell(BaseModel):
    password: Secret = Field(description="The account's password")


class ExportView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The export's id")
    reason: str = Field(description="asked, or deletion: it was made because the business was deleted")
    status: str = Field(description="waiting → ready | failed")
    problem: str = Field(description="Why it failed: full (no room), other; else empty")
    bytes: int = Field(description="Size of the ZIP file when it is ready")
    created_at: datetime = Field(description="When it was asked for")
    ends_at: datetime = Field(description="Until when it can be fetched")


class ExportPage(BaseModel):
    exports: list[ExportView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class DeletedBusinessView(BaseModel):
    id: uuid.UUID = Field(description="The business' id")
    name: str = Field(description="Its name")
    deleted_at: datetime = Field(description="When it was deleted")
    ends_at: datetime = Field(description="Until when it can be brought back")
    export: ExportView | None = Field(description="Everything it had, as one file")


class DeletedBusinessPage(BaseModel):
    businesses: list[DeletedBusinessView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
