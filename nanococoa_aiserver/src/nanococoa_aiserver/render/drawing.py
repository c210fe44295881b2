"""What one page became: two planes of pixels, each with and without its text, and every glyph's place."""

from __future__ import annotations

from dataclasses import dataclass, field

from nanococoa_aiserver.imaging.types import Rgba
from nanococoa_client.schemas import PlacedText


@dataclass(frozen=True, slots=True)
class Glyph:
    """One grapheme as the browser placed it. Lengths are px of the canvas.

    The box is as wide as the advance and as high as the font's ascent and descent. ``font_px`` and ``weight`` are
    what the reader sees (transforms included). ``block`` numbers the nearest box of its own line; glyphs of different
    blocks must not meet. ``over`` may lie over the product, ``bleed`` may leave the picture.
    """

    char: str
    x0: float
    y0: float
    x1: float
    y1: float
    font_px: float
    weight: int
    role: str
    block: int
    plane: str
    over: bool
    bleed: bool
    rotated: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn page. All four planes have the canvas's size.

    ``unfit`` names the roles whose text was too large even at its smallest size. ``fonts`` holds, by role, the
    families the text was really drawn with; ``asked_fonts`` the first family each of its elements asked for.
    A plane without text shares one array with its textless twin; so do all four when nothing was measured.
    """

    back: Rgba
    front: Rgba
    back_textless: Rgba
    front_textless: Rgba
    glyphs: tuple[Glyph, ...] = ()
    texts: tuple[PlacedText, ...] = ()
    unfit: tuple[str, ...] = ()
    fonts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked_fonts: dict[str, tuple[str, ...]] = field(default_factory=dict)
