"""What a job says of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from nanococoa_client.errors import ErrorBody
from nanococoa_client.schemas.edit import EditInfo
from nanococoa_client.schemas.layer import AdLayer

JobStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]


class JobAccepted(BaseModel):
    job_id: str = Field(description="The job's id")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    message: str = Field(description="For a person, in the request's language")


class GpuInfo(BaseModel):
    index: int = Field(description="The GPU's number")
    name: str = Field(description="The GPU's name")
    vram_used_mb: float = Field(description="Graphics memory in use, MiB")
    vram_total_mb: float = Field(description="Graphics memory there is, MiB")
    vram_percent: float = Field(description="Share of graphics memory in use, per cent")
    utilization: float = Field(description="How busy the GPU is, per cent")


class SystemMetrics(BaseModel):
    cpu_percent: float = Field(description="All cores together, per cent")
    ram_used_gb: float = Field(description="Memory in use, GiB")
    ram_total_gb: float = Field(description="Memory there is, GiB")
    ram_percent: float = Field(description="Share of memory in use, per cent")
    gpu_info: list[GpuInfo] = Field(default=[], description="One entry per GPU; empty without one")


class LegibilityCheck(BaseModel):
    """Measured on the final pixels, per glyph; the worst of all formats."""

    passed: bool = Field(description="Whether every glyph is legible and in its place")
    glyphs: int = Field(description="Glyphs measured")
    worst_contrast: float = Field(description="WCAG contrast ratio of the worst glyph")
    failing: int = Field(default=0, description="Glyphs under 4.5 (3.0 where large)")
    overlap: float = Field(default=0, description="Share of the front text's ink that lies on the product")
    overflow: int = Field(default=0, description="Texts that leave their place or the picture")
    missing: int = Field(default=0, description="Characters of the copy that are not on the picture")


class FidelityCheck(BaseModel):
    core_difference: int = Field(description="Largest difference between the cut-out's core and the finished picture")
    cutout_confidence: float = Field(description="How sure the cut-out is, 0 to 1")
    cutout_verdict: Literal["ok", "uncertain", "given"] = Field(
        description="uncertain: check the edges, or send product_box; given: the customer cut it out"
    )


Verdict: TypeAlias = Literal["pass", "fail", "unknown"]


class SelfCheckAttempt(BaseModel):
    """One picture that was made and looked at."""

    prompt: str = Field(description="What the painting model was told")
    verdict: Verdict = Field(description="The vision-language model's; unknown when its answer said neither")
    reason: str = Field(default="", description="Why, in the model's own words")
    clip_score: float | None = Field(default=None, description="0 to 100: how well picture and prompt fit, by CLIP")


class SelfCheck(BaseModel):
    """Whether the picture shows what was asked for, as a vision-language model sees it. On fail the prompt is revised
    with the reason and the picture made again, twice at most; the best is kept."""

    verdict: Verdict = Field(description="Of the picture that was kept")
    reason: str = Field(default="", description="Why, in the model's own words")
    clip_score: float | None = Field(default=None, description="0 to 100, of the picture that was kept")
    attempts: int = Field(description="Pictures that were made, 1 to 3")
    kept: int = Field(description="Which of them was kept; 1 is the first")
    tried: list[SelfCheckAttempt] = Field(default=[], description="Each of them, in order")


class Checks(BaseModel):
    legibility: LegibilityCheck | None = Field(default=None, description="The worst of all formats")
    legibility_by_format: dict[str, LegibilityCheck] = Field(default={}, description="Each format's own")
    fidelity: FidelityCheck | None = Field(default=None, description="Whether the product is untouched")
    self_check: SelfCheck | None = Field(default=None, description="Whether the picture shows what was asked for")


class StatusResponse(BaseModel):
    """One job's state. Image fields hold data URIs, URLs or null, as ``?images=`` asks."""

    job_id: str = Field(description="The job's id")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    progress_percent: float = Field(description="Weighted by the measured times of the steps")
    current_step: Literal["step1_background", "step2_html_rendering"] | None = Field(
        default=None, description="The half of the work under way: background and product, or text"
    )
    step: str | None = Field(default=None, description="The step under way or last, by its name, e.g. render")
    sub_step: str | None = Field(default=None, description="The piece under way, e.g. flux_bg_generation (10/28)")
    message: str = Field(default="", description="What is happening, in a person's words")
    elapsed_sec: float = Field(default=0, description="Seconds of work so far")
    eta_seconds: float | None = Field(default=None, description="Counted down between updates; negative when late")
    step_eta_seconds: float | None = Field(default=None, description="Seconds left of the step under way")
    system_metrics: SystemMetrics | None = Field(default=None, description="The API machine's load")
    parameters: dict[str, Any] = Field(default={}, description="The request as kept; pictures as artifact ids")
    step1_result: str | None = Field(default=None, description="The picture without text, as soon as it exists")
    step2_result: str | None = Field(default=None, description="The first format with its text")
    final_result: str | None = Field(default=None, description="The first format's finished file")
    error: ErrorBody | None = Field(default=None, description="Why it failed, and what to do")

    engine: str = Field(default="studio", description="studio (no model weights) or diffusion")
    queue_position: int | None = Field(default=None, description="1 is next; null when not waiting")
    outputs: dict[str, str] = Field(default={}, description="URL by format")
    layer: AdLayer | None = Field(default=None, description="The editable text layer; change it with POST /render")
    edit: EditInfo | None = Field(default=None, description="What an edit was understood as; null for an ad")
    checks: Checks = Field(default=Checks(), description="What was measured on the finished pictures")
    result: dict[str, Any] | None = Field(
        default=None, description="What light work found, when it took longer than its request waited; null for an ad"
    )
    warnings: list[str] = Field(default=[], description="What to look at, in a person's words")
    created_at: datetime | None = Field(default=None, description="When the job was accepted")


class JobSummary(BaseModel):
    job_id: str = Field(description="The job's id")
    kind: str = Field(description="ad, edit, cutout, render, analyze or clip_score")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    progress_percent: float = Field(description="How much of the work is done")
    current_step: str | None = Field(default=None, description="The step under way, or the one that failed")
    message: str = Field(default="", description="What is happening, in a person's words")
    created_at: datetime = Field(description="When the job was accepted")
    finished_at: datetime | None = Field(default=None, description="When it ended")
    elapsed_sec: float = Field(default=0, description="Seconds of work so far")
    thumbnail: str | None = Field(default=None, description="URL of a finished or preview picture")
    parent_id: str | None = Field(default=None, description="The job this version was made from")
    step_seconds: dict[str, float] = Field(default={}, description="Seconds each finished step took")


class JobPage(BaseModel):
    jobs: list[JobSummary] = Field(description="This page, newest first")
    total: int = Field(description="How many jobs match in all")
    limit: int = Field(description="Entries asked for")
    offset: int = Field(description="Entries skipped")


class LightResult(BaseModel):
    """The answer of a light endpoint: ``result`` when done in time, else only the job's id."""

    job_id: str = Field(description="The job's id")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    message: str = Field(default="", description="What is happening, in a person's words")
    result: dict[str, Any] | None = Field(default=None, description="What the task found; null when not done")
    outputs: dict[str, str] = Field(default={}, description="Paths of pictures by name")
    warnings: list[str] = Field(default=[], description="What to look at, in a person's words")
