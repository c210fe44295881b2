"""A style as data: where the product stands, where the scene shows, and which words go where, per aspect class.

Boxes are ``(left, top, width, height)`` in per cent of the content area (the picture less its margin and safe zone).
A side of a *bleeding* box (scene, panel) that lies at 0 or 100 reaches the picture's edge.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Rect: TypeAlias = tuple[float, float, float, float]
LayoutClass: TypeAlias = Literal["square", "portrait", "story", "wide", "banner", "strip", "tower"]
Shape: TypeAlias = Literal["tall", "mid", "wide"]
CLASSES: tuple[LayoutClass, ...] = ("square", "portrait", "story", "wide", "banner", "strip", "tower")
SHARED: tuple[LayoutClass, ...] = ("banner", "strip", "tower")
"""Classes laid out alike in every style, dressed in its faces and colours."""
SHAPES: tuple[Shape, ...] = ("tall", "mid", "wide")
STYLES = (
    "shout", "editorial", "friendly", "catalog", "coupon", "cover", "season", "number", "split", "lower",
)  # fmt: skip
FILLERS = ("*", "rule", "bar")
"""Row slots that hold no words: a stretch of free space, a full rule, a short bar."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Zone(Frozen):
    """A place for words. ``rows`` are roles from top to bottom; ``a b | c`` puts a over b left and c right.

    ``price`` stands for the whole price block (discount, old price, price, unit) less what another zone shows.
    ``size`` is the largest body size in rem, ``ratio`` the largest headline size in body sizes. ``veil`` names the
    edge of the picture from which a veil is laid under words on the scene. ``a/b`` is the first of the two that is
    given. A zone with ``up_to`` shows only words of so many characters; longer ones go to the zone that names their
    role as well. ``vertical`` headlines have a box of their own.
    """

    name: str
    box: Rect
    boxes: dict[Shape, Rect] = {}
    rows: tuple[str, ...]
    on: str = "ground"
    plane: Literal["back", "front"] = "front"
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["start", "center", "end"] = "start"
    veil: Literal["", "top", "bottom", "left", "right"] = ""
    size: float | None = None
    ratio: float = 3.0
    max_lines: int = 3
    linefit: float | None = Field(None, description="Lines of unequal size, at most this ratio apart")
    vertical_up_to: int = 0
    vertical: Rect | None = None
    shape: Literal["", "burst", "sticker", "round"] = ""
    over: bool = False
    bleed: bool = False
    up_to: int = 0

    def slots(self) -> list[str]:
        """Every role or filler of the rows."""
        return [slot for row in self.rows for slot in row.replace("|", " ").split()]

    def box_for(self, shape: Shape) -> Rect:
        return self.boxes.get(shape, self.box)


class Layout(Frozen):
    """One aspect class of a style. ``text_at`` is the side the words are on, ``turns`` the sides they can go to."""

    product: dict[Shape, Rect]
    product_plain: dict[Shape, Rect] = Field({}, description="Instead of ``product`` with neither price nor discount")
    product_vertical: dict[Shape, Rect] = Field({}, description="Instead of ``product`` beside a vertical headline")
    scene: Rect = (0, 0, 100, 100)
    panels: dict[str, Rect] = Field({}, description="Grounds that bleed")
    objects: dict[str, Rect] = Field({}, description="Drawn things that do not: a ticket, a moon")
    objects_vertical: dict[str, Rect] = Field({}, description="Instead of ``objects`` beside a vertical headline")
    paints: bool = Field(True, description="The scene shows; without it the style draws its own ground")
    shadow: float = 1.0
    size: float = 3.3
    margin: float = 6.0
    text_at: Literal["top", "center", "bottom", "left", "right"] = "top"
    turns: tuple[str, ...] = ()
    zones: tuple[Zone, ...]


class Face(Frozen):
    """Families and weights. ``display_lh`` is the line height of the headline."""

    display: str
    display_weight: int = 400
    display_lh: float = 1.15
    display_width: float = Field(1.0, description="Width of its syllables against 0.9 em")
    text: str = "NanumSquare"
    text_weight: int = 700


class Style(Frozen):
    name: str
    title_ko: str
    title_en: str
    family: Literal["loud", "quiet", "warm", "plain", "photo"]
    mood: Literal["loud", "normal", "soft", "lux"]
    faces: Face
    ground: str = Field("tint", description="The palette's ground the words stand on where the style draws its own")
    button: bool = Field(True, description="The call to action is drawn as a button in banners")
    need: float = Field(5.0, description="Contrast the veil is solved for")
    hides: tuple[float, float] = Field((0.34, 0.2), description="Largest hidden share of a syllable behind the product")
    own_ground: bool = False
    behind: bool = Field(False, description="Words stand behind the product")
    layouts: dict[LayoutClass, Layout]


@lru_cache
def load_style(name: str) -> Style:
    """The style's data with the shared banner and tower where it has none of its own. Raises ``KeyError``."""
    if name not in STYLES:
        raise KeyError(name)
    data = _toml(name, "style.toml")
    for layout in data["layouts"].values():
        layout["paints"] = not data.get("own_ground", False)
    for shared in SHARED:
        data["layouts"].setdefault(shared, _toml("shared", f"{shared}.toml"))
    data["layouts"].setdefault("story", data["layouts"]["portrait"])
    return Style(name=name, **data)


@lru_cache
def source(folder: str, file: str) -> str:
    """Text of a style's file, empty where it has none."""
    path = resources.files(__package__).joinpath(folder, file)
    return path.read_text("utf-8") if path.is_file() else ""


def _toml(folder: str, file: str) -> dict[str, Any]:
    return tomllib.loads(source(folder, file))
