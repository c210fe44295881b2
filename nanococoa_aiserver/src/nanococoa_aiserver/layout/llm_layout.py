"""What a language model is asked and may answer: a typed layout within limits, its words all the customer's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_aiserver.layout.copy_finds import SEPARATORS
from nanococoa_client.schemas import ROLES, AdCopy, Role, TextEdit
from nanococoa_client.schemas.requests import Position

Mood: TypeAlias = Literal["loud", "normal", "soft", "lux"]
Offset: TypeAlias = Annotated[float, Field(ge=-30, le=30, description="per cent of the picture's short side")]


@dataclass(frozen=True, slots=True)
class LayoutRequest:
    """What the model gets to know. ``styles`` is name -> what the style is for; ``copy`` the copy by field."""

    copy: AdCopy
    styles: Mapping[str, str]
    formats: tuple[str, ...]
    wish: str = ""
    scene: str = ""
    analysis: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """As the model reads it."""
        facts = {
            "copy": list(self.copy.given().values()),
            "copy_read_by_rules": self.copy.given(),
            "styles": dict(self.styles),
            "formats": list(self.formats),
            "wish": self.wish,
            "scene": self.scene,
            "picture": self.analysis,
        }
        return facts | dict(self.extra)


class Override(BaseModel):
    """One text moved, scaled or recoloured in one format."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    role: Role
    dx: Offset
    dy: Offset
    scale: float = Field(ge=0.5, le=1.6)
    color: str | None = Field(pattern=r"^#[0-9a-fA-F]{6}$")


class Fields(BaseModel):
    """``AdCopy`` with nothing left to default, as strict schemas demand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headline: str
    sub: str
    price: str
    old_price: str
    unit: str
    discount: str
    call_to_action: str
    small_print: str
    shop: str


class LayoutSuggestion(BaseModel):
    """A layout as the model answers it: choices from lists, numbers within limits, the customer's words."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="layout")

    style: str
    mood: Mood
    text_position: Position
    text_size: float = Field(ge=0.7, le=1.4)
    fields: Fields
    overrides: list[Override] = Field(max_length=32)

    def copy_fields(self) -> AdCopy:
        """The copy as the model split it, white space collapsed."""
        return AdCopy(**{role: " ".join(getattr(self.fields, role).split()) for role in ROLES})

    def edits(self) -> dict[str, dict[Role, TextEdit]]:
        """The overrides by format and field."""
        edits: dict[str, dict[Role, TextEdit]] = {}
        for one in self.overrides:
            edit = TextEdit(text=None, dx=one.dx, dy=one.dy, scale=one.scale, color=one.color)
            edits.setdefault(one.format, {})[one.role] = edit
        return edits


def schema(request: LayoutRequest) -> dict[str, Any]:
    """JSON Schema of an answer, the names in it limited to what there is."""
    document = LayoutSuggestion.model_json_schema()
    document["properties"]["style"]["enum"] = sorted(request.styles)
    document["$defs"]["Override"]["properties"]["format"]["enum"] = list(request.formats)
    document["description"] = "How the copy of an ad is set."
    return document


def invented(request: LayoutRequest, answer: LayoutSuggestion) -> tuple[str, str]:
    """Characters the answer added, and those of the copy it lost (separators aside)."""
    given, told = _letters(request.copy), _letters(answer.copy_fields())
    lost = "".join(letter for letter in (given - told).elements() if letter not in SEPARATORS)
    return "".join((told - given).elements()), lost


def unknown_names(request: LayoutRequest, answer: LayoutSuggestion) -> list[str]:
    """Styles and formats the answer names that do not exist."""
    names = [] if answer.style in request.styles else [answer.style]
    return names + [one.format for one in answer.overrides if one.format not in request.formats]


def _letters(copy: AdCopy) -> Counter[str]:
    return Counter("".join("".join(text.split()) for text in copy.given().values()))
