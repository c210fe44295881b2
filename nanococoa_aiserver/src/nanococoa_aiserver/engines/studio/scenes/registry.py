"""Scenes by name. A scene is a function that paints a canvas in a palette and says where the product stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import Palette
from nanococoa_aiserver.imaging.types import Stage

Painting: TypeAlias = Callable[[Canvas, Palette], Stage]


@dataclass(frozen=True, slots=True)
class Scene:
    """``palette`` is what it is painted in when no colour was asked for; ``vignette`` the darkening of its corners.

    A ``themed`` scene has colours of its own that a mood ("warm", "dark") does not change; a named colour still does.
    """

    name: str
    palette: str
    paint: Painting
    themed: bool = False
    vignette: float = 0.10
    grain: float = 0.006


def scene(
    name: str, palette: str, *, themed: bool = False, vignette: float = 0.10, grain: float = 0.006
) -> Callable[[Painting], Scene]:
    """Make a painting function a ``Scene``: ``@scene("podium", "pink")``."""

    def named(paint: Painting) -> Scene:
        return Scene(name, palette, paint, themed, vignette, grain)

    return named
