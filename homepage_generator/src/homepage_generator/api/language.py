"""Which language to answer a request in: what its body says, else ``Accept-Language``, else Korean."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from nanococoa_client.messages import Locale


def locale_of(request: Request) -> Locale:
    """The request's language, as far as it is known by now."""
    chosen: Locale | None = getattr(request.state, "locale", None)
    return chosen or header_locale(request) or "ko"


def header_locale(request: Request) -> Locale | None:
    """The language ``Accept-Language`` prefers among the two we speak."""
    wanted = request.headers.get("accept-language", "")
    for tag in sorted(wanted.split(","), key=_weight, reverse=True):
        if (found := as_locale(tag.strip()[:2].lower())) is not None:
            return found
    return None


def as_locale(value: Any) -> Locale | None:
    if value == "ko":
        return "ko"
    return "en" if value == "en" else None


def remember(request: Request, value: Any) -> None:
    """Keep the language a body asked for (a model's ``locale`` only where it was sent), so that a failure later on
    speaks it too."""
    if isinstance(value, BaseModel):
        value = value.model_dump(include={"locale"}, exclude_unset=True).get("locale")
    if (locale := as_locale(value)) is not None:
        request.state.locale = locale


def _weight(tag: str) -> float:
    _, _, quality = tag.partition(";q=")
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
