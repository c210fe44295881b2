"""The pictures that are edited, and where they should change."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb


@dataclass(frozen=True, slots=True)
class Case:
    """One picture. ``thing`` is the exact mask of what is to change, at the picture's size."""

    name: str
    image: Rgb
    thing: Mask
    instruction: str
    target: str
    fill: str
    caption: str


def read_cases(file: Path) -> list[Case]:
    """Paths in the file are relative to it. Raises ValueError naming the case whose picture or mask can't be read."""
    return [_case(entry, file.parent) for entry in tomllib.loads(file.read_text("utf-8"))["case"]]


def _case(entry: dict[str, str], folder: Path) -> Case:
    image = cv2.imread(str(folder / entry["image"]), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(folder / entry["mask"]), cv2.IMREAD_GRAYSCALE)
    if image is None or mask is None or image.shape[:2] != mask.shape:
        raise ValueError(f"case {entry['name']!r}: {entry['image']} and {entry['mask']} must be pictures of one size")
    words = {name: entry[name] for name in ("name", "instruction", "target", "fill", "caption")}
    return Case(image=np.asarray(image[..., ::-1], np.uint8), thing=np.asarray(mask > 127, np.bool_), **words)
