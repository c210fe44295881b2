"""What every client of the aiserver can be asked, the real one and the fake alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from nanococoa_client.schemas import (
    AnalyzeRequest,
    ClipScoreRequest,
    CutoutRequest,
    EditRequest,
    FontFamily,
    FormatSpec,
    GenerateRequest,
    JobAccepted,
    JobPage,
    JobStatus,
    LightResult,
    RenderRequest,
    Resources,
    StatusResponse,
)

ImagesAs: TypeAlias = Literal["inline", "url", "none"]
FINISHED: frozenset[JobStatus] = frozenset({"completed", "failed", "stopped"})


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One change of a job. ``name`` is pending, step, progress, preview, completed, failed or stopped."""

    id: int
    name: str
    data: dict[str, Any]


class Aiserver(Protocol):
    """Every method raises the ``nanococoa_client.errors`` exception of the server's code."""

    async def generate(self, request: GenerateRequest) -> JobAccepted: ...

    async def edit(self, request: EditRequest) -> JobAccepted: ...

    async def status(self, job_id: str, images: ImagesAs = "url") -> StatusResponse: ...

    def events(self, job_id: str, after: int = 0) -> AsyncIterator[JobEvent]:
        """Changes after the event ``after``, until the job's end; goes on by itself after a lost connection."""
        ...

    async def wait(self, job_id: str, seconds: float | None = None, images: ImagesAs = "url") -> StatusResponse:
        """The job's state when it has ended. Raises TimeoutError after ``seconds``."""
        ...

    async def stop(self, job_id: str) -> JobAccepted: ...

    async def resume(
        self, job_id: str, from_step: str | None = None, changes: dict[str, Any] | None = None
    ) -> JobAccepted: ...

    async def list_jobs(
        self,
        *,
        status: JobStatus | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        key_prefix: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> JobPage:
        """Newest first; ``key_prefix``: only those whose idempotency key begins so."""
        ...

    async def delete(self, job_id: str) -> None: ...

    async def artifact(self, artifact: str) -> bytes:
        """The file's bytes; ``artifact`` is an id or a path as answers hold it."""
        ...

    async def cutout(self, request: CutoutRequest) -> LightResult: ...

    async def render(self, request: RenderRequest) -> LightResult: ...

    async def analyze(self, request: AnalyzeRequest) -> LightResult: ...

    async def clip_score(self, request: ClipScoreRequest) -> LightResult: ...

    async def formats(self) -> list[FormatSpec]: ...

    async def fonts(self) -> list[FontFamily]: ...

    async def font(self, family: str, weight: int, text: str) -> bytes:
        """An OpenType font that draws the letters of ``text``, no others."""
        ...

    async def resources(self) -> Resources: ...

    async def health(self) -> bool:
        """Whether the server answers at all; never raises."""
        ...
