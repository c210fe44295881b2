"""What a picture offers the text on it, from its statistics: colours, brightness, texture and free space."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

import cv2
import numpy as np

from nanococoa_aiserver.engines.ports import Analysis, StopCheck
from nanococoa_aiserver.imaging.filters import Floats, Mask
from nanococoa_aiserver.imaging.types import Box, Rgb

WORKING = 192  # px, longer side the statistics are taken at
COLOURS = 5
BUSY_AT = 14.0  # mean absolute Laplacian (levels, at WORKING px) from which text needs a panel
CALM_BELOW, BUSY_FROM = 0.30, 0.75  # of the busy scale 0..1
DARK_BELOW, BRIGHT_FROM = 0.36, 0.66
LITTLE_ROOM = 0.12  # share of the picture below which no side is worth naming
LOCALES = ("ko", "en")


class StudioAnalyst:
    """``engines.ports.ImageAnalyst`` without weights."""

    def analyse(self, image: Rgb, product: Box | None, stop: StopCheck) -> Analysis:
        """``free_space``: share of the picture on each side of ``product`` (no product: all of it on every side).

        ``brightness`` and ``busy`` are 0..1 and measured off the product; ``views`` has the text per locale, ``text``
        is the Korean one.
        """
        stop()
        small, scale = _reduced(image)
        scene = _without(product, small.shape, scale)
        brightness, busy = _brightness(small, scene), _busy(small, scene)
        palette = _palette(small, scene)
        space = free_space(image.shape, product)
        views = {locale: _described(locale, brightness, busy, palette, space) for locale in LOCALES}
        return Analysis(views["ko"], palette, brightness, busy, space, views)


def free_space(shape: tuple[int, ...], product: Box | None) -> dict[str, float]:
    """Shares of the picture left of, right of, above and below ``product`` (px), full bands each."""
    if product is None:
        return dict.fromkeys(("left", "right", "top", "bottom"), 1.0)
    height, width = shape[:2]
    bands = {
        "left": product.x / width,
        "right": 1 - product.right / width,
        "top": product.y / height,
        "bottom": 1 - product.bottom / height,
    }
    return {side: round(min(1.0, max(0.0, share)), 3) for side, share in bands.items()}


def _reduced(image: Rgb) -> tuple[Rgb, float]:
    scale = min(1.0, WORKING / max(image.shape[:2]))
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _without(product: Box | None, shape: tuple[int, ...], scale: float) -> Mask:
    """Everything but the product; everything, when the product leaves nothing."""
    scene = np.ones(shape[:2], np.bool_)
    if product is not None:
        left, top = max(0, int(product.x * scale)), max(0, int(product.y * scale))
        scene[top : max(top, int(product.bottom * scale)), left : max(left, int(product.right * scale))] = False
    return scene if scene.any() else ~scene


def _brightness(image: Rgb, scene: Mask) -> float:
    """Mean CIE lightness, 0..1."""
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)
    return round(float(lab[..., 0][scene].mean()) / 255, 3)


def _busy(image: Rgb, scene: Mask) -> float:
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)
    edges = np.abs(np.asarray(cv2.Laplacian(grey, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE), np.float32))
    return round(min(1.0, float(edges[scene].mean()) / BUSY_AT), 3)


def _palette(image: Rgb, scene: Mask) -> tuple[str, ...]:
    """Up to ``COLOURS`` colours by area, as #rrggbb, clustered in Lab so that they differ to the eye."""
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.uint8)[scene].astype(np.float32)
    count = min(COLOURS, len(np.unique(lab, axis=0)))
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    start = np.zeros((len(lab), 1), np.int32)
    _, labels, centres = cv2.kmeans(lab, count, start, criteria, 1, cv2.KMEANS_PP_CENTERS)
    order = np.argsort(-np.bincount(labels.ravel(), minlength=count))
    return tuple(_hex(np.asarray(centres[number], np.float32)) for number in order)


def _hex(lab: Floats) -> str:
    pixel = np.rint(lab).clip(0, 255).astype(np.uint8)[None, None]
    red, green, blue = np.asarray(cv2.cvtColor(pixel, cv2.COLOR_LAB2RGB), np.uint8)[0, 0]
    return f"#{red:02x}{green:02x}{blue:02x}"


@lru_cache(1)
def _sentences() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("analyst.toml").read_text("utf-8")
    return tomllib.loads(text)


def _described(locale: str, brightness: float, busy: float, palette: tuple[str, ...], space: dict[str, float]) -> str:
    words = _sentences()[locale]
    tone = "dark" if brightness < DARK_BELOW else "bright" if brightness >= BRIGHT_FROM else "middle"
    surface = "calm" if busy < CALM_BELOW else "busy" if busy >= BUSY_FROM else "textured"
    summary = words["summary"].format(
        tone=words["tone"][tone], colours=", ".join(palette[:3]), surface=words["surface"][surface]
    )
    return f"{summary} {_room(words, space)}"


def _room(words: dict[str, Any], space: dict[str, float]) -> str:
    side = max(space, key=lambda name: space[name])
    if space[side] < LITTLE_ROOM:
        return str(words["no_space"])
    return str(words["space"].format(side=words["side"][side], share=round(100 * space[side])))
