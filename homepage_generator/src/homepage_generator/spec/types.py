"""The small types every part of a spec is made of."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

Locale: TypeAlias = Literal["ko", "en"]
Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Trade: TypeAlias = Literal["fruit", "cafe", "restaurant", "bakery", "salon", "clinic", "academy", "workshop", "shop"]
"""What a page's sections, art and schema.org type follow. ``shop``: none of the others."""
TRADES: Final[tuple[Trade, ...]] = (
    "fruit", "cafe", "restaurant", "bakery", "salon", "clinic", "academy", "workshop", "shop"
)  # fmt: skip
ThemeName: TypeAlias = Literal["market", "orchard", "roastery", "ledger", "parlour", "plain", "workbench"]
THEMES: Final[tuple[ThemeName, ...]] = ("market", "orchard", "roastery", "ledger", "parlour", "plain", "workbench")

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
PictureId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
"""A picture's content hash in the media store."""
Clock: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Month: TypeAlias = Annotated[int, Field(ge=1, le=12)]
Colour: TypeAlias = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
WebAddress: TypeAlias = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"']{3,400}$")]


_DIRECTION: Final = "\u200b\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def cleaned(text: str) -> str:
    """Composed (macOS sends Hangul in parts), without control, direction-turning or unassigned characters."""
    return "".join(filter(_is_kept, unicodedata.normalize("NFC", text))).strip()


def _is_kept(character: str) -> bool:
    if character == "\n":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co") and character not in _DIRECTION


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of ``least`` to ``budget`` characters together; an empty line parts paragraphs."""

    budget: int
    least: int = 0

    def clean(self, given: Any) -> Any:
        return cleaned(given) if isinstance(given, str) else given

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        budgeted = core_schema.str_schema(max_length=self.budget, min_length=self.least or None)
        return core_schema.no_info_before_validator_function(self.clean, budgeted)


class Line(Text):
    """One line of ``least`` to ``budget`` characters."""

    def clean(self, given: Any) -> Any:
        return " ".join(cleaned(given).split()) if isinstance(given, str) else given


class Model(BaseModel):
    """Nothing but what is named: an agent's extra words are an error, not a page."""

    model_config = ConfigDict(extra="forbid")
