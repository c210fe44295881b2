"""Pydantic's complaints put into a person's words: which field, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_client.messages import Locale, say

_LIMITS: Final = {
    "greater_than_equal": ("at_least", "ge"),
    "less_than_equal": ("at_most", "le"),
    "greater_than": ("more_than", "gt"),
    "less_than": ("less_than", "lt"),
    "too_short": ("too_short", "min_length"),
    "too_long": ("too_long", "max_length"),
    "string_too_short": ("text_too_short", "min_length"),
    "string_too_long": ("text_too_long", "max_length"),
}
_PLAIN: Final = {
    "missing": "missing",
    "string": "text",
    "int": "whole_number",
    "float": "number",
    "finite": "number",
    "bool": "truth",
    "list": "list",
    "tuple": "list",
    "dict": "object",
    "model": "object",
    "json": "json",
    "datetime": "time",
}
"""By the first word of pydantic's error type."""

_OWN_WORDS: Final = {"from_step": "changes_need_step", "layer": "render_source"}
"""By a word of what a request's own check says."""

_WHERE: Final = ("body", "query", "path", "header")


def explain(
    errors: Sequence[Mapping[str, Any]], locale: Locale, model: type[BaseModel] | None = None
) -> InvalidParameter:
    """The first complaint as an error of the API; ``model`` lets it guess what a misspelt field should have been."""
    first = errors[0]
    return InvalidParameter(field=field_name(first["loc"]), reason=reason_of(first, locale, model))


def field_name(location: Sequence[str | int]) -> str:
    """``("body", "brand", "colors", 0)`` → ``brand.colors[0]``."""
    name = ""
    if "product_box" in location:
        return "product_box"
    for part in location[1:] if location and location[0] in _WHERE else location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.lstrip(".") or "body"


def reason_of(error: Mapping[str, Any], locale: Locale, model: type[BaseModel] | None = None) -> str:
    kind, context, location = error["type"], error.get("ctx") or {}, error["loc"]
    if "product_box" in location:
        return say("reasons", "box", locale)
    if kind in _LIMITS:
        key, name = _LIMITS[kind]
        return say("reasons", key, locale, limit=_plain_number(context[name]))
    if kind in ("literal_error", "enum"):
        return say("reasons", "choice", locale, expected=_choices(context["expected"]))
    if kind == "extra_forbidden":
        return _unknown_field(str(location[-1]), locale, model)
    return say("reasons", _plain_key(error, location), locale)


def _plain_key(error: Mapping[str, Any], location: Sequence[str | int]) -> str:
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return "color" if any("color" in str(part) for part in location) else "pattern"
    if kind == "value_error":
        return next((key for sign, key in _OWN_WORDS.items() if sign in error["msg"]), "invalid")
    if kind == "model_attributes_type" and field_name(location) == "body":
        return "json_type" if isinstance(error.get("input"), bytes | str) else "object"
    return _PLAIN.get(kind.split("_")[0], "invalid")


def _unknown_field(name: str, locale: Locale, model: type[BaseModel] | None) -> str:
    guess = difflib.get_close_matches(name, model.model_fields, 1) if model else []
    if guess:
        return say("reasons", "did_you_mean", locale, guess=guess[0])
    return say("reasons", "unknown_field", locale)


def _choices(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")


def _plain_number(limit: float) -> float | int:
    return int(limit) if float(limit).is_integer() else limit
