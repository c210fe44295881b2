"""What forms and API bodies of picture tools hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Clip: TypeAlias = Literal["openai", "koclip"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
NeededText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


Key = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]


class Question(BaseModel):
    asset_id: uuid.UUID = Field(description="The picture, as kept for the business")
    question: Text = Field("", description="What to know about it; empty: a description, its colours, room for text")
    key: Key = Field("", description="Any text of yours: the same question with the same key is asked once")


class Score(BaseModel):
    asset_id: uuid.UUID = Field(description="The picture, as kept for the business")
    text: NeededText = Field(description="What the picture should show")
    model: Clip = Field("koclip", description="koclip understands Korean; openai is for English")
    key: Key = Field("", description="Any text of yours: the same question with the same key is asked once")


class Change(BaseModel):
    """The page's form for an edit."""

    asset_id: uuid.UUID
    instruction: NeededText
    mode: Literal["global", "local"] = "global"
    keep_product: bool = False
    key: Key = ""


class NoteProgress(BaseModel):
    message: str = Field("", description="What is happening, in words")
    eta_seconds: float | None = Field(None, description="Seconds left, as far as known")
    queue_position: int | None = Field(None, description="1 is next; null when not waiting there")


class NoteProblem(BaseModel):
    code: str = Field(description="For programs and for asking for help")
    message: str = Field(description="What happened and what to do")


class NoteView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The note's id")
    asset_id: uuid.UUID = Field(description="The picture: GET /media/{id}/view")
    kind: Literal["question", "score"] = Field(description="What was asked for")
    words: str = Field(description="The question, or the text that was held against the picture")
    status: Literal["waiting", "running", "done", "failed"] = Field(description="waiting → running → done or failed")
    progress: NoteProgress | None = Field(description="While it is under way, as far as known")
    problem: NoteProblem | None = Field(description="Why it failed")
    answer: dict[str, Any] = Field(
        description="Empty until it is done. question: text, palette, brightness, busy, free_space; "
        "score: score, interpretation, model"
    )
    created_at: datetime = Field(description="When it was asked")


class NotePage(BaseModel):
    notes: list[NoteView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class PictureView(BaseModel):
    id: uuid.UUID = Field(description="The picture's id: GET /media/{id}/original, /view or /thumb")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
