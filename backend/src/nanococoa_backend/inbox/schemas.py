"""What arrives from homepages, and what the inbox tells of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nanococoa_backend.platform.homepage_contract import Slug

Words = StringConstraints(strip_whitespace=True)


class Written(BaseModel):
    """A visitor's message, as the homepage service signs it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = Field(description="The message's own id")
    slug: Slug = Field(description="The homepage it was written on")
    created_at: datetime = Field(description="When it was sent")
    name: Annotated[str, Words] = Field(min_length=1, max_length=60, description="Who wrote")
    reply: Annotated[str, Words] = Field(min_length=1, max_length=120, description="Phone number or mail address")
    when: Annotated[str, Words] = Field("", max_length=120, description="The time a reservation asks for")
    message: Annotated[str, Words] = Field(min_length=1, max_length=5000, description="What they wrote")


class Arrival(BaseModel):
    type: Literal["homepage.message"] = Field(description="What happened")
    data: Written = Field(description="The message")


class MessageView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The message's id here")
    homepage_id: uuid.UUID | None = Field(description="The homepage it was written on; null: it is gone")
    site: str = Field(description="That homepage's title")
    name: str = Field(description="Who wrote")
    reply: str = Field(description="Phone number or mail address to answer to")
    wanted: str = Field(description="The time a reservation asks for")
    text: str = Field(description="What they wrote")
    written_at: datetime = Field(description="When it was sent")
    read_at: datetime | None = Field(description="When it was marked as read; null: it is new")


class MessagePage(BaseModel):
    messages: list[MessageView] = Field(description="This page, newest first")
    unread: int = Field(description="New messages on all pages")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class MessageChange(BaseModel):
    is_read: bool = Field(description="true: done with; false: new again")
