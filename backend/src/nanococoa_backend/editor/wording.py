"""What the editor's scripts say: sentences of the catalogue by their last name."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_backend.messages import Locale, catalogue

_TABLE: Final = "editor."
_LISTS: Final = ("styles", "roles", "colors")


def sentences(locale: Locale) -> dict[str, Any]:
    """``{"save": …, "styles": {…}, "roles": {…}, "colors": {…}}``; scripts fill in the braces."""
    found: dict[str, Any] = {name: {} for name in _LISTS}
    for key, sentence in catalogue(locale).items():
        if not key.startswith(_TABLE):
            continue
        first, _, rest = key.removeprefix(_TABLE).partition(".")
        if rest:
            found[first][rest] = sentence
        elif not first.startswith(("plain", "pending")):
            found[first] = sentence
    return found
