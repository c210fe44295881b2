"""An ad's colours, derived in OKLCH from the product's hue, the scene and the mood.

Every ground comes with its own text, quiet text and accent, solved for contrast, so that a style names a ground and
can't choose an unreadable pair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from coloraide import Color

from nanococoa_aiserver.imaging.types import Rgb, Sprite

Mood: TypeAlias = Literal["loud", "normal", "soft", "lux"]
Lch: TypeAlias = tuple[float, float, float]
Floats: TypeAlias = npt.NDArray[np.float64]

ANCHORS: dict[str, Lch] = {
    "yellow": (0.885, 0.175, 95),
    "orange": (0.76, 0.165, 62),
    "coral": (0.64, 0.20, 29),
    "pink": (0.74, 0.15, 2),
    "leaf": (0.58, 0.15, 146),
    "lime": (0.89, 0.18, 121),
    "teal": (0.62, 0.11, 188),
    "cobalt": (0.50, 0.19, 263),
    "plum": (0.45, 0.15, 325),
}
"""Hues that look chosen. What lies between them (mustard, mud) is pulled up to ``PULL`` degrees towards them."""
PULL = 14
MOOD_CHROMA: dict[Mood, float] = {"loud": 1.15, "normal": 1.0, "soft": 0.55, "lux": 0.45}
LIKED: dict[Mood, dict[str, float]] = {
    "loud": {"yellow": 0.5, "coral": 0.3, "lime": 0.1},
    "normal": {"coral": 0.2, "yellow": 0.45, "cobalt": 0.0},
    "soft": {"pink": 0.1, "coral": 0.25, "yellow": 0.2, "teal": 0.15},
    "lux": {"yellow": 0.2, "coral": 0.2, "plum": 0.1},
}
TEXT, ACCENT = 5.0, 5.8
"""Contrast the palette is solved for: above WCAG's 4.5 and 3.0 by what antialiasing takes away."""


@dataclass(frozen=True, slots=True)
class Hue:
    """The colour people would name: mean lightness and chroma of the dominant hue (degrees)."""

    lightness: float
    chroma: float
    hue: float

    @property
    def grey(self) -> bool:
        return self.chroma < 0.035


def luminance(pixels: npt.NDArray[np.uint8]) -> Floats:
    """WCAG relative luminance 0..1 of sRGB pixels (..., 3)."""
    linear: Floats = _linear(pixels) @ np.array([0.2126, 0.7152, 0.0722])
    return linear


def contrast(one: float, other: float) -> float:
    """WCAG contrast ratio of two relative luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def contrast_of(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours such as ``#1f2b45``."""
    return contrast(luminance_of(one), luminance_of(other))


@lru_cache(4096)
def luminance_of(colour: str) -> float:
    """Relative luminance of ``#rrggbb``."""
    return float(luminance(np.array(_channels(colour), np.uint8)))


@lru_cache(4096)
def lch(lightness: float, chroma: float, hue: float) -> str:
    """``#rrggbb`` of an OKLCH colour, brought into sRGB by lowering its chroma."""
    colour = Color("oklch", [min(1.0, max(0.0, lightness)), max(0.0, chroma), hue % 360])
    return str(colour.fit("srgb", method="oklch-chroma").convert("srgb").to_string(hex=True))


def to_lch(colour: str) -> Lch:
    """OKLCH of ``#rrggbb``; a grey has hue 0."""
    lightness, chroma, hue = Color(colour).convert("oklch").coords(nans=False)
    return float(lightness), float(chroma), float(hue)


def mixed(one: str, other: str, share: float) -> str:
    """``one`` with ``share`` of ``other`` over it, in sRGB as a browser lays a veil."""
    pair = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pair)


