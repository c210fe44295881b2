"""What requests and answers hold. The dashboard keeps the same contract in a file of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeAlias

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from homepage_generator.api.problems import complaint

Slug: TypeAlias = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="The site's name in its address")
]
VersionId: TypeAlias = Annotated[str, Path(pattern=r"^v[1-9][0-9]{0,8}$", description="A version of the site")]
JobId: TypeAlias = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="From the answer that began the job")]
State: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]


class Commission(BaseModel):
    """A page to make. Nothing but what is here may be said on it; what is left out is not shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "business_info": {
                        "name": "햇살과일",
                        "trade": "과일 가게",
                        "address": "서울 마포구 망원로 1",
                        "phone": "02-123-4567",
                        "opening_hours": "월–토 08:00–20:30, 일요일 휴무",
                    },
                    "products": [{"name": "부사 사과", "unit": "5kg", "price": "39,900원"}],
                    "locale": "ko",
                }
            ]
        }
    )

    business_info: dict[str, Any] = Field(
        description="name (needed), trade, description, address, phone, opening_hours; footer (legal_name, "
        "representative, registration_number, mail_order_number, email); brand (color, accent, font, logo); and what "
        "else the shop wants to show: menu, seasons, process, timetable, reviews, faq, notices, facts, form"
    )
    style: str | None = Field(None, max_length=200, description="A theme's name, or words; null: what suits the trade")
    wishes: str = Field("", max_length=2000, description="How it should be, in the owner's words")
    pages: Literal["one", "several"] = Field("one", description="One long page, or several short ones")
    products: list[dict[str, Any]] = Field([], description="id, name, price, unit, description, image (a data URI)")
    ads: list[dict[str, Any]] = Field([], description="id, title, words, image, width, height")
    locale: Literal["ko", "en"] = Field("ko", description="The page's language")
    publish: bool = Field(True, description="false: the result is a version to look at")
    approve: bool = Field(False, description="true: the finished page waits for POST /jobs/{job_id}/answer")
    slug: str | None = Field(
        None, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="A site of ours to make anew; null: a new site"
    )


class Accepted(BaseModel):
    job_id: str = Field(description="Ask for its state with this")
    status: State = Field(description="The job's state now")
    message: str = Field("", description="The same for a person")


class Screenshot(BaseModel):
    name: str = Field(description="Part of GET /jobs/{job_id}/screenshots/{name}")
    width: int = Field(description="Of the screen it was taken on")


class Result(BaseModel):
    slug: str = Field(description="The site's name")
    version: str = Field(description="The version that was made")
    homepage_url: str | None = Field(description="Where the world sees it; null: not published")


class JobState(BaseModel):
    job_id: str = Field(description="The job's id")
    kind: str = Field(description="make or edit")
    status: State = Field(description="pending → running → completed, failed or stopped")
    message: str = Field(description="What is happening, for a person")
    progress_percent: float = Field(description="0 to 100")
    agent: str | None = Field(description="planner, designer, developer, reviewer or publisher")
    step: str = Field(description="What the agent does just now, a short code")
    awaits_approval: bool = Field(description="The page is finished and waits for POST /jobs/{job_id}/answer")
    eta_seconds: float | None = Field(description="Until it is done, from what earlier jobs took")
    queue_position: int | None = Field(description="1 is next; null: not waiting")
    screenshots: list[Screenshot] = Field(description="The page so far")
    warnings: list[str] = Field(description="What was left out or done in another way, for a person")
    result: Result | None = Field(description="What a completed job made")
    error: dict[str, Any] | None = Field(description="Why it failed: code, message, details")
    created_at: datetime = Field(description="When it was asked for")
    finished_at: datetime | None = Field(description="When it ended")


class Answered(BaseModel):
    """The owner's word on a finished page."""

    approved: bool = Field(description="true: go on and publish; false: change it")
    words: str = Field("", max_length=2000, description="What to change")


class Theme(BaseModel):
    name: str = Field(description="What `style` may be")
    title_ko: str = Field(description="Its name in Korean")
    title_en: str = Field(description="Its name in English")
    text_ko: str = Field(description="How it looks, in Korean")
    text_en: str = Field(description="How it looks, in English")


class Options(BaseModel):
    themes: list[Theme] = Field(description="Looks to choose from")


class SiteView(BaseModel):
    slug: str = Field(description="The site's name")
    name: str = Field(description="The shop's name")
    published: str | None = Field(description="The version the world sees; null: none")
    homepage_url: str | None = Field(description="Where the world sees it")


class VersionView(BaseModel):
    id: str = Field(description="The version's id")
    created_at: datetime = Field(description="When it was made")
    changes: list[str] = Field(description="What is different from the version it was made of, in words")


class VersionsView(SiteView):
    versions: list[VersionView] = Field(description="Newest first")


class VersionChoice(BaseModel):
    version: str = Field(pattern=r"^v[1-9][0-9]{0,8}$", description="A version of the site")


class Published(BaseModel):
    slug: str = Field(description="The site's name")
    version: str | None = Field(description="What the world sees now; null: nothing")
    homepage_url: str | None = Field(description="Where")


class PatchIn(BaseModel):
    """Changes to one section; what is null stays as it is."""

    fields: dict[str, str] | None = Field(None, description="New texts by the field's name")
    hidden: bool | None = Field(None, description="true: not shown")
    move: Literal["up", "down"] | None = Field(None, description="One place up or down")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.fields is None and self.hidden is None and self.move is None:
            raise complaint("empty")
        return self


class EditIn(BaseModel):
    """A change to the version ``base``: by words or by a patch, one of the two."""

    base: str | None = Field(None, pattern=r"^v[1-9][0-9]{0,8}$", description="The version to change; null: the newest")
    section: str | None = Field(None, max_length=40, description="The section it is about; null: the whole page")
    instruction: str | None = Field(None, min_length=1, max_length=2000, description="What to change, in words")
    patch: PatchIn | None = Field(None, description="What to change, exactly")
    locale: Literal["ko", "en"] = Field("ko", description="The language of the answer")
    publish: bool = Field(False, description="true: show the result to the world")

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.instruction is None) == (self.patch is None):
            raise complaint("one_of_two")
        if self.patch is not None and self.section is None:
            raise complaint("patch_section")
        return self


class MessageView(BaseModel):
    id: str = Field(description="The message's id")
    created_at: datetime = Field(description="When it came")
    name: str = Field(description="Who wrote")
    reply: str = Field(description="Phone number or mail address to answer to")
    when: str = Field(description="The time a reservation asks for")
    message: str = Field(description="What they wrote")
    page: str = Field(description="The page it was sent from")
    delivered_at: datetime | None = Field(description="When the dashboard's inbox took it; null: not yet")


class Messages(BaseModel):
    messages: list[MessageView] = Field(description="Newest first")


class Health(BaseModel):
    status: Literal["ok"] = Field(description="The process runs")
    version: str = Field(description="Of the service")


class Readiness(BaseModel):
    ready: bool = Field(description="Pages can be made and shown")
    database: bool = Field(description="The database answers")
    store: bool = Field(description="Files can be written")
