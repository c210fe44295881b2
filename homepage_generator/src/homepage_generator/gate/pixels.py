"""Contrast as the screen has it: the page is photographed with its text and without, and what lies under each line is
held against the line's colour (WCAG 2.2, relative luminance).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from PIL import Image, ImageChops

Colour: TypeAlias = tuple[int, int, int]

GRID: Final = (32, 12)
"""Samples under one line of text."""
WORST: Final = 0.05
"""The share of samples that may be worse: an edge, a dot of a pattern."""
UNSEEN: Final = 20
"""A text that changes no pixel by more than this of 255 is not there: something covers it."""


@dataclass(frozen=True)
class Bad:
    """A text that is too pale, or covered."""

    check: str
    section: str | None
    evidence: str


def judge(with_text: bytes, without: bytes, paint: Iterable[dict[str, Any]], top: int = 0) -> list[Bad]:
    """What can't be read in two photographs of the page from ``top`` on. ``paint`` is the probe's."""
    shown = Image.open(io.BytesIO(with_text)).convert("RGB")
    ground = Image.open(io.BytesIO(without)).convert("RGB")
    change = ImageChops.difference(shown, ground).convert("L")
    return [bad for text in paint for bad in _judge(text, ground, change, top)]


def _judge(text: dict[str, Any], ground: Image.Image, change: Image.Image, top: int) -> Iterator[Bad]:
    boxes = [box for line in text["lines"] if (box := _inside(line, ground, top))]
    if not boxes:
        return
    if max(_brightest(change.crop(box)) for box in boxes) < UNSEEN:
        yield Bad("covered", text["section"], text["text"])
        return
    red, green, blue, alpha = text["colour"]
    worst = min(_contrast((red, green, blue), alpha * text["opacity"], ground.crop(box)) for box in boxes)
    if worst < text["least"]:
        yield Bad("contrast", text["section"], f"{text['text']} ({worst:.2f} < {text['least']})")


def _inside(line: list[float], image: Image.Image, top: int) -> tuple[int, int, int, int] | None:
    """The line's box in the photograph. None: it is not on this one as a whole."""
    left, upper, right, lower = line
    box = (max(0, int(left)), int(upper) - top, min(image.width, int(right)), int(lower) - top)
    whole = box[1] >= 0 and box[3] <= image.height
    return box if whole and box[2] - box[0] > 1 and box[3] - box[1] > 1 else None


def _brightest(part: Image.Image) -> int:
    low_high = part.getextrema()
    return int(low_high[1])  # type: ignore[arg-type]  # one band: a pair of numbers


def _contrast(colour: Colour, alpha: float, under: Image.Image) -> float:
    """The contrast that all but the worst samples reach."""
    samples = under.resize(GRID, Image.Resampling.NEAREST).getcolors(GRID[0] * GRID[1]) or []
    ratios = sorted((_ratio(_over(colour, alpha, ground), ground), count) for count, ground in _colours(samples))
    skip = WORST * GRID[0] * GRID[1]
    for ratio, count in ratios:
        skip -= count
        if skip < 0:
            return ratio
    return 21.0


def _colours(samples: list[tuple[int, Any]]) -> list[tuple[int, Colour]]:
    return [(count, (colour[0], colour[1], colour[2])) for count, colour in samples]


def _over(colour: Colour, alpha: float, ground: Colour) -> Colour:
    red, green, blue = (round(alpha * one + (1 - alpha) * under) for one, under in zip(colour, ground, strict=True))
    return red, green, blue


def _ratio(one: Colour, other: Colour) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def keep(png: bytes, file: Path) -> None:
    """A photograph as a small file for people, as long as the format allows."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(file, "WEBP", quality=80, method=1)
