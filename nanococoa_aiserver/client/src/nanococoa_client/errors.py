"""The error envelope every nanoCocoa service answers with, and one exception per code.

``{"error": {"code", "message", "details", "timestamp", "job_id"?}}``. A message is made from the catalogue
(``messages/ko.toml``, ``messages/en.toml``) by a key and its values, so that the same failure reads naturally in
either language and tells a person what to do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, Field

from nanococoa_client.messages import Locale, say


class ErrorBody(BaseModel):
    code: str = Field(description="Stable, machine-readable, e.g. INVALID_IMAGE")
    message: str = Field(description="For a person: what happened and what to do")
    details: dict[str, Any] = Field(default_factory=dict, description="Values the message speaks of, e.g. the field")
    timestamp: datetime = Field(description="When it happened, UTC")
    job_id: str | None = Field(default=None, description="The job it happened to")


class ErrorEnvelope(BaseModel):
    error: ErrorBody = Field(description="What went wrong, and what to do")


def message_for(key: str, locale: Locale, values: dict[str, Any]) -> str:
    """The catalogue's sentence for ``key`` with ``values`` filled in."""
    return say("errors", key, locale, **values)


class ServiceError(Exception):
    """An expected failure. ``key`` picks the sentence; ``details`` fill it and travel with it."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    default_key: ClassVar[str] = "internal"
    said: str | None = None

    def __init__(
        self, key: str | None = None, /, *, job_id: str | None = None, retry_after: int | None = None, **details: Any
    ) -> None:
        self.key = key or self.default_key
        self.details = details
        self.job_id = job_id
        self.retry_after = retry_after
        super().__init__(self.message("en"))

    @classmethod
    def told(cls, message: str, details: dict[str, Any]) -> Self:
        """A failure that another service told of: its sentence is kept, whatever the language."""
        error = cls.__new__(cls, message)
        error.key, error.details, error.said = cls.default_key, details, message
        error.job_id = error.retry_after = None
        return error

    def message(self, locale: Locale) -> str:
        return self.said or message_for(self.key, locale, {"retry_after": self.retry_after, **self.details})

    def envelope(self, locale: Locale) -> ErrorEnvelope:
        return ErrorEnvelope(
            error=ErrorBody(
                code=self.code,
                message=self.message(locale),
                details=self.details,
                timestamp=datetime.now(UTC),
                job_id=self.job_id,
            )
        )

    def to_json(self) -> dict[str, Any]:
        """What a job's row keeps, enough to say it again in either language."""
        return {"code": self.code, "key": self.key, "details": self.details}


class InternalError(ServiceError):
    pass


class InvalidImage(ServiceError):
    code, status, default_key = "INVALID_IMAGE", 400, "image_unreadable"


class InvalidPrompt(ServiceError):
    code, status, default_key = "INVALID_PROMPT", 400, "prompt_empty"


class InvalidParameter(ServiceError):
    code, status, default_key = "INVALID_PARAMETER", 422, "parameter"


class Unauthorized(ServiceError):
    code, status, default_key = "UNAUTHORIZED", 401, "unauthorized"


class JobNotFound(ServiceError):
    code, status, default_key = "JOB_NOT_FOUND", 404, "job_not_found"


class ArtifactNotFound(ServiceError):
    code, status, default_key = "ARTIFACT_NOT_FOUND", 404, "artifact_not_found"


class RouteNotFound(ServiceError):
    code, status, default_key = "NOT_FOUND", 404, "route_not_found"


class MethodNotAllowed(ServiceError):
    code, status, default_key = "METHOD_NOT_ALLOWED", 405, "method_not_allowed"


class JobNotResumable(ServiceError):
    code, status, default_key = "JOB_NOT_RESUMABLE", 409, "job_not_resumable"


class PayloadTooLarge(ServiceError):
    code, status, default_key = "PAYLOAD_TOO_LARGE", 413, "payload_too_large"


class CutoutUncertain(ServiceError):
    code, status, default_key = "CUTOUT_UNCERTAIN", 422, "cutout_uncertain"


class RateLimited(ServiceError):
    code, status, default_key = "RATE_LIMITED", 429, "rate_limited"


class RenderFailed(ServiceError):
    code, status, default_key = "RENDER_FAILED", 500, "render_failed"


class GpuOutOfMemory(ServiceError):
    code, status, default_key = "GPU_OUT_OF_MEMORY", 500, "gpu_out_of_memory"


class ModelLoadError(ServiceError):
    code, status, default_key = "MODEL_LOAD_ERROR", 500, "model_load"


class UpstreamUnavailable(ServiceError):
    code, status, default_key = "UPSTREAM_UNAVAILABLE", 502, "upstream"


class QueueFull(ServiceError):
    code, status, default_key = "QUEUE_FULL", 503, "queue_full"


class ModelUnavailable(ServiceError):
    code, status, default_key = "MODEL_UNAVAILABLE", 503, "model_unavailable"


class DatabaseUnavailable(ServiceError):
    code, status, default_key = "DATABASE_UNAVAILABLE", 503, "database_unavailable"


class StorageFull(ServiceError):
    code, status, default_key = "STORAGE_FULL", 507, "storage_full"


def _all(cls: type[ServiceError]) -> dict[str, type[ServiceError]]:
    found = {cls.code: cls}
    for sub in cls.__subclasses__():
        found |= _all(sub)
    return found


BY_CODE: dict[str, type[ServiceError]] = _all(ServiceError)


def from_json(saved: dict[str, Any]) -> ServiceError:
    """The failure a job's row kept (inverse of ``ServiceError.to_json``)."""
    return BY_CODE.get(saved["code"], InternalError)(saved["key"], **saved["details"])
