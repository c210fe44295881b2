"""Where things stand on one format: the content area inside margins and safe zones, and boxes turned into pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nanococoa_aiserver.imaging.types import Box
from nanococoa_aiserver.layout.styles.model import Layout, LayoutClass, Rect, Shape, Style, Zone
from nanococoa_client.schemas import FormatSpec
from nanococoa_client.schemas.catalogue import SafeZone

STORY_SAFE = SafeZone(top=0.12, bottom=0.14)
"""Stories put their own controls over the top 12 % and the bottom 14 % (Meta ads guide)."""
MIRROR = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "": "", "center": "center"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A format's canvas and its content area (left, top, width, height), in px; ``rem`` is 1 % of the short side.

    ``safe`` is what the placement covers itself: left, top, right, bottom px.
    """

    width: int
    height: int
    content: tuple[float, float, float, float]
    safe: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def rem(self) -> float:
        return min(self.width, self.height) / 100

    def box(self, rect: Rect) -> tuple[float, float, float, float]:
        """``rect`` (per cent of the content area) in px."""
        left, top, width, height = self.content
        return left + width * rect[0] / 100, top + height * rect[1] / 100, width * rect[2] / 100, height * rect[3] / 100

    def within(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """``box`` moved into what the placement leaves free, and cut where it is larger than that."""
        width = min(box[2], self.width - self.safe[0] - self.safe[2])
        height = min(box[3], self.height - self.safe[1] - self.safe[3])
        left = min(max(box[0], self.safe[0]), self.width - self.safe[2] - width)
        top = min(max(box[1], self.safe[1]), self.height - self.safe[3] - height)
        return left, top, width, height

    def bleeding(self, rect: Rect) -> tuple[float, float, float, float]:
        """``rect`` in px, its sides at 0 or 100 taken to the picture's edge."""
        left, top, width, height = self.box(rect)
        right, bottom = left + width, top + height
        left, top = (0.0 if rect[0] <= 0 else left), (0.0 if rect[1] <= 0 else top)
        right = float(self.width) if rect[0] + rect[2] >= 100 else right
        bottom = float(self.height) if rect[1] + rect[3] >= 100 else bottom
        return left, top, right - left, bottom - top

    def rems(self, box: tuple[float, float, float, float]) -> tuple[float, ...]:
        """A box of px in rem."""
        return tuple(round(value / self.rem, 3) for value in box)


@dataclass(frozen=True, slots=True)
class Placement:
    """One format laid out: the class, its (possibly turned) data, product and scene in px."""

    kind: LayoutClass
    layout: Layout
    frame: Frame
    product: Box
    scene: Box
    shape: Shape
    vertical: bool
    turned: bool

    def zone_box(self, zone: Zone) -> tuple[float, float, float, float]:
        """The zone in px."""
        rect = zone.vertical if self.vertical and zone.vertical else zone.box_for(self.shape)
        return self.frame.within(self.frame.box(rect))


def class_of(width: int, height: int, safe: SafeZone | None = None) -> LayoutClass:
    """The aspect class of a canvas; a story whose safe zone leaves a square is laid out as a square."""
    aspect = width / height
    if aspect >= 2.6:
        return "banner" if aspect < 5 else "strip"
    if aspect >= 1.4:
        return "wide"
    if aspect >= 0.9:
        return "square"
    if aspect >= 0.68:
        return "portrait"
    if aspect < 0.52:
        return "tower"
    safe = safe or STORY_SAFE
    inner = aspect * (1 - safe.left - safe.right) / (1 - safe.top - safe.bottom)
    return "square" if inner >= 0.85 else "story"


def shape_of(aspect: float) -> Shape:
    """A product's shape by its width over its height."""
    return "tall" if aspect < 0.62 else "wide" if aspect > 1.3 else "mid"


def frame_of(spec: FormatSpec, kind: LayoutClass, margin: float) -> Frame:
    """The content area: the picture less the larger of safe zone and margin (rem) on each side."""
    safe = safe_zone(spec, kind)
    edge = margin * min(spec.width, spec.height) / 100
    left, right = max(edge, safe.left * spec.width), max(edge, safe.right * spec.width)
    top, bottom = max(edge, safe.top * spec.height), max(edge, safe.bottom * spec.height)
    content = (left, top, spec.width - left - right, spec.height - top - bottom)
    covered = (safe.left * spec.width, safe.top * spec.height, safe.right * spec.width, safe.bottom * spec.height)
    return Frame(spec.width, spec.height, content, covered)


def safe_zone(spec: FormatSpec, kind: LayoutClass) -> SafeZone:
    """The format's own safe zone; every story has one."""
    given = spec.safe_zone
    return STORY_SAFE if kind == "story" and not (given.top or given.bottom) else given


def place(
    style: Style,
    spec: FormatSpec,
    aspect: float,
    *,
    plain: bool = False,
    letters: int = 0,
    position: str = "auto",
    shrink: float = 1.0,
) -> Placement:
    """Lay ``style`` out on ``spec`` for a product of ``aspect`` (width / height).

    ``plain`` is an ad with neither price nor discount, ``letters`` the headline's length, ``position`` the side the
    words were wished on; ``shrink`` makes the product smaller on its foot.
    """
    kind = class_of(spec.width, spec.height, spec.safe_zone)
    layout = style.layouts[kind]
    turned = position != layout.text_at and position in layout.turns
    layout = _turned(layout, position) if turned else layout
    frame = frame_of(spec, kind, layout.margin)
    shape = shape_of(aspect)
    vertical = any(zone.vertical and 0 < letters <= zone.vertical_up_to for zone in layout.zones)
    rect = _product_rect(layout, shape, plain=plain, vertical=vertical)
    product = standing_in(frame.box(rect), aspect, shrink)
    scene = rounded(frame.bleeding(layout.scene))
    return Placement(
        kind, layout, frame, product, scene, shape, vertical, turned or position in ("auto", layout.text_at)
    )


def standing_in(box: tuple[float, float, float, float], aspect: float, shrink: float = 1.0) -> Box:
    """The largest box of ``aspect`` that stands on the middle of ``box``'s lower edge."""
    left, top, width, height = box
    tall = min(height, width / aspect) * shrink
    wide = tall * aspect
    return Box(round(left + (width - wide) / 2), round(top + height - tall), max(2, round(wide)), max(2, round(tall)))


def rounded(box: Iterable[float]) -> Box:
    """To whole pixels, edges kept adjacent."""
    left, top, width, height = box
    x, y = round(left), round(top)
    return Box(x, y, round(left + width) - x, round(top + height) - y)


def _product_rect(layout: Layout, shape: Shape, *, plain: bool, vertical: bool) -> Rect:
    if vertical and layout.product_vertical:
        return layout.product_vertical[shape]
    return (layout.product_plain or layout.product)[shape] if plain else layout.product[shape]


def _turned(layout: Layout, position: str) -> Layout:
    """The layout mirrored to the other side; left and right, or top and bottom."""
    sideways = position in ("left", "right")
    changes = {
        "text_at": position,
        "scene": _mirrored(layout.scene, sideways),
        "panels": {name: _mirrored(rect, sideways) for name, rect in layout.panels.items()},
        "product": {shape: _mirrored_foot(rect, sideways) for shape, rect in layout.product.items()},
        "product_plain": {shape: _mirrored_foot(rect, sideways) for shape, rect in layout.product_plain.items()},
        "zones": tuple(_turned_zone(zone, sideways) for zone in layout.zones),
    }
    return layout.model_copy(update=changes)


def _turned_zone(zone: Zone, sideways: bool) -> Zone:
    veil = MIRROR[zone.veil] if (zone.veil in ("left", "right")) == sideways else zone.veil
    boxes = {shape: _mirrored(rect, sideways) for shape, rect in zone.boxes.items()}
    return zone.model_copy(update={"box": _mirrored(zone.box, sideways), "boxes": boxes, "veil": veil})


def _mirrored(rect: Rect, sideways: bool) -> Rect:
    left, top, width, height = rect
    return (100 - left - width, top, width, height) if sideways else (left, 100 - top - height, width, height)


def _mirrored_foot(rect: Rect, sideways: bool) -> Rect:
    """A product's box: upside down it keeps its air above and stands near the new lower edge."""
    left, top, width, height = _mirrored(rect, sideways)
    return (left, top, width, height) if sideways else (left, max(top, -2), width, height)
