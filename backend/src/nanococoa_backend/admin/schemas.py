"""What administration tells and takes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

UserAction: TypeAlias = Literal["deactivate", "reactivate", "make_admin", "unmake_admin", "sign_out"]


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Most = Annotated[Count | None, BeforeValidator(_blank_is_none)]


class LimitsIn(BaseModel):
    """Null, or an empty field of the form: the installation's default."""

    ads_per_month: Most = Field(None, description="Ads in a calendar month")
    products: Most = Field(None, description="Products at a time")
    storage_mb: Most = Field(None, description="Megabytes of pictures")
    members: Most = Field(None, description="People who may work there")


class LimitsView(BaseModel):
    own: LimitsIn = Field(description="Set for this business alone; null: the default")
    holding: LimitsIn = Field(description="What holds; null: as many as one likes")


class UserView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The account's id")
    name: str = Field(description="What to call the person")
    email: str = Field(description="The account's e-mail address")
    is_admin: bool = Field(description="Whether the account runs the installation")
    created_at: datetime = Field(description="When the account was made")
    deactivated_at: datetime | None = Field(description="When it was taken out of use; null: it is in use")
    deleted_at: datetime | None = Field(description="When the person deleted it; it is gone a week later")


class UserPage(BaseModel):
    users: list[UserView] = Field(description="Newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class Usage(BaseModel):
    ads: int = Field(0, description="Ads asked for this month")
    products: int = Field(0, description="Products")
    bytes: int = Field(0, description="Bytes of pictures")
    members: int = Field(0, description="People who work there")
    last_at: datetime | None = Field(None, description="When somebody last did something there")


class BusinessUsage(BaseModel):
    id: uuid.UUID = Field(description="The business' id")
    name: str = Field(description="Its name")
    is_demo: bool = Field(description="Whether it is one to practise with")
    created_at: datetime = Field(description="When it was made")
    deleted_at: datetime | None = Field(description="When it was deleted; it is gone a week later")
    usage: Usage = Field(description="What it uses")


class BusinessPage(BaseModel):
    businesses: list[BusinessUsage] = Field(description="Newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class AuditView(BaseModel):
    id: int = Field(description="The line's number; it grows")
    at: datetime = Field(description="When it happened")
    action: str = Field(description="What was done, e.g. product.deleted")
    subject: str = Field(description="To which thing, usually an id")
    person: str | None = Field(description="Who did it; null when the account is gone or nobody did")
    business: str | None = Field(description="In which business; null when it is gone or in none")
    details: dict[str, Any] = Field(description="More of it")


class AuditPage(BaseModel):
    lines: list[AuditView] = Field(description="Latest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
