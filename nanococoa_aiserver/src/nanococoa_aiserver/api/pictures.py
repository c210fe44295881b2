"""Pictures on their way in: base64, data URIs, uploaded files or ids, checked and stored by their content.

A picture is decoded before a job is accepted: what a worker gets is known to be readable, upright, and free of its
camera's notes.
"""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from nanococoa_aiserver.api.links import artifact_in
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.errors import InvalidImage, InvalidParameter, PayloadTooLarge
from nanococoa_aiserver.imaging.codec import decode_upload, normalise
from nanococoa_client.messages import Locale, say

IMAGE_LIMIT: Final = 20_000_000
"""Bytes of one picture."""

_MARKED: Final = 128
"""From this value of 255 on, a mask's pixel is marked."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture in the store. ``width`` and ``height`` are the upload's, which a customer's box is drawn on."""

    artifact: str
    width: int
    height: int


class Pictures:
    """Thread-safe and blocking."""

    def __init__(self, artifacts: ArtifactStore) -> None:
        self._artifacts = artifacts

    def keep(self, value: str, field: str, locale: Locale) -> Kept:
        """Store what a request's ``field`` holds. Raises InvalidImage, InvalidParameter, PayloadTooLarge."""
        if (artifact := artifact_in(value)) is not None:
            return self._known(artifact, field, locale)
        return self.keep_bytes(_decoded(value, field, locale))

    def keep_bytes(self, data: bytes) -> Kept:
        """Check and store an uploaded file. The same file gives the same artifact."""
        if len(data) > IMAGE_LIMIT:
            raise PayloadTooLarge(limit_mb=IMAGE_LIMIT // 1_000_000)
        with decode_upload(data) as picture:
            content, media_type = normalise(picture)
            return Kept(self._artifacts.put(content, media_type), picture.width, picture.height)

    def check_mask(self, mask: Kept) -> None:
        """Raises InvalidParameter for a mask that marks nothing, or everything."""
        with Image.open(io.BytesIO(self._artifacts.get(mask.artifact))) as picture:
            counts = _marking(picture).histogram()
        if not any(counts[_MARKED:]):
            raise InvalidParameter("mask_empty", field="mask")
        if not any(counts[:_MARKED]):
            raise InvalidParameter("mask_full", field="mask")

    def _known(self, artifact: str, field: str, locale: Locale) -> Kept:
        """A picture the server has; only its header is read."""
        if artifact.endswith((".json", ".html")):
            raise InvalidParameter(field=field, reason=say("reasons", "not_a_picture", locale))
        with Image.open(io.BytesIO(self._artifacts.get(artifact))) as picture:
            return Kept(artifact, picture.width, picture.height)


def _marking(picture: Image.Image) -> Image.Image:
    """The channel that says what is marked: transparency where there is some, else lightness."""
    if picture.mode == "RGBA" and any(picture.getchannel("A").histogram()[:_MARKED]):
        return picture.getchannel("A")
    return picture.convert("L")


def _decoded(value: str, field: str, locale: Locale) -> bytes:
    text = value.strip()
    if text.startswith("data:"):
        _, _, text = text.partition(",")
    if not text:
        raise InvalidImage("image_empty")
    if len(text) > IMAGE_LIMIT * 4 / 3 + 1024:
        raise PayloadTooLarge(limit_mb=IMAGE_LIMIT // 1_000_000)
    try:
        return base64.b64decode("".join(text.split()).translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameter(field=field, reason=say("reasons", "base64", locale)) from None


_URL_SAFE: Final = str.maketrans("-_", "+/")
