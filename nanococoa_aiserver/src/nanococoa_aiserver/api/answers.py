"""A job's state as clients read it: artifact ids become data URIs or paths, message keys become sentences."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from nanococoa_aiserver.ads.formats import load_formats
from nanococoa_aiserver.api.edit_state import edit_info
from nanococoa_aiserver.api.links import link, with_links
from nanococoa_aiserver.artifacts.store import ArtifactStore, is_artifact_id, media_type_of
from nanococoa_aiserver.errors import ArtifactNotFound
from nanococoa_aiserver.jobs.models import JobRow, JobView
from nanococoa_client.messages import Locale, has, say
from nanococoa_client.schemas import (
    AdLayer,
    Checks,
    JobAccepted,
    JobSummary,
    LightResult,
    StatusResponse,
    SystemMetrics,
)

_UPLOADS: Final = ("product_image", "cutout_image", "image")

ImagesAs: TypeAlias = Literal["inline", "url", "none"]


def status_answer(
    view: JobView, images: ImagesAs, store: ArtifactStore, metrics: SystemMetrics | None, locale: Locale
) -> StatusResponse:
    """One job's whole state. ``images="inline"`` reads the pictures from the store."""

    def shown(artifact: str | None) -> str | None:
        return _shown(artifact, images, store)

    return StatusResponse(
        job_id=view.id,
        status=view.status,
        progress_percent=round(view.percent, 1),
        current_step=_stage(view),
        step=view.step,
        sub_step=view.sub_step,
        message=message_of(view, locale),
        elapsed_sec=round(view.elapsed, 2),
        eta_seconds=_rounded(view.eta),
        step_eta_seconds=_rounded(view.step_eta),
        system_metrics=metrics,
        parameters=view.params,
        step1_result=shown(step1_picture(view)),
        step2_result=shown(step2_picture(view)),
        final_result=shown(final_picture(view)),
        error=error_of(view, locale),
        engine=view.engine,
        queue_position=view.queue_position,
        outputs={name: link(artifact) for name, artifact in view.outputs.items()},
        layer=AdLayer.model_validate(view.layer) if view.layer else None,
        edit=edit_info(view, shown),
        checks=Checks.model_validate(view.checks),
        result=_light_result(view) if view.lane == "light" and view.status == "completed" else None,
        warnings=warnings_of(view, locale),
        created_at=_time(view.created),
    )


def summary(view: JobView, locale: Locale) -> JobSummary:
    picture = final_picture(view) or step1_picture(view) or view.result.get("cutout") or _upload(view)
    return JobSummary(
        job_id=view.id,
        kind=view.kind,
        status=view.status,
        progress_percent=round(view.percent, 1),
        current_step=view.step,
        message=message_of(view, locale),
        created_at=_time(view.created),
        finished_at=_time(view.finished) if view.finished else None,
        elapsed_sec=round(view.elapsed, 2),
        thumbnail=link(picture) if picture else None,
        parent_id=view.parent,
        step_seconds={name: round(seconds, 3) for name, seconds in view.step_seconds.items()},
    )


def accepted(row: JobRow, locale: Locale) -> JobAccepted:
    message = say("status", "known" if row.duplicate else "accepted", locale, job_id=row.id)
    return JobAccepted(job_id=row.id, status=row.status, message=message)


def light_answer(view: JobView, locale: Locale) -> LightResult:
    """A light job's answer; ``result`` only when it is done."""
    if view.status != "completed":
        message = say("status", "stopped" if view.status == "stopped" else "still_working", locale, job_id=view.id)
        return LightResult(job_id=view.id, status=view.status, message=message)
    return LightResult(
        job_id=view.id,
        status=view.status,
        message=message_of(view, locale),
        result=_light_result(view),
        outputs={name: link(artifact) for name, artifact in view.outputs.items()},
        warnings=warnings_of(view, locale),
    )


def _light_result(view: JobView) -> dict[str, Any]:
    """What the task found; a text layer keeps its ids, since it is sent back as it is."""
    rest = {name: value for name, value in view.result.items() if name not in ("warnings", "outputs", "layer")}
    layer = {"layer": view.layer} if view.layer else {}
    linked: dict[str, Any] = with_links(rest)
    return linked | layer


def message_of(view: JobView, locale: Locale) -> str:
    """What is happening, in a person's words."""
    if view.status == "failed" and view.error:
        return view.error.message(locale)
    text = told_message(view.status, view.step, locale)
    if view.status == "pending" and view.queue_position and view.queue_position > 1:
        return f"{text} {say('status', 'pending_ahead', locale, ahead=view.queue_position - 1)}"
    return text


def told_message(status: str, step: str | None, locale: Locale) -> str:
    """The step under way in words, or the status where there is none."""
    if status == "running" and step and has("steps", step):
        return say("steps", step, locale)
    return say("status", status, locale)


def warnings_of(view: JobView, locale: Locale) -> list[str]:
    return [warning_text(key, details, locale) for key, details in view.warnings]


def warning_text(key: str, details: dict[str, Any], locale: Locale) -> str:
    """A warning's sentence; an engine newer than this catalogue is quoted by its key."""
    try:
        return say("warnings", key, locale, **_named(details, locale))
    except KeyError:
        return ": ".join([key, *(str(value) for value in details.values())])


def _named(details: dict[str, Any], locale: Locale) -> dict[str, Any]:
    """A warning's values as people call them: a placement by its title, the copy's fields by their labels."""
    named = dict(details)
    if (spec := load_formats().get(str(details.get("format")))) is not None:
        named["format"] = spec.title_ko if locale == "ko" else spec.title_en
    if isinstance(fields := details.get("fields"), str):
        roles = fields.split(", ")
        named["fields"] = ", ".join(say("labels", role, locale) if has("labels", role) else role for role in roles)
    return named


def step1_picture(view: JobView) -> str | None:
    """The picture without text: stage 1's, or the one the customer brought for stage 2."""
    found = view.previews.get("step1_result") or view.results.get("refine", {}).get("image")
    return found or view.params.get("step1_image")


def step2_picture(view: JobView) -> str | None:
    """The first format with its text, as soon as it is drawn."""
    if found := view.previews.get("step2_result"):
        return found
    drawn: dict[str, str] = view.results.get("render", {}).get("images") or {}
    return next((artifact for artifact in drawn.values() if is_artifact_id(artifact)), None)


def final_picture(view: JobView) -> str | None:
    return next(iter(view.outputs.values()), None)


def error_of(view: JobView, locale: Locale) -> Any:
    if view.error is None:
        return None
    body = view.error.envelope(locale).error
    return body.model_copy(update={"details": with_links(body.details), "job_id": view.id})


def _upload(view: JobView) -> str | None:
    """The customer's own picture, until there is a better one."""
    return next((picture for name in _UPLOADS if (picture := view.params.get(name))), None)


def _stage(view: JobView) -> Any:
    return view.stage if view.kind == "ad" else None


def _shown(artifact: str | None, images: ImagesAs, store: ArtifactStore) -> str | None:
    if artifact is None or images == "none":
        return None
    if images == "url":
        return link(artifact)
    try:
        data = base64.b64encode(store.get(artifact)).decode("ascii")
    except ArtifactNotFound:
        return None
    return f"data:{media_type_of(artifact)};base64,{data}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
