"""A picture without text: the product at its natural place on the scene, in any format."""

from __future__ import annotations

from dataclasses import dataclass

from nanococoa_aiserver.imaging.composite import Composite, stand
from nanococoa_aiserver.imaging.fidelity import core_difference
from nanococoa_aiserver.imaging.types import Backdrop, Box, Rgb, Sprite, Stage
from nanococoa_aiserver.layout.planes import aligned
from nanococoa_client.schemas import FormatSpec


@dataclass(frozen=True, slots=True)
class PlainPicture:
    """The picture with its masks, where the product stands in it, and by how much its core differs (0)."""

    image: Rgb
    at: Box
    core_difference: int
    composite: Composite


def plain_picture(sprite: Sprite, backdrop: Backdrop, spec: FormatSpec) -> PlainPicture:
    """The product on the scene's own standing place, scene and product filling the format."""
    size = (spec.width, spec.height)
    foot = (spec.width * backdrop.stage.x, spec.height * backdrop.stage.ground)
    at = natural_place(sprite, backdrop.stage, size, foot)
    scene = aligned(backdrop, size, at)
    picture = stand(scene.image, sprite, at, scene.stage)
    return PlainPicture(picture.image, at, core_difference(picture.image, picture.sprite, at), picture)


def natural_place(sprite: Sprite, stage: Stage, size: tuple[int, int], foot: tuple[float, float]) -> Box:
    """The largest box of the sprite's aspect that the stage allows, standing on ``foot`` (px)."""
    width = min(stage.max_width * size[0], stage.max_height * size[1] * sprite.aspect, 0.9 * foot[1] * sprite.aspect)
    height = width / sprite.aspect
    return Box(round(foot[0] - width / 2), round(foot[1] - height), max(1, round(width)), max(1, round(height)))
