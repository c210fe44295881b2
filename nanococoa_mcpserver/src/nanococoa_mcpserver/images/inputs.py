"""Image arguments: what a client may send for a picture, made into what the aiserver takes (base64 or an artifact id).

No address is ever fetched. What is not a picture is refused here, before a job or an upload.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from anyio import to_thread

from nanococoa_mcpserver.errors import bad_argument
from nanococoa_mcpserver.images.folders import Folders, looks_like_path
from nanococoa_mcpserver.images.links import PATH, artifact_in

LIMIT: Final = 20_000_000
"""Bytes of one picture, the aiserver's own limit."""

_JOB_URI: Final = re.compile(r"job://([^/]+)/image/([^/]+)")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_HEIF: Final = re.compile(rb"....ftyp(heic|heix|heim|heis|hevc|mif1|msf1|avif|avis)", re.DOTALL)
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")

FindOutput = Callable[[str, str], Awaitable[str]]
"""The artifact of a job's finished format."""


@dataclass(frozen=True, slots=True)
class ImageInputs:
    """``public_url``: addresses below it are our own and stand for the artifact they name."""

    folders: Folders
    public_url: str
    find_output: FindOutput

    async def taken(self, value: str, field: str) -> str:
        """An artifact id or base64. Raises InvalidParameter naming ``field``."""
        text = value.strip()
        if job := _JOB_URI.fullmatch(text):
            return await self.find_output(job[1], job[2])
        if (artifact := self._known(text)) is not None:
            return artifact
        if text.lower().startswith(("http:", "https:", "ftp:")):
            raise bad_argument(field, "url_refused")
        if looks_like_path(text):
            return await to_thread.run_sync(self._from_file, text, field)
        return await to_thread.run_sync(checked_base64, text, field)

    async def optional(self, value: str | None, field: str) -> str | None:
        return None if value is None else await self.taken(value, field)

    def _known(self, text: str) -> str | None:
        ours = text.startswith((f"{self.public_url}{PATH}/", "/artifacts/"))
        return artifact_in(text) if ours or "/" not in text else None

    def _from_file(self, text: str, field: str) -> str:
        data = self.folders.read(text, field, LIMIT)
        check_picture(data, field)
        return base64.b64encode(data).decode()


def checked_base64(text: str, field: str) -> str:
    """The picture's base64 without its wrapping; refused when it is no picture. Blocking."""
    if text.startswith("data:"):
        _, _, text = text.partition(",")
    if len(text) > LIMIT * 4 / 3 + 1024:
        raise bad_argument(field, "image_too_large", megabytes=len(text) * 0.75e-6, limit=LIMIT // 1_000_000)
    packed = "".join(text.split()).translate(_URL_SAFE)
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise bad_argument(field, "base64") from None
    check_picture(data, field)
    return packed + "=" * (-len(packed) % 4)


def check_picture(data: bytes, field: str) -> None:
    """Raises InvalidParameter for what is empty, too large, or begins like no picture."""
    if not data:
        raise bad_argument(field, "image_empty")
    if len(data) > LIMIT:
        raise bad_argument(field, "image_too_large", megabytes=len(data) / 1e6, limit=LIMIT // 1_000_000)
    if not _begins_like_a_picture(data):
        raise bad_argument(field, "image_not_one")


def _begins_like_a_picture(data: bytes) -> bool:
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(_SIGNATURES) or webp or _HEIF.match(data[:16]) is not None
