"""Failures as OpenAPI declares them: the envelope for each status."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_client.errors import ErrorEnvelope

_WORDS: Final = {
    400: "The picture cannot be used",
    401: "Nobody is signed in",
    403: "Your role does not allow it, or the CSRF token is missing",
    404: "Not there, or another business'",
    409: "It was changed meanwhile, or there is no business yet",
    410: "It is nobody's any more",
    413: "The picture is too large",
    422: "A field is wrong; `details.fields` says which and why",
    429: "Too many tries; see Retry-After",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``."""
    return {status: {"model": ErrorEnvelope, "description": _WORDS[status]} for status in statuses}
