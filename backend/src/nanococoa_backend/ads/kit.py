"""The pictures a text layer stands on, kept beside it: an ad can be edited long after the aiserver forgot its job.

Both stores name a file by its SHA-256, so an artifact's id is also its key below the business' prefix.
"""

from __future__ import annotations

import base64
import uuid
from pathlib import PurePath
from typing import Final

from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.store import SUFFIXES, AssetStore
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ArtifactNotFound
from nanococoa_client.schemas import AdLayer, FormatLayer, LightResult, RenderRequest

_TYPES: Final = {suffix: media_type for media_type, suffix in SUFFIXES.items()}


def key_of(business_id: uuid.UUID, artifact: str) -> str:
    """Where a layer's picture lies in the asset store."""
    return f"{business_id.hex}/{PurePath(artifact).name}"


def material_of(layer: AdLayer) -> set[str]:
    """What the aiserver needs to render the layer again."""
    return {layer.cutout, layer.contact, *(scene.artifact for scene in layer.scenes.values())} - {""}


def shown_of(formats: dict[str, FormatLayer]) -> set[str]:
    """What the editor shows under and over the words."""
    return {picture for one in formats.values() for picture in (one.plate, one.cover)} - {""}


async def bring_kit(aiserver: Aiserver, store: AssetStore, business_id: uuid.UUID, layer: AdLayer | None) -> None:
    """Fetch what is not here yet. What the aiserver no longer has is left out: the ad then can't be edited."""
    if layer is None:
        return
    for artifact in sorted(material_of(layer) | shown_of(layer.formats)):
        media_type = _TYPES.get(artifact.rpartition(".")[2])
        if media_type is None or await run_in_threadpool(store.has, key_of(business_id, artifact)):
            continue
        try:
            data = await aiserver.artifact(artifact)
        except ArtifactNotFound:
            continue
        await run_in_threadpool(store.put, business_id, data, media_type)


async def render_kept(
    aiserver: Aiserver, store: AssetStore, business_id: uuid.UUID, request: RenderRequest
) -> LightResult:
    """Render a kept layer; its pictures go along when the aiserver has them no more. Raises its errors, NotFound."""
    assert request.layer is not None
    try:
        return await aiserver.render(request)
    except ArtifactNotFound:
        files = await run_in_threadpool(_files, store, business_id, request.layer)
        return await aiserver.render(request.model_copy(update={"files": files}))


def _files(store: AssetStore, business_id: uuid.UUID, layer: AdLayer) -> dict[str, str]:
    return {
        artifact: base64.b64encode(store.get(key_of(business_id, artifact))).decode()
        for artifact in sorted(material_of(layer))
    }


def picture_of(store: AssetStore, business_id: uuid.UUID, artifact: str) -> tuple[bytes, str]:
    """(bytes, media type). Raises NotFound."""
    media_type = _TYPES.get(artifact.rpartition(".")[2])
    if media_type is None:
        raise NotFound
    return store.get(key_of(business_id, artifact)), media_type
