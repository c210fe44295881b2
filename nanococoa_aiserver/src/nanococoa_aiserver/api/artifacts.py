"""Files by their content: what an id names never changes, so a client may keep it for ever."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.services import ServicesDep
from nanococoa_aiserver.artifacts.store import media_type_of

router = APIRouter(tags=["artifacts"])


@router.get(
    "/artifacts/{artifact_id}",
    summary="Download a picture",
    description=(
        "The bytes of a picture whose path a job's state gave (`outputs`, `final_result` with `images=url`, a "
        "thumbnail, a cut-out). The id is the content's hash: it never changes and can be cached for ever. The id can "
        "also be sent wherever a request takes an image, so that nothing is uploaded twice."
    ),
    response_class=Response,
    responses={
        200: {
            "description": "The file",
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in ("image/png", "image/jpeg", "image/webp")
            },
        },
        304: {"description": "The client has it already (If-None-Match)"},
        **errors(404),
    },
)
def artifact(
    artifact_id: Annotated[str, Path(description="An artifact's id, with its suffix", max_length=100)],
    services: ServicesDep,
    if_none_match: Annotated[str | None, Header(description="ETags the client has")] = None,
) -> Response:
    media_type = media_type_of(artifact_id)
    headers = {
        "ETag": f'"{artifact_id}"',
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if _has(if_none_match, artifact_id):
        services.artifacts.size(artifact_id)
        return Response(status_code=304, headers=headers)
    return Response(services.artifacts.get(artifact_id), media_type=media_type, headers=headers)


def _has(if_none_match: str | None, artifact_id: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in (if_none_match or "").split(",")]
    return artifact_id in tags or "*" in tags
