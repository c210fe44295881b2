"""All scenes by name, and the one call that paints them."""

from __future__ import annotations

from functools import lru_cache

from nanococoa_aiserver.engines.studio.scenes import (
    gobo,
    home,
    korea,
    nature,
    night,
    plain,
    podium,
    seasons,
    tabletop,
)
from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas
from nanococoa_aiserver.engines.studio.scenes.palettes import load_palettes
from nanococoa_aiserver.engines.studio.scenes.registry import Scene
from nanococoa_aiserver.imaging.types import Backdrop

MODULES = (plain, podium, gobo, tabletop, home, nature, seasons, night, korea)


@lru_cache(1)
def load_scenes() -> dict[str, Scene]:
    """Every scene by name."""
    found = [value for module in MODULES for value in vars(module).values() if isinstance(value, Scene)]
    return {scene.name: scene for scene in found}


def paint_scene(name: str, size: tuple[int, int], *, palette: str = "", light: float = -0.7, seed: int = 0) -> Backdrop:
    """Paint scene ``name`` at ``size`` (width, height px).

    ``palette`` is a palette's name, empty for the scene's own; ``light`` the side the light comes from, -1 (left) ..
    1 (right). The same arguments give the same picture. Raises ``KeyError`` for an unknown scene or palette.
    """
    scene = load_scenes()[name]
    colours = load_palettes()[palette or scene.palette]
    canvas = Canvas(*size, seed & 0x7FFFFFFF, light)
    stage = scene.paint(canvas, colours)
    return Backdrop(canvas.finished(scene.vignette, scene.grain), stage, name, colours.name)
