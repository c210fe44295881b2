"""What every page of a customer carries: no scripts, no origin of its own, nothing from elsewhere."""

from __future__ import annotations

from typing import Final

PAGE_POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'none'; "
    "sandbox allow-forms allow-popups allow-top-navigation-by-user-activation"
)
"""``sandbox`` without ``allow-same-origin``: a page can read no cookie of the host and call none of its APIs."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "public, max-age=300",
}

FONT_HEADERS: Final = {"Access-Control-Allow-Origin": "*"}
"""Fonts are fetched with CORS, and a sandboxed page's origin is nobody's."""

MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
}
"""What a site is made of; any other file is not served."""
