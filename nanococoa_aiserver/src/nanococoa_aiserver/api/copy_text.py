"""The customer's words on their way in: kept as they are, but for what no printer knows and what is far too long."""

from __future__ import annotations

import re
from typing import Any, Final

from nanococoa_aiserver.errors import InvalidPrompt
from nanococoa_client.schemas.requests import TEXT_LIMIT

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
"""Control characters, and the marks that turn the reading direction around. The joiners inside emoji stay."""


def cleaned(value: Any) -> Any:
    """``value`` with control characters taken out of every string, and line ends made ``\\n``."""
    if isinstance(value, str):
        return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if isinstance(value, dict):
        return {name: cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value


def check_length(text: str) -> None:
    """Raises InvalidPrompt for more than ``TEXT_LIMIT`` characters."""
    if len(text) > TEXT_LIMIT:
        raise InvalidPrompt("prompt_too_long", length=len(text), limit=TEXT_LIMIT)


def check_said(text: str) -> None:
    """Raises InvalidPrompt for an empty or a far too long text."""
    if not text.strip():
        raise InvalidPrompt
    check_length(text)
