"""Words that stand on a scene: light or dark, and the least veil under them that makes them readable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.types import Box, Rgb
from nanococoa_aiserver.layout import colour
from nanococoa_aiserver.layout.placement import Placement
from nanococoa_aiserver.layout.styles.model import Zone

BUSY = 9.0
"""Mean absolute Laplacian of a region above which words on it flicker, whatever their contrast."""
BUSY_VEIL = 0.45
STRONGEST = 0.94
STEP = 0.04
FADE = {"top": 0.2, "bottom": 0.2, "left": 0.34, "right": 0.34}
"""Share of the picture's side over which a veil fades."""
LIGHT_SCENE = 0.28
"""Mean luminance from which a scene gets dark words, unless light ones need far less of a veil."""


@dataclass(frozen=True, slots=True)
class Region:
    """What lies under a zone: darkest, mean and lightest luminance (3rd and 97th percentile) and how busy it is."""

    darkest: float
    mean: float
    lightest: float
    busy: float
    area: float


@dataclass(frozen=True, slots=True)
class SceneText:
    """Colours for words on the scene; ``veils`` holds the strength 0..1 by zone."""

    light: bool
    fg: str
    dim: str
    acc: str
    hot: str
    veil: str
    veils: dict[str, float]


def look_at(scene: Rgb, box: Box) -> Region:
    """Measure ``scene`` under ``box`` (px)."""
    top, left = max(0, box.y), max(0, box.x)
    part = scene[top : max(top + 2, box.bottom), left : max(left + 2, box.right)]
    step = max(1, min(part.shape[:2]) // 90)
    light = colour.luminance(part[::step, ::step])
    low, high = np.percentile(light, [3, 97])
    return Region(float(low), float(light.mean()), float(high), busyness(part), float(box.width * box.height))


def busyness(part: Rgb) -> float:
    """Mean absolute Laplacian (5×5) of the lightly smoothed grey picture at 540 px; above ``BUSY`` it is busy."""
    scale = min(1.0, 540 / max(part.shape[:2]))
    size = (max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale)))
    grey = cv2.resize(cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    return float(np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 1.5), cv2.CV_32F, ksize=5)).mean())


def solve(
    regions: Mapping[str, Region],
    scene: colour.Hue,
    base: str,
    need: float,
    *,
    more: float = 0.0,
    wished: str | None = None,
) -> SceneText:
    """One tone for all zones of a picture, a veil for each. ``base`` is the palette's own colour, ``need`` the
    contrast to reach, ``more`` is added to every veil, ``wished`` a colour the customer wants for the words.
    """
    both = [_attempt(regions, scene, base, need, light, wished) for light in (True, False)]
    if wished:
        return _stronger(both[0] if colour.luminance_of(wished) < 0.3 else both[1], more)
    return _stronger(_kinder(both[0], both[1], regions), more)


def _attempt(
    regions: Mapping[str, Region], scene: colour.Hue, base: str, need: float, light: bool, wished: str | None
) -> SceneText:
    hue = colour.to_lch(base)[2]
    words = wished or (colour.lch(0.23, 0.035, hue) if light else colour.lch(0.985, 0.010, scene.hue))
    veil = colour.veil_colour(scene, light)
    veils = {name: _strength(region, words, veil, need, light) for name, region in regions.items()}
    ground = _worst_ground(regions, veils, veil, light)
    return SceneText(
        light=light,
        fg=words,
        dim=words,
        acc=_accent(base, ground, light),
        hot=colour.readable(_hot(base), ground, 4.7) if light else words,
        veil=veil,
        veils=veils,
    )


def _strength(region: Region, words: str, veil: str, need: float, light: bool) -> float:
    worst = region.darkest if light else region.lightest
    own = colour.luminance_of(words)
    least = BUSY_VEIL if region.busy > BUSY else 0.0
    for strength in np.arange(least, STRONGEST, STEP):
        if colour.contrast(own, _under(worst, veil, float(strength))) >= need:
            return float(strength)
    return STRONGEST


def _under(luminance: float, veil: str, strength: float) -> float:
    """Luminance of a grey of ``luminance`` below a veil, mixed in sRGB as the browser does."""
    grey = colour.mixed(_grey(luminance), veil, strength)
    return colour.luminance_of(grey)


def _grey(luminance: float) -> str:
    value = 12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    return "#" + f"{round(255 * min(1.0, max(0.0, value))):02x}" * 3


