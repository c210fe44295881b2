"""What API bodies of conversations hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_MESSAGE = 2000

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_MESSAGE)]


class ChatName(BaseModel):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class NewMessage(BaseModel):
    """Own words, or an answer that was offered (``options`` of the last message)."""

    model_config = ConfigDict(extra="forbid")

    text: Words = Field("", description="What is said")
    choice: str = Field("", max_length=300, description="An offered answer's `value`, e.g. `scene:wood`")


class ChatForm(BaseModel):
    """As the page sends it: several sizes may be ticked."""

    text: Words = ""
    choice: Annotated[str, StringConstraints(max_length=300)] = ""
    formats: list[str] | str = Field(default_factory=list)
    key: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""


class MessageView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    number: int = Field(description="Place in the conversation, from 1")
    role: Literal["user", "assistant", "tool"]
    body: dict[str, Any] = Field(
        description="`text`; of an assistant also `calls`, `options` and `ads`; of a tool its `name`, `ok`, `ads`"
    )
    created_at: datetime


class TurnView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    status: Literal["waiting", "running", "done", "failed", "stopped"]
    problem: str = Field(description="Why there is no answer, by name; empty: there is one, or it is being made")


class ChatView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    created_at: datetime
    touched_at: datetime = Field(description="When something was last said")


class ChatDetails(ChatView):
    turn: TurnView | None = Field(description="The last question and how far its answer is")


class ChatPage(BaseModel):
    chats: list[ChatView]
    next_cursor: str | None


class MessagePage(BaseModel):
    messages: list[MessageView]
    next_cursor: str | None = Field(description="For those that were said before")


class Said(BaseModel):
    """A question that was taken down."""

    turn: TurnView
    messages: list[MessageView]
