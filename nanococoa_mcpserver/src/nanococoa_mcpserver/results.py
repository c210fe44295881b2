"""What the tools answer, typed: an LLM's host reads the schema, the LLM the fields."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from nanococoa_client.schemas import AdCopy, Checks, FontFamily, FormatSpec, GpuInfo, JobStatus, JobSummary

NEXT = Field(description="What to do next")


class Started(BaseModel):
    """A job that was accepted; it works on by itself."""

    job_id: str = Field(description="Pass it to check_generation_status")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    message: str = Field(description="For a person")
    next: str = NEXT


class Picture(BaseModel):
    """One finished picture."""

    format: str = Field(description="Its placement, e.g. square")
    url: str | None = Field(description="The full-size file; show it to the user. null: read `resource` instead")
    preview_url: str | None = Field(default=None, description="A small copy of it")
    resource: str = Field(description="Readable with resources/read, under 700 KB")
    image_id: str = Field(description="Pass it to any tool that takes an image, instead of uploading")


class Failure(BaseModel):
    code: str = Field(description="Stable, machine-readable")
    message: str = Field(description="What happened and what to do")


class JobState(BaseModel):
    """A job now."""

    job_id: str = Field(description="The job's id")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    progress_percent: float = Field(default=0, description="0 to 100")
    step: str | None = Field(default=None, description="The piece of work under way")
    message: str = Field(default="", description="What is happening, for a person")
    elapsed_sec: float = Field(default=0, description="Seconds of work so far")
    eta_seconds: float | None = Field(default=None, description="Seconds left; null when not known")
    queue_position: int | None = Field(default=None, description="1 is next; null when not waiting")
    engine: str | None = Field(default=None, description="studio (no model weights) or diffusion")
    images: list[Picture] = Field(default=[], description="The finished pictures, one for each format")
    copy_fields: AdCopy | None = Field(default=None, description="The ad's text by field, as edit_ad_text takes it")
    style: str | None = Field(default=None, description="The text style it was set in")
    other_styles: list[str] = Field(default=[], description="Styles that suit as well, best first, for edit_ad_text")
    checks: Checks = Field(default=Checks(), description="What was measured on the finished pictures")
    warnings: list[str] = Field(default=[], description="What a person should look at")
    homepage_url: str | None = Field(default=None, description="Where the finished homepage is")
    error: Failure | None = Field(default=None, description="Why it failed")
    next: str = NEXT


class Stopped(BaseModel):
    job_id: str = Field(description="The job's id")
    status: JobStatus = Field(description="Its state now")
    stopped: bool = Field(description="Whether this call stopped it; false when it had already ended")
    message: str = Field(description="For a person: that it was stopped, or why not")


class Jobs(BaseModel):
    jobs: list[JobSummary] = Field(description="Newest first")
    total: int = Field(description="How many there are in all")


class ImageAnalysis(BaseModel):
    """What is in a picture."""

    text: str = Field(description="What was seen, or the answer to the question")
    palette: list[str] = Field(default=[], description="Its main colours, #RRGGBB")
    brightness: float | None = Field(default=None, description="0 dark to 1 bright")
    busy: float | None = Field(default=None, description="0 calm to 1 busy: text needs calm places")
    free_space: dict[str, float] = Field(default={}, description="By side, the share of the picture that is free")
    image_id: str | None = Field(default=None, description="Set when an image_id was given")


class ClipScore(BaseModel):
    """How well a picture and a text fit."""

    score: float = Field(description="0 to 100; compare only scores of the same model_type")
    interpretation: str = Field(description="What that number means for this model")
    model_type: str = Field(description="openai or koclip")


class Fonts(BaseModel):
    fonts: list[FontFamily] = Field(description="Families, with weights and how much Hangul each draws")


class Formats(BaseModel):
    formats: list[FormatSpec] = Field(description="Placements, the common ones first")


class Service(BaseModel):
    name: str = Field(description="Which service")
    answers: bool = Field(description="Whether it answers now")
    does: str = Field(description="Which tools need it")


class Queue(BaseModel):
    waiting: int = Field(description="Jobs that wait")
    running: int = Field(description="Jobs under way")


class SystemStatus(BaseModel):
    services: list[Service] = Field(description="The suite's services")
    engine: str | None = Field(default=None, description="studio or diffusion; null while the aiserver is away")
    models: dict[str, bool] = Field(default={}, description="Model-backed abilities: is the model there?")
    queue: Queue | None = Field(default=None, description="null while the aiserver is away")
    gpu_info: list[GpuInfo] = Field(default=[], description="One entry for each GPU, as the latest job saw it")
    cpu_percent: float | None = Field(default=None, description="The aiserver's machine")
    ram_percent: float | None = Field(default=None, description="The aiserver's machine")
    note: str = Field(default="", description="What can't be done here")
    checked_at: datetime = Field(description="When it was looked")
