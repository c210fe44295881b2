"""What a job says of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from nanococoa_client.errors import ErrorBody
from nanococoa_client.schemas.layer import AdLayer

JobStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]


class JobAccepted(BaseModel):
    job_id: str
    status: JobStatus
    message: str


class GpuInfo(BaseModel):
    index: int
    name: str
    vram_used_mb: float
    vram_total_mb: float
    vram_percent: float
    utilization: float


class SystemMetrics(BaseModel):
    cpu_percent: float
    ram_used_gb: float
    ram_total_gb: float
    ram_percent: float
    gpu_info: list[GpuInfo] = []


class LegibilityCheck(BaseModel):
    """Measured on the final pixels, per glyph; the worst of all formats."""

    passed: bool
    glyphs: int = Field(description="Glyphs measured")
    worst_contrast: float = Field(description="WCAG contrast ratio of the worst glyph")
    failing: int = Field(0, description="Glyphs under 4.5 (3.0 where large)")
    overlap: float = Field(0, description="Share of the front text's ink that lies on the product")
    overflow: int = Field(0, description="Texts that leave their place or the picture")
    missing: int = Field(0, description="Characters of the copy that are not on the picture")


class FidelityCheck(BaseModel):
    core_difference: int = Field(description="Largest difference between the cut-out's core and the finished picture")
    cutout_confidence: float
    cutout_verdict: Literal["ok", "uncertain", "given"]


class Checks(BaseModel):
    legibility: LegibilityCheck | None = None
    legibility_by_format: dict[str, LegibilityCheck] = {}
    fidelity: FidelityCheck | None = None


class StatusResponse(BaseModel):
    """One job's state. Image fields hold data URIs, URLs or null, as ``?images=`` asks."""

    job_id: str
    status: JobStatus
    progress_percent: float = Field(description="Weighted by the measured times of the steps")
    current_step: Literal["step1_background", "step2_html_rendering"] | None = None
    sub_step: str | None = None
    message: str = ""
    elapsed_sec: float = 0
    eta_seconds: float | None = Field(None, description="Counted down between updates; negative when late")
    step_eta_seconds: float | None = None
    system_metrics: SystemMetrics | None = None
    parameters: dict[str, Any] = {}
    step1_result: str | None = None
    step2_result: str | None = None
    final_result: str | None = None
    error: ErrorBody | None = None

    engine: str = "studio"
    queue_position: int | None = Field(None, description="1 is next; null when not waiting")
    outputs: dict[str, str] = Field({}, description="URL by format")
    layer: AdLayer | None = None
    checks: Checks = Checks()
    warnings: list[str] = []
    created_at: datetime | None = None


class JobSummary(BaseModel):
    job_id: str
    kind: str
    status: JobStatus
    progress_percent: float
    current_step: str | None = None
    message: str = ""
    created_at: datetime
    finished_at: datetime | None = None
    elapsed_sec: float = 0
    thumbnail: str | None = Field(None, description="URL of a finished or preview picture")
    parent_id: str | None = None
    step_seconds: dict[str, float] = {}


class JobPage(BaseModel):
    jobs: list[JobSummary]
    total: int
    limit: int
    offset: int


class LightResult(BaseModel):
    """The answer of a light endpoint: ``result`` when done in time, else only the job's id."""

    job_id: str
    status: JobStatus
    message: str = ""
    result: dict[str, Any] | None = None
    outputs: dict[str, str] = {}
    warnings: list[str] = []
