"""A version's files through the dashboard, for members of the business alone.

What the homepage service makes is written by others, so it is locked up twice: the answer's policy and the frame's
sandbox both allow no script, no form and no way out. It keeps our origin, without which the browser would send no
cookie for its pictures and fonts; with no script to use it, that origin is worth nothing to a page.
"""

from __future__ import annotations

from typing import Final

from fastapi import Response

from nanococoa_backend.errors import NotFound
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.service import versions_of
from nanococoa_backend.platform.homepage_client import HomepageClient
from nanococoa_client.errors import ServiceError

POLICY: Final = (
    "sandbox allow-same-origin; default-src 'none'; script-src 'none'; img-src 'self' data:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; media-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""Styles may be inline: a page's own are, and without requests to others they can tell nobody anything."""

TYPES: Final = frozenset({
    "text/html", "text/css", "image/png", "image/jpeg", "image/webp", "image/avif", "image/svg+xml", "image/gif",
    "image/x-icon", "image/vnd.microsoft.icon", "font/woff2", "font/woff", "application/font-woff2",
})  # fmt: skip
"""What a page is made of; a script is nothing that could be shown here."""

PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
LONGEST_PATH: Final = 300


async def preview_of(service: HomepageClient, homepage: Homepage, version: str, path: str) -> Response:
    """Raises NotFound for a version that is not this page's, a path that leads elsewhere, or what is no page's part."""
    if homepage.slug is None or version not in {one.id for one in versions_of(homepage)} or not _is_inside(path):
        raise NotFound
    data, media_type = await _found(service.preview(homepage.slug, version, path or "index.html"))
    if media_type not in TYPES:
        raise NotFound
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return _locked_up(data, media_type + charset)


async def screenshot_of(service: HomepageClient, job_id: str, name: str) -> Response:
    """Raises NotFound for what is no picture."""
    data, media_type = await _found(service.screenshot(job_id, name))
    if media_type not in PICTURES:
        raise NotFound
    return _locked_up(data, media_type)


async def _found(asked: object) -> tuple[bytes, str]:
    try:
        found: tuple[bytes, str] = await asked  # type: ignore[misc]
    except ServiceError as error:
        if error.status == 404:
            raise NotFound from error
        raise
    return found


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    plain = path.isprintable() and "\\" not in path and len(path) <= LONGEST_PATH
    return plain and not any(part in (".", "..") for part in parts) and "" not in parts[:-1]


def _locked_up(data: bytes, media_type: str) -> Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, max-age=3600",
        "Content-Type": media_type,
    }
    return Response(data, headers=headers)
