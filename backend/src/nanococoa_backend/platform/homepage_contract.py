"""What the dashboard and the homepage service say to each other: the one place where that contract is written down.

Service-to-service calls carry ``Authorization: Bearer``. Failures are the suite's error envelope, job states those of
ads. What starts a job takes an ``Idempotency-Key``: the same key again answers with the same job.

====== ======================================== ===================================== =======================
GET    /health                                  any status below 500: it is there
GET    /options                                                                       Options
POST   /generate                                Commission                            Accepted
GET    /status/{job_id}                                                               JobState
GET    /jobs/{job_id}/events                    server-sent, one at each change       JobState
GET    /jobs/{job_id}/screenshots/{name}                                              WebP, PNG or JPEG
POST   /stop/{job_id}                                                                 Accepted
GET    /sites                                                                         list of Site
GET    /sites/{slug}/versions                                                         Versions, newest first
GET    /sites/{slug}/versions/{id}                                                    Sections
GET    /sites/{slug}/versions/{id}/preview/…    the version's files, links relative
POST   /sites/{slug}/edit                       Edit                                  Accepted
POST   /sites/{slug}/publish, …/rollback        VersionChoice                         Published
POST   /sites/{slug}/unpublish                                                        Published
GET    /sites/{slug}/export.zip?version=                                              ZIP
DELETE /sites/{slug}                                                                  204, for good
====== ======================================== ===================================== =======================

An edit is a job, because its result passes the gate as well; it makes a version, which nobody sees before it is
published. Nothing is published by ``/generate`` when ``publish`` is false. docs/decisions says why.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""Of versions, jobs, sections and screenshots: they become parts of addresses."""

State: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]
Agent: TypeAlias = Literal["planner", "designer", "developer", "reviewer", "publisher"]
AGENTS: Final[tuple[Agent, ...]] = ("planner", "designer", "developer", "reviewer", "publisher")


class Answer(BaseModel):
    """An answer may say more than is read of it."""

    model_config = ConfigDict(extra="ignore")


class Title(Answer):
    """What a thing is called, in both languages."""

    title_ko: str = Field(max_length=200)
    title_en: str = Field(max_length=200)


class Theme(Title):
    name: Name
    text_ko: str = Field("", max_length=300)
    text_en: str = Field("", max_length=300)


class Options(Answer):
    """``themes`` are what ``style`` may name."""

    themes: list[Theme] = Field(default=[], max_length=60)


class Commission(BaseModel):
    """A page to make. Pictures are data URIs; nothing but what is here may be said on the page."""

    business_info: dict[str, Any] = Field(
        description="name, trade, description, address, phone, opening_hours; footer (legal_name, representative, "
        "registration_number, mail_order_number, email); brand (color, accent, font, logo)"
    )
    style: str | None = Field(None, description="A theme's name; null: what suits the trade")
    wishes: str = Field("", description="How it should be, in the owner's words")
    pages: Literal["one", "several"] = "one"
    products: list[dict[str, Any]] = Field(description="id, name, price, unit, description, image")
    ads: list[dict[str, Any]] = Field(description="id, title, words, image, width, height")
    locale: Literal["ko", "en"] = "ko"
    publish: bool = Field(True, description="false: the result is a version to look at")


class Accepted(Answer):
    job_id: Name
    status: State


class Screenshot(Answer):
    name: Name
    width: int = Field(0, ge=0, description="Of the screen it was taken on")


class Result(Answer):
    """What a finished job made."""

    slug: Slug
    version: Name
    homepage_url: str | None = Field(None, max_length=500, description="null: not published")


class JobState(Answer):
    job_id: Name
    status: State
    progress_percent: float = Field(0, ge=0, le=100)
    agent: str | None = Field(None, description="One of AGENTS")
    step: str = Field("", max_length=200, description="What the agent does just now, a short code")
    eta_seconds: float | None = None
    queue_position: int | None = None
    screenshots: list[Screenshot] = Field(default=[], max_length=100)
    result: Result | None = None
    error: dict[str, Any] | None = Field(None, description="The envelope's inside: code, message, details")


class Version(Answer):
    id: Name
    created_at: datetime
    changes: list[Annotated[str, Field(max_length=500)]] = Field(default=[], max_length=100)


class Site(Answer):
    """``published`` is the version the world sees; null: none."""

    slug: Slug
    published: Name | None = None
    homepage_url: str | None = Field(None, max_length=500)


class Versions(Site):
    versions: list[Version] = Field(max_length=1000)


class SectionField(Title):
    """One text of a section that may be changed by hand. ``lines``: a line for each entry of a list."""

    name: Name
    kind: Literal["line", "text", "lines"] = "line"
    value: str = Field("", max_length=20_000)
    max_length: int = Field(2000, ge=1, le=20_000)


class Section(Title):
    id: Name
    page: str = Field("", max_length=80)
    hidden: bool = False
    fixed: bool = Field(False, description="It can be neither hidden nor moved, as the footer")
    summary: str = Field("", max_length=500)
    fields: list[SectionField] = Field(default=[], max_length=60)


class Sections(Answer):
    id: Name
    sections: list[Section] = Field(max_length=200)


class Patch(BaseModel):
    """Changes to one section; what is null stays as it is."""

    fields: dict[str, str] | None = None
    hidden: bool | None = None
    move: Literal["up", "down"] | None = None


class Edit(BaseModel):
    """A change to the version ``base``: by words or by a patch, one of the two. A patch names its section."""

    base: str
    section: str | None = None
    instruction: str | None = None
    patch: Patch | None = None
    locale: Literal["ko", "en"] = "ko"


class VersionChoice(BaseModel):
    version: str


class Published(Answer):
    slug: Slug
    version: Name | None = None
    homepage_url: str | None = Field(None, max_length=500)
