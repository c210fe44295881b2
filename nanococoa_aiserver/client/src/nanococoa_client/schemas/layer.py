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

    headline: str = Field(default="", description="The one thing that is said, e.g. 갓 짠 참기름")
    sub: str = Field(default="", description="A second line that explains it")
    price: str = Field(default="", description="As it is to be read, e.g. 39,900원")
    old_price: str = Field(default="", description="The price before, struck through, e.g. 59,000원")
    unit: str = Field(default="", description="What the price buys, e.g. 10kg 한 박스")
    discount: str = Field(default="", description="e.g. 32% 할인, 1+1")
    call_to_action: str = Field(default="", description="What to do, e.g. 지금 주문하기")
    small_print: str = Field(default="", description="Conditions, telephone, dates")
    shop: str = Field(default="", description="The shop's name")

    def given(self) -> dict[Role, str]:
        """The fields that hold text, in reading order."""
        return {role: text for role in ROLES if (text := getattr(self, role))}


class PixelBox(BaseModel):
    """A rectangle in pixels of the finished picture."""

    x: float = Field(description="From the left")
    y: float = Field(description="From the top")
    width: float = Field(description="Pixels")
    height: float = Field(description="Pixels")


class TextEdit(BaseModel):
    """What a person changed about one text in one format. Offsets are per cent of the picture's short side."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, max_length=2000, description="Other words for this text")
    dx: float = Field(default=0, ge=-200, le=200, description="To the right, per cent of the short side")
    dy: float = Field(default=0, ge=-200, le=200, description="Down, per cent of the short side")
    scale: float = Field(default=1, ge=0.3, le=3, description="Times its own size")
    color: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$", description="#RRGGBB")
    font_family: str | None = Field(default=None, description="A family from GET /fonts")
    font_weight: int | None = Field(default=None, ge=100, le=900, description="CSS weight")
    hidden: bool = Field(default=False, description="Leave this text out")


class PlacedText(BaseModel):
    """Where a text came to stand, measured in the browser."""

    role: Role = Field(description="Which field of the copy it is")
    text: str = Field(description="As it is shown")
    box: PixelBox = Field(description="Around its glyphs")
    font_family: str = Field(description="The family it was drawn with")
    font_px: float = Field(description="Size in pixels of the picture")
    color: str = Field(description="CSS colour")
    plane: Literal["back", "front"] = Field(description="Behind or in front of the product")


class SceneAsset(BaseModel):
    """A scene that was painted once for an aspect bucket, and where a product stands on it."""

    artifact: str = Field(description="The scene's picture, without product")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    scene: str = Field(description="Its name")
    palette: str = Field(description="The palette it was painted with")
    stage: dict[str, Any] = Field(description="Where and how a product stands on it")


class LayoutAttempt(BaseModel):
    """How a format was laid out in the end: what makes the same layout again, sent back unchanged."""

    model_config = ConfigDict(extra="forbid")

    style: str = Field(max_length=60, description="The text style by name; another than the ad's where that failed")
    veil: float = Field(default=0, ge=0, le=4, description="How much stronger the veil under the words is")
    smaller: float = Field(default=1, gt=0.1, le=1, description="Scale of the words' largest sizes")
    shrink: float = Field(default=1, gt=0.1, le=1, description="Scale of the product")
    firm: bool = Field(default=False, description="Small words bold and in the full colour")
    left_out: list[Role] = Field(default=[], description="Fields that found no place")


class FormatLayer(BaseModel):
    """One format's layer. ``html`` is self-contained (no scripts), its planes in ``.back`` and ``.front``.

    What an editor needs to show it live: ``plate``, the picture with everything but words, lies under the text of
    ``html``; ``cover``, the product alone, lies over words of the back plane.
    """

    format: str = Field(description="The placement's name")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    style: str = Field(description="The text style by name")
    product: PixelBox = Field(description="Where the product stands")
    html: str = Field(default="", description="The layer as a page of its own")
    texts: list[PlacedText] = Field(default=[], description="Every text and where it stands")
    edits: dict[Role, TextEdit] = Field(default={}, description="What a person changed, by field")
    left_out: list[Role] = Field(default=[], description="Fields that found no place; see warnings")
    plate: str = Field(default="", description="Artifact of the picture without any words")
    cover: str = Field(default="", description="Artifact of the product (RGBA, in its box) where words stand behind it")
    attempt: LayoutAttempt | None = Field(default=None, description="How it was laid out, to be sent back unchanged")


class AdLayer(BaseModel):
    """The whole ad's layer, kept with the job."""

    model_config = ConfigDict(populate_by_name=True)

    version: int = Field(default=1, description="Grows with every change")
    fields: AdCopy = Field(description="The copy, by field")
    style: str = Field(description="The text style by name")
    alternatives: list[str] = Field(default=[], description="Other styles that suit, best first")
    mood: str = Field(default="normal", description="How loud the style speaks")
    palette: dict[str, str] = Field(default={}, description="Colours by use, #RRGGBB")
    font_family: str | None = Field(default=None, description="A family from GET /fonts")
    cutout: str = Field(default="", description="Artifact of the product's cut-out (RGBA)")
    source: str = Field(default="", description="IPTC digital source type of the pictures")
    contact: str = Field(default="", description="Artifact of the light a refining model painted around the product")
    scenes: dict[str, SceneAsset] = Field(default={}, description="By aspect bucket")
    formats: dict[str, FormatLayer] = Field(default={}, description="Each placement's layer, by name")
    design: dict[str, Any] = Field(default={}, description="The designer's whole decision, to be sent back unchanged")
