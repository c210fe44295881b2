"""An aiserver in memory, for tests and demos of its clients: same interface, same errors, jobs end when waited for.

It makes no pictures: every output is one small PNG. What is checked is what a client can get wrong.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from nanococoa_client.api import FINISHED, ImagesAs, JobEvent
from nanococoa_client.errors import (
    ArtifactNotFound,
    InvalidParameter,
    InvalidPrompt,
    JobNotFound,
    JobNotResumable,
    ModelUnavailable,
)
from nanococoa_client.fake_layer import layer_of, rendered
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import (
    AdCopy,
    AdLayer,
    AnalyzeRequest,
    Checks,
    ClipScoreRequest,
    CutoutRequest,
    EditInfo,
    EditRequest,
    FontFamily,
    FormatSpec,
    GenerateRequest,
    JobAccepted,
    JobPage,
    JobStatus,
    JobSummary,
    LegibilityCheck,
    LightResult,
    RenderRequest,
    Resources,
    SelfCheck,
    SelfCheckAttempt,
    StatusResponse,
)
from nanococoa_client.schemas.requests import TEXT_LIMIT

PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGPM9zNnYGBgYmBgYGBgAAAL0gD40SgY1gAAAABJRU5ErkJggg=="
)
STEPS: Final = ("segment", "background", "composite", "refine", "self_check", "analyse", "design", "render", "export")
EDIT_STEPS: Final = ("look", "locate", "edit", "check", "finish")
FORMATS: Final = {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920), "wide": (1200, 628)}


@dataclass
class _Job:
    id: str
    kind: str
    request: GenerateRequest | EditRequest
    status: JobStatus = "pending"
    layer: AdLayer | None = None
    parent: str | None = None
    result: dict[str, Any] | None = None
    events: list[JobEvent] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class FakeAiserver:
    """``hold=True`` keeps new ads and edits pending until ``finish`` is called, so that a test can stop or watch them.

    ``engine="diffusion"`` edits; the studio, like the real one, says what it would need.
    """

    def __init__(self, *, locale: Locale = "ko", hold: bool = False, engine: str = "studio") -> None:
        self.hold = hold
        self._engine = engine
        self._locale: Locale = locale
        self._jobs: dict[str, _Job] = {}
        self._keys: dict[str, tuple[str, GenerateRequest | EditRequest]] = {}
        self._files: dict[str, bytes] = {}
        self._changed = asyncio.Event()
        self._picture = self._put(PICTURE)

    def finish(self, job_id: str) -> None:
        """Let a held job end well."""
        job = self._found(job_id)
        for step in _steps(job.kind):
            self._tell(job, "step", {"step": step, "status": "running"})
        self._end(job, "completed")

    async def generate(self, request: GenerateRequest) -> JobAccepted:
        self._check(request)
        return self._start("ad", request)

    async def edit(self, request: EditRequest) -> JobAccepted:
        if self._engine != "diffusion" and not request.test_mode:
            raise ModelUnavailable("editing_unavailable", model="FLUX.2", install="ENGINE=diffusion")
        if not request.instruction.strip():
            raise InvalidPrompt("instruction_empty")
        if len(request.instruction) > TEXT_LIMIT:
            raise InvalidPrompt("prompt_too_long", length=len(request.instruction), limit=TEXT_LIMIT)
        if request.mask is not None and request.mode != "local":
            raise InvalidParameter(field="mask", reason=say("reasons", "mask_needs_local", self._locale))
        return self._start("edit", request)

    def _start(self, kind: str, request: GenerateRequest | EditRequest) -> JobAccepted:
        if (key := request.idempotency_key) in self._keys and key is not None:
            return self._again(key, request)
        job = self._new(kind, request)
        if key is not None:
            self._keys[key] = (job.id, request)
        if not self.hold:
            self.finish(job.id)
        return JobAccepted(job_id=job.id, status="pending", message=self._say("accepted", job_id=job.id))

    async def status(self, job_id: str, images: ImagesAs = "url") -> StatusResponse:
        job = self._found(job_id)
        done = job.status == "completed"
        shown = self._shown(images) if done else None
        return StatusResponse(
            job_id=job.id,
            status=job.status,
            progress_percent=100 if done else 0,
            message=self._say(job.status),
            parameters=job.request.model_dump(mode="json"),
            step1_result=shown,
            final_result=shown,
            outputs=dict.fromkeys(_outputs(job.request), self._link()) if done else {},
            layer=job.layer if done else None,
            engine=self._engine,
            edit=_edit_info(job, shown),
            checks=Checks(self_check=SELF_CHECK) if done and job.kind == "edit" else Checks(),
            result=job.result if done else None,
            created_at=job.created,
        )

    async def events(self, job_id: str, after: int = 0) -> AsyncIterator[JobEvent]:
        while True:
            job = self._found(job_id)
            changed = self._changed
            for event in [event for event in job.events if event.id > after]:
                after = event.id
                yield event
            if job.status in FINISHED:
                return
            await changed.wait()

    async def wait(self, job_id: str, seconds: float | None = None, images: ImagesAs = "url") -> StatusResponse:
        async with asyncio.timeout(seconds):
            async for _ in self.events(job_id):
                pass
            return await self.status(job_id, images)

    async def stop(self, job_id: str) -> JobAccepted:
        job = self._found(job_id)
        if job.status not in FINISHED:
            self._end(job, "stopped")
        return JobAccepted(job_id=job.id, status=job.status, message=self._say(job.status))

    async def resume(
        self, job_id: str, from_step: str | None = None, changes: dict[str, Any] | None = None
    ) -> JobAccepted:
        job = self._found(job_id)
        if from_step is not None:
            return self._fork(job, from_step, changes or {})
        if job.status not in ("failed", "stopped"):
            raise JobNotResumable(status=job.status)
        job.status = "pending"
        self.finish(job.id)
        return JobAccepted(job_id=job.id, status="pending", message=self._say("resumed"))

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
        chosen = {job_id for key, (job_id, _) in self._keys.items() if key.startswith(key_prefix or "")}
        found = [
            _summary(job, self._say(job.status))
            for job in reversed(self._jobs.values())
            if status in (None, job.status)
            and kind in (None, job.kind)
            and (since is None or job.created >= since)
            and (key_prefix is None or job.id in chosen)
        ]
        return JobPage(jobs=found[offset : offset + limit], total=len(found), limit=limit, offset=offset)

    async def delete(self, job_id: str) -> None:
        self._found(job_id)
        del self._jobs[job_id]

    async def artifact(self, artifact: str) -> bytes:
        name = artifact.rsplit("/", 1)[-1]
        if name not in self._files:
            raise ArtifactNotFound(id=name)
        return self._files[name]

    async def cutout(self, request: CutoutRequest) -> LightResult:
        result = {"cutout": self._link(), "confidence": 0.97, "verdict": "ok"}
        return self._light("cutout", result, {"cutout": self._link()})

    async def render(self, request: RenderRequest) -> LightResult:
        layer = request.layer or self._found(request.job_id or "").layer
        if layer is None:
            raise InvalidParameter(field="job_id", reason=say("reasons", "no_layer", self._locale))
        self._files |= {name: base64.b64decode(content) for name, content in request.files.items()}
        if layer.cutout not in self._files:
            raise ArtifactNotFound(id=layer.cutout)
        fresh = rendered(layer, request, FORMATS, self._picture)
        checks = {"checks": Checks(legibility=LEGIBLE).model_dump(mode="json")}
        answer = self._light(
            "render",
            {"layer": fresh.model_dump(mode="json"), **checks},
            dict.fromkeys(request.formats or list(layer.formats), self._link()),
        )
        self._jobs[answer.job_id].layer = fresh
        return answer

    async def analyze(self, request: AnalyzeRequest) -> LightResult:
        if request.question:
            raise ModelUnavailable(model="Qwen3-VL", install="ENGINE=diffusion")
        return self._light("analyze", {"text": "", "palette": ["#6f4e37"], "brightness": 0.5, "busy": 0.1}, {})

    async def clip_score(self, request: ClipScoreRequest) -> LightResult:
        raise ModelUnavailable(model="CLIP", install="ENGINE=diffusion")

    async def formats(self) -> list[FormatSpec]:
        return [_format(name, *size) for name, size in FORMATS.items()]

    async def fonts(self) -> list[FontFamily]:
        return [FontFamily(family="NanumGothic", weights=[400, 700], category="sans", hangul_syllables=11172)]

    async def font(self, family: str, weight: int, text: str) -> bytes:
        if family != "NanumGothic":
            raise InvalidParameter(field="family", reason=say("reasons", "font_unknown", self._locale, name=family))
        return b"OTTO"

    async def resources(self) -> Resources:
        names = {"formats": list(FORMATS), "fonts": ["NanumGothic"], "styles": ["shout"], "scenes": ["wood"]}
        return Resources(**names, engine="fake", models={"clip": False})

    async def health(self) -> bool:
        return True

    def _check(self, request: GenerateRequest) -> None:
        text = request.text_content
        if text is not None and not text.strip():
            raise InvalidPrompt
        if text is not None and len(text) > TEXT_LIMIT:
            raise InvalidPrompt("prompt_too_long", length=len(text), limit=TEXT_LIMIT)
        if unknown := [name for name in request.formats if name not in (*FORMATS, "all")]:
            raise InvalidParameter("format_unknown", field="formats", name=unknown[0], known=", ".join(FORMATS))
        if request.start_step == 2 and not request.step1_image and not request.test_mode:
            raise InvalidParameter("step1_image_required", field="step1_image")
        if request.start_step == 1 and not (request.product_image or request.cutout_image or request.test_mode):
            raise InvalidParameter("product_image_required", field="product_image")
        if request.start_step == 1 and not (request.bg_prompt.strip() or request.test_mode):
            raise InvalidPrompt("background_empty")

    def _again(self, key: str, request: GenerateRequest | EditRequest) -> JobAccepted:
        job_id, first = self._keys[key]
        if first != request:
            raise InvalidParameter("idempotency_key_reused", job_id=job_id)
        return JobAccepted(job_id=job_id, status=self._found(job_id).status, message=self._say("known"))

    def _fork(self, job: _Job, from_step: str, changes: dict[str, Any]) -> JobAccepted:
        if from_step not in (steps := _steps(job.kind)):
            raise InvalidParameter(
                field="from_step", reason=say("reasons", "step", self._locale, known=", ".join(steps))
            )
        fork = self._new(job.kind, type(job.request).model_validate(job.request.model_dump() | changes), job.id)
        self.finish(fork.id)
        message = self._say("forked", from_step=from_step)
        return JobAccepted(job_id=fork.id, status="pending", message=message)

    def _light(self, kind: str, result: dict[str, Any], outputs: dict[str, str]) -> LightResult:
        job = self._new(kind, GenerateRequest())
        job.result = result
        self._end(job, "completed")
        return LightResult(
            job_id=job.id, status="completed", message=self._say("completed"), result=result, outputs=outputs
        )

    def _new(self, kind: str, request: GenerateRequest | EditRequest, parent: str | None = None) -> _Job:
        job = _Job(str(uuid4()), kind, request, parent=parent)
        self._jobs[job.id] = job
        self._tell(job, "pending", {"status": "pending"})
        return job

    def _end(self, job: _Job, status: JobStatus) -> None:
        job.status = status
        if isinstance(job.request, GenerateRequest) and status == "completed" and job.request.text_content:
            copy = job.request.fields or AdCopy(headline=job.request.text_content)
            sizes = {name: FORMATS[name] for name in job.request.formats if name in FORMATS}
            job.layer = layer_of(copy, job.request.style or "shout", sizes, self._picture)
        self._tell(job, status, {"status": status, "progress_percent": 100.0 if status == "completed" else 0.0})

    def _tell(self, job: _Job, name: str, data: dict[str, Any]) -> None:
        number = 1 + sum(len(other.events) for other in self._jobs.values())
        job.events.append(JobEvent(number, name, {"job_id": job.id, **data}))
        self._changed.set()
        self._changed = asyncio.Event()

    def _found(self, job_id: str) -> _Job:
        if job_id not in self._jobs:
            raise JobNotFound(id=job_id)
        return self._jobs[job_id]

    def _put(self, data: bytes) -> str:
        name = f"{hashlib.sha256(data).hexdigest()}.png"
        self._files[name] = data
        return name

    def _link(self) -> str:
        return f"/artifacts/{self._picture}"

    def _shown(self, images: ImagesAs) -> str | None:
        if images == "inline":
            return f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
        return self._link() if images == "url" else None

    def _say(self, key: str, **values: Any) -> str:
        return say("status", key, self._locale, **values)


LEGIBLE: Final = LegibilityCheck(passed=True, glyphs=12, worst_contrast=9.1)
SELF_CHECK: Final = SelfCheck(
    verdict="pass",
    clip_score=27.4,
    attempts=1,
    kept=1,
    tried=[SelfCheckAttempt(prompt="fake", verdict="pass", clip_score=27.4)],
)


def _steps(kind: str) -> tuple[str, ...]:
    return EDIT_STEPS if kind == "edit" else STEPS


def _outputs(request: GenerateRequest | EditRequest) -> list[str]:
    """Names of the finished files."""
    return ["edited"] if isinstance(request, EditRequest) else request.formats


def _edit_info(job: _Job, shown: str | None) -> EditInfo | None:
    if not isinstance(job.request, EditRequest):
        return None
    if job.status != "completed":
        return EditInfo(mode=job.request.mode)
    told = EditInfo(mode=job.request.mode, description="a picture", prompt=job.request.instruction, target="thing")
    if job.request.mode == "global":
        return told
    return told.model_copy(update={"mask": shown, "outside_difference": 0, "label": "thing", "score": 0.9})


def _summary(job: _Job, message: str) -> JobSummary:
    return JobSummary(
        job_id=job.id,
        kind=job.kind,
        status=job.status,
        progress_percent=100 if job.status == "completed" else 0,
        message=message,
        created_at=job.created,
        parent_id=job.parent,
    )


def _format(name: str, width: int, height: int) -> FormatSpec:
    return FormatSpec(
        name=name, title_ko=name, title_en=name, width=width, height=height, source="fake", checked="2026-11-01"
    )
