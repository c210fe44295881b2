"""The pictures every layer speaks of: arrays with one meaning each, and where a product stands on a backdrop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Rgb: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB, 0..255."""

Rgba: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 4), sRGB with straight (not premultiplied) alpha, 0..255."""

Alpha: TypeAlias = npt.NDArray[np.float32]
"""(height, width), coverage 0..1."""


class Box(NamedTuple):
    """A rectangle in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Cutout:
    """A product's matte over its photo.

    ``alpha`` has the photo's size. ``confidence`` is the fitted probability that the matte overlaps the true one
    with IoU >= 0.9; ``method`` names the hypothesis that won (for the job's record, not for decisions).
    """

    alpha: Alpha
    confidence: float
    method: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Light and shade a product brings to what is around it, beyond its computed shadow.

    ``gain`` (height, width, 3) is the base-2 logarithm of what the surroundings are multiplied by; it covers the
    product's box with ``contact.REACH`` of its longer side added on each side.
    """

    gain: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A product cropped to its matte: colours free of the old background at the soft edge, straight alpha."""

    rgb: Rgb
    alpha: Alpha
    contact: Contact | None = None

    @property
    def width(self) -> int:
        return int(self.alpha.shape[1])

    @property
    def height(self) -> int:
        return int(self.alpha.shape[0])

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and how a product stands on a backdrop. Lengths are shares of the picture's width or height.

    ``ground`` is the height (0 top .. 1 bottom) of the line the product's foot touches, ``x`` the middle of the
    standing place, ``horizon`` where the floor begins. ``pedestal`` is true when the standing place is a drawn thing
    (podium, stone) that the product must hit in x as well. ``light`` is (from left -1 .. right 1, elevation 0..1).
    ``rim`` is the ellipse of a pedestal's top (middle x, middle y, half width, half height): shadows end there.
    """

    ground: float
    x: float = 0.5
    horizon: float = 0.6
    max_width: float = 0.62
    max_height: float = 0.7
    pedestal: bool = False
    light: tuple[float, float] = (-0.6, 0.8)
    gloss: float = 0.0
    shadow: float = 0.6
    softness: float = 1.0
    depth: float = 0.3
    tint: tuple[float, float, float] | None = None
    rim: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A painted scene without the product."""

    image: Rgb
    stage: Stage
    scene: str
    palette: str