def _worst_ground(regions: Mapping[str, Region], veils: Mapping[str, float], veil: str, light: bool) -> str:
    grounds = [
        colour.mixed(_grey(region.darkest if light else region.lightest), veil, veils[name])
        for name, region in regions.items()
    ]
    return (min if light else max)(grounds, key=colour.luminance_of, default=veil)


def _accent(base: str, ground: str, light: bool) -> str:
    if light:
        return colour.readable(_hot(base), ground, 4.8)
    return colour.readable(colour.lch(0.87, 0.11, 88), ground, 4.8)


def _hot(base: str) -> str:
    _, chroma, hue = colour.to_lch(base)
    hue = 33.0 if 38 <= hue <= 100 else 141.0 if 100 < hue <= 128 else hue
    return colour.lch(0.56, min(0.19, max(0.06, chroma * 1.25)), hue)


def _kinder(light: SceneText, dark: SceneText, regions: Mapping[str, Region]) -> SceneText:
    """The tone of the scene itself, so that all formats of an ad agree, unless the other is far cheaper."""
    total = sum(region.area for region in regions.values()) or 1.0
    mean = sum(region.mean * region.area for region in regions.values()) / total
    own, other = (light, dark) if mean >= LIGHT_SCENE else (dark, light)
    return other if _cost(own, regions) > 2.5 * _cost(other, regions) + 0.2 else own


def _cost(text: SceneText, regions: Mapping[str, Region]) -> float:
    """How far the veils move the picture from itself: fog on a dark scene costs more than a shade on a light one."""
    veil = colour.luminance_of(text.veil) ** 0.43
    moved = [text.veils[name] * abs(veil - region.mean**0.43) * region.area for name, region in regions.items()]
    return float(sum(moved) / (sum(region.area for region in regions.values()) or 1.0))


def _stronger(text: SceneText, more: float) -> SceneText:
    if not more:
        return text
    veils = {name: min(STRONGEST, strength + more) for name, strength in text.veils.items()}
    return SceneText(text.light, text.fg, text.dim, text.acc, text.hot, text.veil, veils)


def as_boxes(boxes: Mapping[str, Sequence[float]]) -> dict[str, Box]:
    """Rectangles of floats as whole boxes."""
    return {name: Box(*(round(value) for value in box)) for name, box in boxes.items()}


def gradients(text: SceneText | None, place: Placement, zones: Iterable[Zone]) -> list[str]:
    """One gradient per edge, as strong as its most demanding zone and as deep as its farthest."""
    if text is None:
        return []
    edges: dict[str, tuple[float, float]] = {}
    for zone in zones:
        if zone.veil and zone.name in text.veils:
            strength, reach = edges.get(zone.veil, (0.0, 0.0))
            edges[zone.veil] = max(strength, text.veils[zone.name]), max(reach, _reach(place, zone))
    return [_gradient(place, edge, reach, strength) for edge, (strength, reach) in edges.items() if strength > 0.02]


def _reach(place: Placement, zone: Zone) -> float:
    """How far the zone lies into the picture from its veil's edge, in px."""
    left, top, width, height = place.zone_box(zone)
    frame = place.frame
    return {"top": top + height, "left": left + width, "bottom": frame.height - top, "right": frame.width - left}[
        zone.veil
    ]


def _gradient(place: Placement, edge: str, reach: float, strength: float) -> str:
    frame = place.frame
    side = frame.height if edge in ("top", "bottom") else frame.width
    full = reach + 0.01 * side
    depth = min(side * 1.0, full + FADE[edge] * side)
    start = 100 * full / depth
    stops = [(0.0, 1.0), (start, 1.0)]
    stops += [(start + (100 - start) * t, 0.5 + 0.5 * math.cos(math.pi * t)) for t in (0.2, 0.4, 0.6, 0.8, 1.0)]
    toward = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[edge]
    colours = ",".join(
        f"color-mix(in srgb,var(--veil) {round(100 * strength * share, 1)}%,transparent) {round(at, 1)}%"
        for at, share in stops
    )
    length = f"{round(depth / frame.rem, 2)}rem"
    across = (
        f"left:0;right:0;{edge}:0;height:{length}"
        if edge in ("top", "bottom")
        else f"top:0;bottom:0;{edge}:0;width:{length}"
    )
    return f"{across};background:linear-gradient(to {toward},{colours})"
