"""A job's state as tools answer it: typed fields, a small preview to look at, and links to every finished file."""

from __future__ import annotations

import base64
from typing import Final

from mcp.types import Annotations, CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from nanococoa_client.schemas import JobStatus, StatusResponse
from nanococoa_mcpserver.homepages import HomepageState
from nanococoa_mcpserver.images.links import Links, artifact_of
from nanococoa_mcpserver.images.preview import MEDIA_TYPE, PREVIEW_BYTES, PREVIEW_SIDE
from nanococoa_mcpserver.language import locale
from nanococoa_mcpserver.messages import say
from nanococoa_mcpserver.results import Failure, JobState, Picture
from nanococoa_mcpserver.suite import Suite

_FILE_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


def job_state(status: StatusResponse, links: Links) -> JobState:
    """The aiserver's answer for an LLM: without the request, the layer's markup and the machine's load."""
    layer = status.layer
    return JobState(
        job_id=status.job_id,
        status=status.status,
        progress_percent=round(status.progress_percent, 1),
        step=status.sub_step or status.current_step,
        message=status.message,
        elapsed_sec=round(status.elapsed_sec, 1),
        eta_seconds=None if status.eta_seconds is None else round(max(0.0, status.eta_seconds), 1),
        queue_position=status.queue_position,
        engine=status.engine,
        images=[_picture(status.job_id, name, path, links) for name, path in status.outputs.items()],
        copy_fields=layer.fields if layer else None,
        style=layer.style if layer else None,
        other_styles=layer.alternatives[:5] if layer else [],
        checks=status.checks.model_copy(update={"legibility_by_format": {}}),
        warnings=status.warnings,
        error=Failure(code=status.error.code, message=status.error.message) if status.error else None,
        next=_next(status.status, has_text=layer is not None),
    )


def homepage_state(state: HomepageState) -> JobState:
    """A homepage's state in the same words."""
    error = state.error or {}
    done = state.status == "completed"
    return JobState(
        job_id=state.job_id,
        status=state.status,
        progress_percent=state.progress_percent,
        step=" ".join(part for part in (state.agent, state.step) if part) or None,
        message=state.message,
        eta_seconds=state.eta_seconds,
        queue_position=state.queue_position,
        warnings=state.warnings,
        homepage_url=state.homepage_url,
        error=Failure(code=str(error.get("code", "")), message=str(error.get("message", ""))) if error else None,
        next=say("next", "homepage", locale()) if done else _next(state.status, has_text=False),
    )


async def answer(suite: Suite, state: JobState) -> CallToolResult:
    """The state as text and as data; when it is done also a preview and a link for each picture."""
    content: list[ContentBlock] = [TextContent(text=state.model_dump_json(exclude_none=True, exclude_defaults=True))]
    if state.images:
        content.append(await _preview(suite, state.images[0]))
        content += [_link(picture) for picture in state.images]
    return CallToolResult(content=content, structured_content=state.model_dump(mode="json"))


def _picture(job_id: str, name: str, path: str, links: Links) -> Picture:
    artifact = artifact_of(path)
    return Picture(
        format=name,
        url=links.link(artifact),
        preview_url=links.link(artifact, PREVIEW_SIDE),
        resource=f"job://{job_id}/image/{name}",
        image_id=artifact,
    )


async def _preview(suite: Suite, picture: Picture) -> ImageContent:
    data = await suite.smaller(picture.image_id, PREVIEW_SIDE, PREVIEW_BYTES)
    return ImageContent(data=base64.b64encode(data).decode(), mime_type=MEDIA_TYPE)


def _link(picture: Picture) -> ResourceLink:
    suffix = picture.image_id.rsplit(".", 1)[-1]
    return ResourceLink(
        name=f"{picture.format}.{suffix}",
        uri=picture.url or picture.resource,
        mime_type=_FILE_TYPES.get(suffix, MEDIA_TYPE) if picture.url else MEDIA_TYPE,
        annotations=Annotations(audience=["user"], priority=1.0),
    )


def _next(status: JobStatus, *, has_text: bool) -> str:
    key = {"pending": "waiting", "running": "waiting"}.get(status, status)
    return say("next", "completed_plain" if key == "completed" and not has_text else key, locale())
