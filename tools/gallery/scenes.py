"""Contact sheets of the studio's backdrops for docs/gallery: scenes in four shapes, in other colours, with products.

Usage: python tools/gallery/scenes.py [folder of NAME.jpg with NAME_gt.png] [output folder]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes, paint_scene
from nanococoa_aiserver.imaging.composite import stand
from nanococoa_aiserver.imaging.sprite import light_side, sprite_of
from nanococoa_aiserver.imaging.types import Box, Rgb, Sprite, Stage

SHAPES = ((1080, 1080), (1080, 1350), (1080, 1920), (1200, 628))
PALETTES = ("navy", "mint", "red", "charcoal", "yellow", "lavender")


def thumbnail(image: Rgb, height: int) -> Rgb:
    size = (round(image.shape[1] * height / image.shape[0]), height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def sheet(cells: Sequence[Rgb], columns: int, gap: int = 4) -> Rgb:
    framed = [cv2.copyMakeBorder(cell, 0, gap, 0, gap, cv2.BORDER_CONSTANT, value=(255, 255, 255)) for cell in cells]
    framed += [np.full_like(framed[0], 255)] * (-len(framed) % columns)
    rows = [np.concatenate(framed[i : i + columns], 1) for i in range(0, len(framed), columns)]
    return np.asarray(np.concatenate(rows), np.uint8)


def in_four_shapes(name: str) -> Rgb:
    return sheet([thumbnail(paint_scene(name, shape, seed=3).image, 150) for shape in SHAPES], len(SHAPES))


def in_other_colours(name: str) -> Rgb:
    pictures = [paint_scene(name, (540, 540), palette=palette, seed=4).image for palette in PALETTES]
    return sheet([thumbnail(picture, 120) for picture in pictures], len(PALETTES), gap=2)


def standing(sprite: Sprite, name: str, shape: tuple[int, int], seed: int, palette: str = "") -> Rgb:
    backdrop = paint_scene(name, shape, palette=palette, light=light_side(sprite), seed=seed)
    return stand(backdrop.image, sprite, place(sprite, backdrop.stage, shape), backdrop.stage).image


def place(sprite: Sprite, stage: Stage, shape: tuple[int, int]) -> Box:
    width = min(stage.max_width * shape[0], stage.max_height * shape[1] * sprite.aspect)
    height = width / sprite.aspect
    left, top = stage.x * shape[0] - width / 2, stage.ground * shape[1] - height
    return Box(round(left), round(top), round(width), round(height))


def load_sprites(folder: Path) -> list[Sprite]:
    sprites = []
    for photo in sorted(folder.glob("*.jpg")):
        matte = cv2.imread(str(photo.with_name(f"{photo.stem}_gt.png")), cv2.IMREAD_GRAYSCALE)
        pixels = cv2.imread(str(photo))
        if matte is not None and pixels is not None:
            alpha = np.asarray(matte / np.float32(255), np.float32)
            sprites.append(sprite_of(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8), alpha))
    return sprites


def write(path: Path, image: Rgb) -> None:
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 86])


def main(photos: Path, out: Path) -> None:
    names = list(load_scenes())
    sprites = load_sprites(photos)
    write(out / "scenes.jpg", sheet([in_four_shapes(name) for name in names], 3, gap=8))
    write(out / "scenes-palettes.jpg", sheet([in_other_colours(name) for name in names], 2, gap=8))
    square = [standing(sprites[(i * 7) % len(sprites)], name, (1080, 1080), i) for i, name in enumerate(names)]
    write(out / "scenes-products.jpg", sheet([thumbnail(picture, 300) for picture in square], 6))
    tall = [standing(sprites[(i * 5 + 3) % len(sprites)], name, (1080, 1920), i) for i, name in enumerate(names)]
    write(out / "scenes-stories.jpg", sheet([thumbnail(picture, 420) for picture in tall], 8))


if __name__ == "__main__":
    arguments = [*map(Path, sys.argv[1:3])]
    main(*(arguments or [Path("samples/products"), Path("docs/gallery")]))