def dominant(pixels: npt.NDArray[np.uint8]) -> Hue:
    """The hue with the most chroma of ``pixels`` (n, 3), by a chroma-weighted histogram of 36 bins."""
    lightness, chroma, hue = _oklch(pixels)
    weight = chroma**1.6 * (lightness > 0.25) * (lightness < 0.96)
    bins = np.bincount((hue // 10).astype(int) % 36, weight, 36)
    bins = bins + 0.5 * (np.roll(bins, 1) + np.roll(bins, -1))
    centre = float(bins.argmax()) * 10 + 5
    near = (np.abs((hue - centre + 180) % 360 - 180) < 18) & (weight > 0)
    if near.sum() < 12:
        return Hue(float(lightness.mean()), float(chroma.mean()), 60.0)
    share = weight[near]
    angle = np.radians(hue[near])
    mean = np.degrees(np.arctan2((np.sin(angle) * share).sum(), (np.cos(angle) * share).sum())) % 360
    return Hue(
        float(np.average(lightness[near], weights=share)), float(np.average(chroma[near], weights=share)), float(mean)
    )


def product_hue(sprite: Sprite) -> Hue:
    """The colour of a product, from its solid pixels."""
    solid = sprite.rgb[sprite.alpha > 0.9]
    return dominant(solid[:: max(1, len(solid) // 4000)] if len(solid) else sprite.rgb.reshape(-1, 3))


def scene_hue(scene: Rgb) -> Hue:
    """The cast of a scene: mean hue weighted by chroma."""
    step = max(1, scene.shape[0] * scene.shape[1] // 4000)
    lightness, chroma, hue = _oklch(scene.reshape(-1, 3)[::step])
    angle = np.radians(hue)
    mean = np.degrees(np.arctan2((np.sin(angle) * chroma).mean(), (np.cos(angle) * chroma).mean())) % 360
    return Hue(float(lightness.mean()), float(chroma.mean()), float(mean))


def palette(product: Hue, scene: Hue, mood: Mood, brand: Sequence[str] = ()) -> dict[str, str]:
    """Colours by name: ``tint pale mid panel deep night dark vivid pop paper``.

    For each ground there are ``ground.fg``, ``ground.dim`` (both 5:1 or more on it) and ``ground.acc`` (4.5:1).
    ``brand``'s first colour replaces vivid, deep and panel, its second the accent.
    """
    base = _base_hue(product, scene)
    own = to_lch(brand[0]) if brand else None
    if own and own[1] > 0.02:
        base = own[2]
    strength = MOOD_CHROMA[mood]
    pop = _pop(base, scene, mood) if len(brand) < 2 else brand[1]
    grounds = _grounds(base, scene, strength, mood) | {"pop": pop}
    if brand:
        grounds |= {"vivid": brand[0], "deep": brand[0], "panel": brand[0]}
    accent = to_lch(pop)
    colours: dict[str, str] = {}
    for name, ground in grounds.items():
        colours |= {name: ground} | {f"{name}.{k}": v for k, v in on_ground(ground, base, accent, strength).items()}
    hot = to_lch(colours["vivid"])
    colours["figure"] = _solved(lambda v: lch(v, hot[1], hot[2]), hot[0], False, luminance_of(colours["mid"]), 4.9)
    return colours | {"ink": lch(0.23, 0.035, base), "base": lch(0.6, 0.16 * strength, base)}


def on_ground(ground: str, hue: float, accent: Lch, strength: float = 1.0) -> dict[str, str]:
    """Text, quiet text and accent for a flat ground."""
    light, dark = lch(0.985, 0.012, hue), lch(0.23, 0.035, hue)
    fitting = [text for text in (light, dark) if contrast_of(text, ground) >= TEXT]
    text = fitting[0] if fitting else max("#ffffff", "#000000", key=lambda one: contrast_of(one, ground))
    on_dark = luminance_of(text) > luminance_of(ground)
    dim = mixed(text, ground, 0.16 if on_dark else 0.22)
    return {
        "fg": text,
        "dim": dim if contrast_of(dim, ground) >= TEXT else text,
        "acc": _accent_on(ground, accent, hue, on_dark, strength),
    }


def readable(colour: str, ground: str, ratio: float) -> str:
    """``colour`` with its lightness moved away from ``ground`` until the ratio holds (as far as it can)."""
    lightness, chroma, hue = to_lch(colour)
    lighter = luminance_of(ground) < 0.18
    return _solved(lambda value: lch(value, chroma, hue), lightness, lighter, luminance_of(ground), ratio)


def veil_colour(hue: Hue, light: bool) -> str:
    """A veil in the scene's own hue, near white or near black."""
    return lch(0.97, 0.012, hue.hue) if light else lch(0.17, 0.03 if hue.chroma > 0.02 else 0.012, hue.hue)


def _accent_on(ground: str, accent: Lch, hue: float, on_dark: bool, strength: float) -> str:
    """Dark grounds get pale gold, never the complement; light ones the accent, darkened until it reads."""
    if on_dark:
        gold = 86 if _distance(hue, 86) > 20 else 75
        return _solved(
            lambda v: lch(v, 0.12 * max(0.6, min(strength, 1)), gold), 0.87, True, luminance_of(ground), ACCENT
        )
    lightness, chroma, own = accent
    if _distance(own, 95) < 40:  # yellow turns to mud when dark
        lightness, chroma, own = 0.56, 0.19 * min(strength + 0.2, 1), _clean(hue)
    return _solved(lambda v: lch(v, chroma, own), lightness, False, luminance_of(ground), ACCENT)


def _solved(make: Callable[[float], str], start: float, lighter: bool, ground: float, ratio: float) -> str:
    """The first lightness from ``start`` on, in steps of 0.01, whose colour reaches ``ratio``."""
    value, end, step = start, (0.995 if lighter else 0.08), (0.01 if lighter else -0.01)
    while (value < end) == lighter and contrast(luminance_of(make(round(value, 3))), ground) < ratio:
        value += step
    return make(round(value, 3))


def _base_hue(product: Hue, scene: Hue) -> float:
    hue = snapped(scene.hue if product.grey and scene.chroma > 0.02 else product.hue)
    return 50.0 if 66 <= hue <= 118 else hue


def snapped(hue: float) -> float:
    """``hue`` pulled towards the nearest anchor by ``PULL`` degrees at most."""
    nearest = min((anchor[2] for anchor in ANCHORS.values()), key=lambda other: _distance(other, hue))
    step = (nearest - hue + 180) % 360 - 180
    return float((hue + max(-PULL, min(PULL, step))) % 360)


def _clean(hue: float) -> float:
    """Hues 38..128 turn to mud when dark: vermilion or green instead."""
    return 33.0 if 38 <= hue <= 100 else 141.0 if 100 < hue <= 128 else hue


def _grounds(hue: float, scene: Hue, strength: float, mood: Mood) -> dict[str, str]:
    clean, soft, full = _clean(hue), max(0.7, min(strength, 1)), min(strength, 1)
    deep = lch(0.33, 0.105 * full, clean)
    return {
        "tint": lch(0.975, 0.010, hue),
        "pale": lch(0.945, 0.034 * soft, hue),
        "mid": lch(0.865, 0.075 * soft, hue),
        "deep": deep,
        "panel": lch(0.80, 0.075, hue) if mood == "soft" else deep,
        "night": lch(0.205, 0.05 * full, hue),
        "dark": lch(0.26, 0.045, hue),
        "paper": lch(0.985, 0.010, scene.hue if scene.chroma > 0.02 else hue),
        "vivid": _solved(lambda v: lch(v, 0.21 * strength, clean), 0.60, False, 1.0, 5.8),
    }


def _pop(base: float, scene: Hue, mood: Mood) -> str:
    """The one accent: yellow for loud trades, else the anchor 60..180° from the product that is not the scene's."""
    if mood == "loud":
        name = "coral" if _distance(base, 95) < 22 else "yellow"
    else:
        name = max(ANCHORS, key=lambda one: _fitness(one, base, scene, mood))
    lightness, chroma, hue = ANCHORS[name]
    strength = MOOD_CHROMA[mood]
    return lch(lightness, chroma * min(1.0, strength + 0.2 if strength < 1 else 1.0), hue)


def _fitness(name: str, base: float, scene: Hue, mood: Mood) -> float:
    hue = ANCHORS[name][2]
    away = _distance(hue, base)
    clash = 0.35 * (_distance(hue, scene.hue) < 30) * (scene.chroma > 0.05) + 0.25 * (away < 45)
    return min(away, 110) / 110 - clash + LIKED[mood].get(name, -0.1)


def _distance(one: float, other: float) -> float:
    apart = abs(one - other) % 360
    return min(apart, 360 - apart)


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(pixels: npt.NDArray[np.uint8]) -> Floats:
    return _LINEAR[pixels]


_LINEAR: Floats = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.arange(256) / 255])
"""sRGB transfer curve (IEC 61966-2-1) per 8-bit value."""


def _oklch(pixels: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
    """Lightness, chroma, hue in degrees of (n, 3) pixels (matrices: Ottosson, A perceptual color space, 2020)."""
    cone = np.cbrt(_linear(pixels) @ _TO_CONES.T)
    lab = cone @ _TO_LAB.T
    return lab[:, 0], np.hypot(lab[:, 1], lab[:, 2]), np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360


_TO_CONES: Floats = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Floats = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
