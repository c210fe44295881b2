"""What the state of the system is told as."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, Field


class Said(BaseModel):
    key: str = Field(description="well, looking, or what is the matter, e.g. aiserver, busy")
    state: str = Field(description="ok, slow or down")
    text: str = Field(description="For the owner, in the request's language")


class ServiceView(BaseModel):
    name: str = Field(description="aiserver, homepages, mcp, database or store")
    state: str = Field(description="ok, slow or down")
    ms: float | None = Field(description="How long it took to answer; null for none; told to administrators")


class LaneView(BaseModel):
    name: str = Field(description="heavy: ads and edits; light: cut-outs and letters")
    waiting: int = Field(description="Jobs waiting, of all shops")
    running: int = Field(description="Jobs being worked on")
    wait_seconds: float = Field(description="How long a new job would wait")


class ComponentView(BaseModel):
    name: str = Field(description="What the weights are of")
    place: str = Field(description="vram, host or disk")
    bytes: int = Field(description="How large they are")


class GpuView(BaseModel):
    worker: str = Field(description="The worker whose device it is")
    total: int = Field(description="Bytes of memory")
    used: int = Field(description="Bytes in use")
    components: list[ComponentView] = Field(description="What lies where")


class MachineView(BaseModel):
    """For administrators alone."""

    engine_note: str = Field(description="Why it is that engine, where ENGINE=auto fell back")
    workers: int | None = Field(description="Workers alive; null when the aiserver did not tell")
    jobs: dict[str, int] = Field(description="Jobs the aiserver keeps, by outcome")
    out_of_memory: int = Field(description="Attempts after memory ran out")
    free: int | None = Field(description="Bytes left for pictures; null where that is not known")
    gpus: list[GpuView] = Field(description="Graphics memory by worker; empty for the studio engine")


class QualityView(BaseModel):
    self_check: float | None = Field(description="Share of recent pictures that were found to be what was asked for")
    legible: float | None = Field(description="Share of recent ads whose text passed the legibility check")
    confidence: float | None = Field(description="Median confidence of recent cut-outs")


class FailureView(BaseModel):
    ad_id: uuid.UUID = Field(description="The ad")
    title: str = Field(description="Its title")
    at: datetime = Field(description="When it failed")
    code: str = Field(description="The failure's code")
    reason: str = Field(description="Why, in words")


class SystemView(BaseModel):
    said: Said = Field(description="One sentence for the owner")
    looked_at: datetime | None = Field(description="When the services were asked; null before the first look")
    engine: str | None = Field(description="studio or diffusion; null while unknown")
    services: list[ServiceView] = Field(description="Each service, as it last answered")
    lanes: list[LaneView] = Field(description="The aiserver's queues")
    quality: QualityView = Field(description="What recent ads were measured at")
    failures: list[FailureView] = Field(description="The business' own recent failures, the latest first")
    machine: MachineView | None = Field(description="For administrators; null for anybody else")
    version: str = Field(description="Changes when anything a person would see does")
