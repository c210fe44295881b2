"""Forged requests refused: every unsafe request carries a token made from the visitor's own cookie.

The cookie is a random secret (signed in or not), HttpOnly and SameSite=Lax; the token is an HMAC under it with a fresh
salt each time, so that compression tells nothing of it. Origin and Sec-Fetch-Site are checked first.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from typing import Final

from anyio import CancelScope
from fastapi import Request, Response

from nanococoa_backend.errors import ForgedRequest
from nanococoa_backend.settings import Settings

HEADER: Final = "x-csrf-token"
FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ARRIVALS: Final = "/api/v1/inbox/arrivals"
"""Where another service of the suite brings signed letters."""
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


def cookie_name(settings: Settings) -> str:
    """``__Host-`` binds the cookie to https, this host and the whole site; plain http (one machine) can't have it."""
    return "__Host-nanococoa" if settings.is_https else "nanococoa"


def visitor_secret(request: Request) -> str:
    """The visitor's cookie, or a new one that ``keep_secret`` sends along."""
    settings: Settings = request.app.state.services.settings
    known = request.cookies.get(cookie_name(settings)) or getattr(request.state, "fresh_secret", None)
    if known is None:
        known = request.state.fresh_secret = secrets.token_urlsafe(32)
    return str(known)


def keep_secret(request: Request, response: Response, secret: str | None = None) -> None:
    """Send the cookie: a fresh visitor's, or ``secret`` when somebody signs in or out."""
    fresh = secret or getattr(request.state, "fresh_secret", None)
    settings: Settings = request.app.state.services.settings
    if fresh is not None:
        response.set_cookie(
            cookie_name(settings),
            fresh,
            max_age=settings.session_days * 86_400,
            httponly=True,
            samesite="lax",
            secure=settings.is_https,
        )


def token_for(request: Request) -> str:
    """A token for a form on the page that is being made."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_mac(visitor_secret(request), salt)}"


def bearer_of(request: Request) -> str | None:
    """The bearer token of a program's request: it counts under the API and for pictures, never on a page."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    counts = request.url.path.startswith(("/api/v1/", "/media/"))
    return secret.strip() if counts and kind.lower() == "bearer" else None


async def check(request: Request) -> AsyncIterator[None]:
    """Raises ForgedRequest unless an unsafe request is from one of our own pages. Closes the form it may have read."""
    try:
        if request.method not in SAFE and not _by_program(request):
            await _check(request)
        yield
    finally:
        with CancelScope(shield=True):  # a server that is shutting down closes uploads too
            await request.close()


def _by_program(request: Request) -> bool:
    """No browser adds a bearer token or a signature by itself; whoever counts them checks them."""
    is_letter = request.url.path == ARRIVALS and "webhook-signature" in request.headers
    return is_letter or bearer_of(request) is not None


async def _check(request: Request) -> None:
    if not _is_from_here(request) or not _is_genuine(visitor_secret(request), await _given(request)):
        raise ForgedRequest


def _is_from_here(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    own = (request.app.state.services.settings.origin, f"{request.url.scheme}://{request.url.netloc}")
    return origin is None or origin in own


async def _given(request: Request) -> str:
    if header := request.headers.get(HEADER):
        return header
    if request.headers.get("content-type", "").startswith(_FORMS):
        value = (await request.form()).get(FIELD)
        return value if isinstance(value, str) else ""
    return ""


def _is_genuine(secret: str, token: str) -> bool:
    salt, _, mac = token.partition(".")
    return hmac.compare_digest(_mac(secret, salt).encode(), mac.encode())


def _mac(secret: str, salt: str) -> str:
    return hmac.new(secret.encode(), f"csrf:{salt}".encode(), hashlib.sha256).hexdigest()
