"""What forms and API bodies of tokens hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Scope: TypeAlias = Literal["read", "write"]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class NewToken(BaseModel):
    name: TokenName = Field(description="What the token is for", examples=["주문 프로그램"])
    access: Scope = Field("read", description="read: looks only; write: also makes and changes")
    days: int = Field(90, ge=1, le=365, description="The token ends after this many days")


class TokenView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The token's id")
    name: str = Field(description="What the token is for")
    business_id: uuid.UUID = Field(description="The business it works for")
    scopes: list[Scope] = Field(description="What it may do")
    shown_end: str = Field(description="The last four characters, to tell tokens apart")
    created_at: datetime = Field(description="When it was made")
    expires_at: datetime = Field(description="When it ends")
    used_at: datetime | None = Field(description="When it was last used, to five minutes; null: never")


class TokenPage(BaseModel):
    tokens: list[TokenView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class FreshToken(TokenView):
    token: str = Field(description="The token itself. It is told this once and never again")


class TokenQuestion(BaseModel):
    token: str = Field(min_length=1, max_length=200, description="What a caller presented as a bearer token")


class TokenVerdict(BaseModel):
    """RFC 7662: ``active`` alone when the token is not good."""

    active: bool = Field(description="Whether the token is good now")
    user_id: uuid.UUID | None = Field(None, description="Whose it is")
    business_id: uuid.UUID | None = Field(None, description="The business it works for")
    role: str | None = Field(None, description="The person's role there: owner, editor or viewer")
    scopes: list[Scope] = Field(default_factory=list, description="What it may do")
    expires_at: datetime | None = Field(None, description="When it ends")
