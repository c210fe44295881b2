"""Colours that can be read: a shop's own hues, their lightness moved only as far as contrast asks for.

OKLCH (Björn Ottosson, 2020) keeps the hue while lightness moves; contrast is WCAG 2's.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

TEXT: Final = 4.6
"""WCAG AA's 4.5 and a little for rounding."""


class Lch(NamedTuple):
    lightness: float
    chroma: float
    hue: float


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, least: float = TEXT) -> str:
    """``colour`` itself where it has contrast on ``ground``; else the nearest lightness of its hue that has."""
    if contrast(colour, ground) >= least:
        return colour
    lch = _to_lch(colour)
    steps = (step / 100 for step in range(1, 100))
    tries = (_from_lch(lch._replace(lightness=lch.lightness + sign * step)) for step in steps for sign in (-1, 1))
    return next((found for found in tries if contrast(found, ground) >= least), on(ground))


def on(ground: str, ink: str = "#111111", paper: str = "#ffffff") -> str:
    """Ink or paper, whichever is read better on ``ground``; black or white where neither can be."""
    best = max((ink, paper), key=lambda one: contrast(one, ground))
    return best if contrast(best, ground) >= TEXT else max(("#000000", "#ffffff"), key=lambda c: contrast(c, ground))


def mixed(one: str, other: str, share: float) -> str:
    """``share`` of ``other`` in ``one``, in linear light."""
    pairs = zip(_linear(one), _linear(other), strict=True)
    return _hex(tuple(a + (b - a) * share for a, b in pairs))


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def _linear(colour: str) -> tuple[float, ...]:
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))


def _hex(linear: tuple[float, ...]) -> str:
    clipped = (min(1.0, max(0.0, c)) for c in linear)
    encoded = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in clipped)
    return "#" + "".join(f"{round(c * 255):02x}" for c in encoded)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_lch(colour: str) -> Lch:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Lch(lightness, math.hypot(a, b), math.atan2(b, a))


def _from_lch(lch: Lch) -> str:
    a, b = lch.chroma * math.cos(lch.hue), lch.chroma * math.sin(lch.hue)
    long = (lch.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lch.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lch.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return _hex(
        (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
    )
