"""What an operation can answer besides its result, for OpenAPI: the error envelope by status, and why."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_client.errors import ErrorEnvelope

BODY_LIMIT: Final = 48 * 2**20
"""Bytes of a commission: some thirty pictures of 1280 pixels as base64, and a few straight from a camera."""

FORM_LIMIT: Final = 64 * 2**10
"""Bytes of a visitor's message."""

_WHY: Final = {
    400: "INVALID_IMAGE: a picture can't be read; the message says what to send instead",
    401: "UNAUTHORIZED: the server has a token (HOMEPAGE_TOKEN) and the request did not carry it",
    404: "NOT_FOUND or JOB_NOT_FOUND: the name is wrong, or it was deleted",
    409: "JOB_NOT_RESUMABLE: the job's state does not allow this now",
    413: "PAYLOAD_TOO_LARGE: the request is larger than 48 MiB (a message: 64 KiB)",
    422: "INVALID_PARAMETER: `details.field` names the field, the message says what to write",
    429: "RATE_LIMITED: too many messages; `Retry-After` says when to try again",
    500: "INTERNAL_ERROR or RENDER_FAILED",
    503: "QUEUE_FULL, BROWSER_UNAVAILABLE or DATABASE_UNAVAILABLE; `Retry-After` says when to try again",
    507: "STORAGE_FULL: the disk is full",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The declared error answers of an operation; 401, 422 and 500 are every operation's."""
    declared = sorted({401, 422, 500, *statuses})
    return {status: {"model": ErrorEnvelope, "description": _WHY[status]} for status in declared}
