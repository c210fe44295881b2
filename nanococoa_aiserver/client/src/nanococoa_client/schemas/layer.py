"""The editable text layer of an ad: the copy's fields, what a person changed, and where each text stands.

Pictures are rendered from this alone (with the kept cut-out and scenes), so that text can be edited, and another
style chosen, with no repainting.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Role: TypeAlias = Literal[
    "headline", "sub", "price", "old_price", "unit", "discount", "call_to_action", "small_print", "shop"
]
ROLES: tuple[Role, ...] = (
    "headline",
    "sub",
    "price",
    "old_price",
    "unit",
    "discount",
    "call_to_action",
    "small_print",
    "shop",
)


class AdCopy(BaseModel):
    """Copy by field, each as it is to be read (``price`` is ``39,900원``, not a number). Empty: not given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    headline: str = ""
    sub: str = ""
    price: str = ""
    old_price: str = ""
    unit: str = ""
    discount: str = ""
    call_to_action: str = ""
    small_print: str = ""
    shop: str = ""

    def given(self) -> dict[Role, str]:
        """The fields that hold text, in reading order."""
        return {role: text for role in ROLES if (text := getattr(self, role))}


class PixelBox(BaseModel):
    """A rectangle in pixels of the finished picture."""

    x: float
    y: float
    width: float
    height: float


class TextEdit(BaseModel):
    """What a person changed about one text in one format. Offsets are per cent of the picture's short side."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, max_length=2000)
    dx: float = Field(0, ge=-200, le=200)
    dy: float = Field(0, ge=-200, le=200)
    scale: float = Field(1, ge=0.3, le=3)
    color: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")
    font_family: str | None = None
    font_weight: int | None = Field(None, ge=100, le=900)
    hidden: bool = False


class PlacedText(BaseModel):
    """Where a text came to stand, measured in the browser."""

    role: Role
    text: str
    box: PixelBox
    font_family: str
    font_px: float
    color: str
    plane: Literal["back", "front"]


class SceneAsset(BaseModel):
    """A scene that was painted once for an aspect bucket, and where a product stands on it."""

    artifact: str
    width: int
    height: int
    scene: str
    palette: str
    stage: dict[str, Any]


class FormatLayer(BaseModel):
    """One format's layer. ``html`` is self-contained (no scripts), its planes in ``.back`` and ``.front``."""

    format: str
    width: int
    height: int
    style: str
    product: PixelBox
    html: str = ""
    texts: list[PlacedText] = []
    edits: dict[Role, TextEdit] = {}
    left_out: list[Role] = []


class AdLayer(BaseModel):
    """The whole ad's layer, kept with the job."""

    model_config = ConfigDict(populate_by_name=True)

    version: int = 1
    fields: AdCopy = Field(description="The copy, by field")
    style: str
    alternatives: list[str] = Field([], description="Other styles that suit, best first")
    mood: str = "normal"
    palette: dict[str, str] = {}
    font_family: str | None = None
    cutout: str = Field("", description="Artifact of the product's cut-out (RGBA)")
    scenes: dict[str, SceneAsset] = Field({}, description="By aspect bucket")
    formats: dict[str, FormatLayer] = {}
    design: dict[str, Any] = Field({}, description="The designer's whole decision, to be sent back unchanged")
