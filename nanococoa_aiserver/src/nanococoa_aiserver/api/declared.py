"""What an operation can answer besides its result, for OpenAPI: the error envelope by status, and why."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_client.errors import ErrorEnvelope

_WHY: Final = {
    400: "INVALID_IMAGE or INVALID_PROMPT: the message says what to send instead",
    401: "UNAUTHORIZED: the server has a token (AISERVER_TOKEN) and the request did not carry it",
    404: "JOB_NOT_FOUND or ARTIFACT_NOT_FOUND: the id is wrong or the job was deleted",
    409: "JOB_NOT_RESUMABLE: the job's state does not allow this now",
    413: "PAYLOAD_TOO_LARGE: more than 20 MB a picture or 28 MiB a request",
    422: "INVALID_PARAMETER (or CUTOUT_UNCERTAIN): `details` names the field, the message says what to write",
    500: "INTERNAL_ERROR, RENDER_FAILED, GPU_OUT_OF_MEMORY or MODEL_LOAD_ERROR",
    503: "QUEUE_FULL, MODEL_UNAVAILABLE or DATABASE_UNAVAILABLE; `Retry-After` says when to try again",
    507: "STORAGE_FULL: the disk is full",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The declared error answers of an operation; 401, 422 and 500 are every operation's."""
    declared = sorted({401, 422, 500, *statuses})
    return {status: {"model": ErrorEnvelope, "description": _WHY[status]} for status in declared}
