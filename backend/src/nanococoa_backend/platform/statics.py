"""Styles, scripts and icons: read once, the styles joined in order, served under an address that changes with them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from nanococoa_backend.errors import NotFound

FOLDER: Final = Path(__file__).with_name("static")
STYLES: Final = (
    "tokens", "base", "type", "shell", "button", "field", "choice", "feedback", "picture", "dialog", "sign", "home",
    "product", "cutout", "business", "maker", "progress", "gallery", "wall", "tools", "editor", "chat", "admin",
    "system", "homepages", "inbox", "batch", "states", "desktop", "preferences",
)  # fmt: skip
"""Order matters: what comes later may refine what came before."""

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}
FOREVER: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


class Statics:
    """Every static file in memory, by its path below ``/static/VERSION/``."""

    def __init__(self) -> None:
        self._files = {"cocoa.css": _joined_styles()} | _files("js") | _files("img")
        self._files |= {name: (FOLDER / name).read_bytes() for name in ("icons.svg", "bean.svg")}
        digest = hashlib.sha256()
        for name, content in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + content)
        self.version = digest.hexdigest()[:12]

    def url(self, path: str) -> str:
        """Where browsers find a file. Raises KeyError for one there is not."""
        _ = self._files[path]
        return f"/static/{self.version}/{path}"

    def content(self, path: str) -> bytes | None:
        return self._files.get(path)


@router.get("/static/{version}/{path:path}")
def static(request: Request, version: str, path: str) -> Response:
    """A page of an older version still gets the file, but does not keep it."""
    statics: Statics = request.app.state.services.pages.statics
    content = statics.content(path)
    if content is None:
        raise NotFound
    cache = FOREVER if version == statics.version else "no-cache"
    media_type = _TYPES[Path(path).suffix]
    return Response(content, media_type=media_type, headers={"Cache-Control": cache})


def _joined_styles() -> bytes:
    return b"\n".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in STYLES)


def _files(folder: str) -> dict[str, bytes]:
    return {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in (FOLDER / folder).rglob("*.*")}
