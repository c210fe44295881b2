"""Expected failures of the dashboard: the client package's base, with sentences from the dashboard's own catalogue.

The tree::

    ServiceError (nanococoa_client)
    └── BackendError
        ├── InvalidPicture                        400
        ├── SignedOut                             401
        ├── NotAllowed, ForgedRequest             403
        ├── LimitReached                          403
        │   └── MonthUsedUp                       429
        ├── NotFound                              404
        ├── WrongMethod                           405
        ├── NoBusiness, NotEditable, Outdated     409
        ├── TooManyTokens, TooManyWebhooks        409
        ├── KeyInUse, TooManyHomepages            409
        ├── NobodysPage                           410
        ├── TooLarge                              413
        ├── InvalidField, KeyReused               422
        ├── TooManyTries                          429
        ├── Unexpected                            500
        ├── AiserverDown, HomepagesDown           502
        └── DatabaseGone, StoreFull               503 / 507
"""

from __future__ import annotations

from typing import Any

from nanococoa_backend.messages import Locale, say
from nanococoa_client.errors import ServiceError


class BackendError(ServiceError):
    """``key`` picks a sentence of ``errors.*``; ``details`` fill it and travel with it."""

    def message(self, locale: Locale) -> str:
        return self.said or say(locale, f"errors.{self.key}", **{"retry_after": self.retry_after, **self.details})


class Unexpected(BackendError):
    default_key = "unexpected"


class InvalidPicture(BackendError):
    code, status, default_key = "INVALID_IMAGE", 400, "image_type"


class SignedOut(BackendError):
    code, status, default_key = "UNAUTHORIZED", 401, "signed_out"


class NoBusiness(BackendError):
    """Signed in, but there is no business yet to work for."""

    code, status, default_key = "NO_BUSINESS", 409, "no_business"


class NotAllowed(BackendError):
    code, status, default_key = "FORBIDDEN", 403, "not_allowed"


class ForgedRequest(BackendError):
    code, status, default_key = "CSRF_FAILED", 403, "forged"


class NotFound(BackendError):
    code, status, default_key = "NOT_FOUND", 404, "not_found"


class NobodysPage(BackendError):
    """A message for a homepage that no business here has; it is of no use to send it again."""

    code, status, default_key = "NOT_FOUND", 410, "nobodys_page"


class WrongMethod(BackendError):
    code, status, default_key = "METHOD_NOT_ALLOWED", 405, "wrong_method"


class Outdated(BackendError):
    """The thing was changed elsewhere meanwhile."""

    code, status, default_key = "OUTDATED", 409, "outdated"


class NotEditable(BackendError):
    """An ad without a text layer."""

    code, status, default_key = "NOT_EDITABLE", 409, "not_editable"


class TooManyTokens(BackendError):
    code, status, default_key = "LIMIT_REACHED", 409, "too_many_tokens"


class TooManyWebhooks(BackendError):
    code, status, default_key = "LIMIT_REACHED", 409, "too_many_webhooks"


class TooManyHomepages(BackendError):
    code, status, default_key = "LIMIT_REACHED", 409, "too_many_homepages"


class KeyInUse(BackendError):
    """The first request under an idempotency key is still being worked on."""

    code, status, default_key = "IDEMPOTENCY_KEY_IN_USE", 409, "key_in_use"


class KeyReused(BackendError):
    code, status, default_key = "IDEMPOTENCY_KEY_REUSED", 422, "key_reused"


class LimitReached(BackendError):
    """The business has as much of ``kind`` as it may."""

    code, status = "LIMIT_REACHED", 403

    def __init__(self, kind: str, *, limit: int, used: int) -> None:
        super().__init__(f"limit_{kind}", kind=kind, limit=limit, used=used)


class MonthUsedUp(LimitReached):
    """This month's ads; they come back with the next one."""

    status = 429


class TooLarge(BackendError):
    code, status, default_key = "PAYLOAD_TOO_LARGE", 413, "too_large"


class InvalidField(BackendError):
    """One or more fields of a form or a body; ``fields`` holds a catalogue key for each."""

    code, status, default_key = "INVALID_PARAMETER", 422, "fields"

    def __init__(self, **fields: str) -> None:
        self._fields = fields
        super().__init__(field=", ".join(fields))

    def sentences(self, locale: Locale) -> dict[str, str]:
        """What is wrong with each field, for a person."""
        return {name: say(locale, f"forms.{key}") for name, key in self._fields.items()}

    def told_fields(self, locale: Locale) -> dict[str, Any]:
        return {**self.details, "fields": self.sentences(locale)}


class TooManyTries(BackendError):
    code, status, default_key = "RATE_LIMITED", 429, "too_many"


class AiserverDown(BackendError):
    code, status, default_key = "UPSTREAM_UNAVAILABLE", 502, "aiserver_down"


class HomepagesDown(BackendError):
    """The homepage service is away, or answers what nobody can read."""

    code, status, default_key = "UPSTREAM_UNAVAILABLE", 502, "homepages_down"


class DatabaseGone(BackendError):
    code, status, default_key = "DATABASE_UNAVAILABLE", 503, "database"


class StoreFull(BackendError):
    code, status, default_key = "STORAGE_FULL", 507, "store_full"
