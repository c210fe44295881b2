"""Expected failures of the homepage generator: the client package's base, with sentences from our own catalogue.

The tree::

    ServiceError (nanococoa_client)
    └── HomepageError
        ├── InvalidPicture                        400
        ├── Unauthorized                          401
        ├── NotFound, JobNotFound                 404
        ├── WrongMethod                           405
        ├── JobNotResumable                       409
        ├── TooLarge                              413
        ├── InvalidField, EditUnclear, GateFailed 422
        ├── TooManyTries                          429
        ├── Unexpected, RenderFailed              500
        ├── LlmFailed                             502
        └── DatabaseGone, QueueFull, BrowserGone  503, StorageFull 507
"""

from __future__ import annotations

from typing import Any, ClassVar

from homepage_generator.messages import say
from nanococoa_client.errors import ServiceError
from nanococoa_client.messages import Locale


class HomepageError(ServiceError):
    """``key`` picks a sentence of ``errors.*``; ``details`` fill it and travel with it."""

    default_key: ClassVar[str] = "unexpected"

    def message(self, locale: Locale) -> str:
        return self.said or say(locale, f"errors.{self.key}", **{"retry_after": self.retry_after, **self.details})


class Unexpected(HomepageError):
    pass


class RenderFailed(HomepageError):
    code, default_key = "RENDER_FAILED", "render_failed"


class InvalidPicture(HomepageError):
    """Told by its key, so that whoever knows the field can say it: ``InvalidField(field, error.key)``."""

    code, status, default_key = "INVALID_IMAGE", 400, "image_type"


class Unauthorized(HomepageError):
    code, status, default_key = "UNAUTHORIZED", 401, "unauthorized"


class NotFound(HomepageError):
    """``key``: not_found, site_not_found, version_not_found, section_not_found, file_not_found."""

    code, status, default_key = "NOT_FOUND", 404, "not_found"


class JobNotFound(HomepageError):
    code, status, default_key = "JOB_NOT_FOUND", 404, "job_not_found"


class WrongMethod(HomepageError):
    code, status, default_key = "METHOD_NOT_ALLOWED", 405, "wrong_method"


class JobNotResumable(HomepageError):
    code, status, default_key = "JOB_NOT_RESUMABLE", 409, "job_not_resumable"


class TooLarge(HomepageError):
    code, status, default_key = "PAYLOAD_TOO_LARGE", 413, "too_large"


class InvalidField(HomepageError):
    """``field`` as the sender wrote it (``business_info.name``); ``reason`` a key of ``reasons.*``, with its values."""

    code, status, default_key = "INVALID_PARAMETER", 422, "field"

    def __init__(self, field: str, reason: str, **values: Any) -> None:
        super().__init__(None, field=field, reason=reason, **values)

    def message(self, locale: Locale) -> str:
        reason = say(locale, f"reasons.{self.details['reason']}", **self.details)
        return say(locale, "errors.field", field=self.details["field"], reason=reason)


class EditUnclear(HomepageError):
    """An instruction nobody here could follow; the page stays as it is."""

    code, status, default_key = "EDIT_UNCLEAR", 422, "edit_unclear"


class GateFailed(HomepageError):
    """No round brought a page that passes; ``details.findings`` says what stood in the way."""

    code, status, default_key = "GATE_FAILED", 422, "gate_failed"


class TooManyTries(HomepageError):
    code, status, default_key = "RATE_LIMITED", 429, "too_many"


class LlmFailed(HomepageError):
    code, status, default_key = "UPSTREAM_UNAVAILABLE", 502, "llm_failed"


class DatabaseGone(HomepageError):
    code, status, default_key = "DATABASE_UNAVAILABLE", 503, "database"


class QueueFull(HomepageError):
    code, status, default_key = "QUEUE_FULL", 503, "queue_full"


class BrowserGone(HomepageError):
    code, status, default_key = "BROWSER_UNAVAILABLE", 503, "browser"


class StorageFull(HomepageError):
    code, status, default_key = "STORAGE_FULL", 507, "storage_full"


def restored(saved: dict[str, Any]) -> HomepageError:
    """The failure a job's row kept (inverse of ``to_json``), to be said in either language."""
    details = dict(saved["details"])
    if saved["code"] == InvalidField.code and "reason" in details:
        return InvalidField(details.pop("field"), details.pop("reason"), **details)
    return _BY_CODE.get(saved["code"], Unexpected)(saved["key"], **details)


_BY_CODE: dict[str, type[HomepageError]] = {kind.code: kind for kind in HomepageError.__subclasses__()}
