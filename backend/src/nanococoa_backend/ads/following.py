"""Answers about an ad under way: its events, and the picture before its text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

from anyio import from_thread
from fastapi import Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from nanococoa_backend.ads.events import KEEPALIVE_SECONDS, progress_events
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.businesses.visits import Visit
from nanococoa_backend.errors import NotFound
from nanococoa_backend.media.routes import FOREVER
from nanococoa_backend.platform import pictures
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import Services
from nanococoa_client.errors import ArtifactNotFound, ServiceError

ARTIFACT: Final = re.compile(r"[0-9a-f]{64}\.(png|jpg|webp)")
"""The aiserver names a file by its SHA-256."""


def event_stream(request: Request, services: Services, visit: Visit, ad: Ad) -> EventSourceResponse:
    """Raises TooManyTries when somebody follows too many at once."""
    user_id, business_id, ad_id, locale = visit.user.id, visit.business.id, ad.id, locale_of(request)
    services.watchers.check(user_id)

    async def counted() -> AsyncIterator[ServerSentEvent]:
        with services.watchers.counted(user_id):
            async for event in progress_events(services, business_id, ad_id, locale):
                yield event

    return EventSourceResponse(counted(), ping=KEEPALIVE_SECONDS, headers={"X-Accel-Buffering": "no"})


def preview_of(services: Services, ad: Ad, picture: str) -> Response:
    """The picture before its text, small enough for a phone; only the one that this ad tells of. Raises NotFound."""
    if not ARTIFACT.fullmatch(picture) or not _is_of(services, ad, picture):
        raise NotFound
    try:
        data = from_thread.run(services.aiserver.artifact, picture)
    except ArtifactNotFound:
        raise NotFound from None
    shown = pictures.view(pictures.ours(data))
    return Response(shown.data, media_type=shown.media_type, headers={"Cache-Control": FOREVER})


def _is_of(services: Services, ad: Ad, picture: str) -> bool:
    """Whether the ad tells of the picture: in its row, or in what the aiserver has told its watchers since."""
    if _artifact((ad.progress or {}).get("step1_result")) == picture:
        return True
    if ad.job_id is None:
        return False
    try:
        return _artifact(from_thread.run(services.aiserver.status, ad.job_id).step1_result) == picture
    except ServiceError:
        return False


def _artifact(link: str | None) -> str:
    return (link or "").rpartition("/")[2]
