"""A text layer that a client kept, and the files it stands on: what the server no longer has, the client brings."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from nanococoa_aiserver.artifacts.store import ArtifactStore, is_artifact_id, media_type_of
from nanococoa_aiserver.errors import ArtifactNotFound, InvalidParameter, PayloadTooLarge
from nanococoa_aiserver.imaging.codec import decode_upload
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import AdLayer

LARGEST = 20_000_000
"""Bytes of one file."""


def brought_layer(artifacts: ArtifactStore, layer: AdLayer, files: dict[str, str], locale: Locale) -> dict[str, Any]:
    """The layer as a job keeps it, its files stored. The pages in it are made anew and need not be kept.

    Raises ArtifactNotFound naming a file that is neither here nor among ``files``, InvalidParameter and InvalidImage
    for a file that is not what its id says or no picture.
    """
    for artifact, content in files.items():
        _keep(artifacts, artifact, content, locale)
    for artifact in (layer.cutout, layer.contact, *(scene.artifact for scene in layer.scenes.values())):
        if artifact and not (is_artifact_id(artifact) and artifacts.exists(artifact)):
            raise ArtifactNotFound(id=artifact[:80])
    if not layer.cutout:
        raise ArtifactNotFound(id="cutout")
    lean = {name: made.model_copy(update={"html": ""}) for name, made in layer.formats.items()}
    return layer.model_copy(update={"formats": lean}).model_dump(mode="json")


def _keep(artifacts: ArtifactStore, artifact: str, content: str, locale: Locale) -> None:
    if len(content) > LARGEST * 4 / 3 + 4:
        raise PayloadTooLarge(limit_mb=LARGEST // 1_000_000)
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameter(field=f"files.{artifact[:80]}", reason=say("reasons", "base64", locale)) from None
    if not is_artifact_id(artifact) or hashlib.sha256(data).hexdigest() != artifact.partition(".")[0]:
        raise InvalidParameter(field=f"files.{artifact[:80]}", reason=say("reasons", "file_mismatch", locale))
    with decode_upload(data):
        artifacts.put(data, media_type_of(artifact))
