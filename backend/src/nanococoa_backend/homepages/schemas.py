"""What forms and API bodies of homepages hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from nanococoa_backend.platform.homepage_contract import Name, Section, Version

MOST_PRODUCTS = 24
MOST_ADS = 8


def _listed(value: Any) -> Any:
    """One box of a form that is ticked is a text, not a list; nothing counts twice."""
    given = [value] if isinstance(value, str) else value
    return list(dict.fromkeys(given)) if isinstance(given, list) else given


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


Products = Annotated[list[uuid.UUID], BeforeValidator(_listed), Field(max_length=MOST_PRODUCTS)]
Ads = Annotated[list[uuid.UUID], BeforeValidator(_listed), Field(max_length=MOST_ADS)]
Text = StringConstraints(strip_whitespace=True, max_length=500)


class HomepageOrder(BaseModel):
    """A page to make. An empty body is enough: the newest products and ads go on it, the look suits the trade."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = Field(
        "", description="What the page is called in the dashboard; empty: the shop's name"
    )
    style: Annotated[Name | None, BeforeValidator(_empty_is_none)] = Field(
        None, description="A theme from `GET /api/v1/homepages/options`; null: what suits the trade"
    )
    wishes: Annotated[str, Text] = Field("", description="How it should be, in own words", examples=["따뜻한 느낌으로"])
    pages: Literal["one", "several"] = Field("one", description="One long page, or several with a menu")
    products: Products | None = Field(None, description="Ids of products to show; null: the 24 newest")
    ads: Ads | None = Field(None, description="Ids of finished ads to show; null: the 4 newest")
    locale: Literal["ko", "en"] = Field("ko", description="The language the page is written in")


class OrderForm(HomepageOrder):
    """The page's form, where no box ticked means none."""

    products: Products | None = []
    ads: Ads | None = []
    key: Annotated[str, StringConstraints(max_length=64)] = ""


class PatchIn(BaseModel):
    """Changes to one section by hand; what is absent stays as it is."""

    fields: dict[Name, Annotated[str, Field(max_length=20_000)]] | None = Field(
        None, max_length=60, description="Texts by their names"
    )
    hidden: bool | None = Field(None, description="true: the section is left out")
    move: Literal["up", "down"] | None = Field(None, description="One place up or down")


class EditIn(BaseModel):
    """By words (`instruction`, for the whole page or one section), or by hand (`patch`, for one section)."""

    section: Name | None = Field(None, description="A section's id; null: the whole page")
    instruction: Annotated[str, Text] = Field("", description="What to change", examples=["전화 버튼을 더 크게 해 줘"])
    patch: PatchIn | None = Field(None, description="What to change by hand")

    @model_validator(mode="after")
    def _one_of_two(self) -> EditIn:
        if bool(self.instruction) == (self.patch is not None):
            raise PydanticCustomError("words_or_patch", "either instruction or patch")
        if self.patch is not None and self.section is None:
            raise PydanticCustomError("words_or_patch", "a patch names its section")
        return self


class WordsForm(BaseModel):
    instruction: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class SwitchForm(BaseModel):
    hidden: bool | None = None
    move: Literal["up", "down"] | None = None


class VersionIn(BaseModel):
    version: Name = Field(description="A version's id")


class ThemeView(BaseModel):
    name: str = Field(description="What `style` may be")
    title: str = Field(description="What it is called")
    text: str = Field(description="What it is like")


class OptionsView(BaseModel):
    available: bool = Field(description="Whether the homepage service answers; if not, orders wait")
    themes: list[ThemeView] = Field(description="Looks to choose from; empty before the service has told them")


class TaskView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The wish's id")
    kind: Literal["make", "edit", "publish", "rollback", "unpublish"] = Field(description="What was wished")
    words: str = Field(description="What it was, for a person")
    status: Literal["waiting", "pending", "running", "completed", "failed", "stopped"] = Field(
        description="waiting (kept here until the service takes it) → pending → running → an end"
    )
    problem: dict[str, Any] | None = Field(description="Why it failed: `code` and `message`")
    created_at: datetime = Field(description="When it was wished")
    finished_at: datetime | None = Field(description="When it ended")


class TaskPage(BaseModel):
    tasks: list[TaskView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class HomepageView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The page's id")
    title: str = Field(description="What it is called here")
    slug: str | None = Field(description="Its name in its address; null before it is made")
    draft: str | None = Field(description="The version that edits build on")
    published: str | None = Field(description="The version the world sees; null: none")
    url: str = Field(description="Where the world sees it; empty: nowhere")
    published_at: datetime | None = Field(description="When it was last published")
    created_at: datetime = Field(description="When it was asked for")


class WholeHomepage(HomepageView):
    versions: list[Version] = Field(description="Newest first")
    sections: list[Section] = Field(description="Of the draft, from top to bottom")
    changes: list[str] = Field(description="What publishing the draft would change, the oldest first")
    tasks: list[TaskView] = Field(description="What waits or runs, in the order of its turn")


class HomepagePage(BaseModel):
    homepages: list[HomepageView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
