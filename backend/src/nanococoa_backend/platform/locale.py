"""Which language to answer in: the one the person chose, else the browser's, else Korean."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request

from nanococoa_backend.messages import Locale

COOKIE: Final = "nanococoa_language"


def locale_of(request: Request) -> Locale:
    """The request's language."""
    return as_locale(request.cookies.get(COOKIE)) or _of_browser(request) or "ko"


def as_locale(value: Any) -> Locale | None:
    if value == "ko":
        return "ko"
    return "en" if value == "en" else None


def _of_browser(request: Request) -> Locale | None:
    wanted = request.headers.get("accept-language", "")
    for tag in sorted(wanted.split(","), key=_weight, reverse=True):
        if (found := as_locale(tag.strip()[:2].lower())) is not None:
            return found
    return None


def _weight(tag: str) -> float:
    _, _, quality = tag.partition(";q=")
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0


LocaleDep = Annotated[Locale, Depends(locale_of)]
