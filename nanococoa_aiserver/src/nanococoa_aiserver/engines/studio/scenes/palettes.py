"""Named palettes: four colours a scene is painted from, lightest first, and an accent."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from nanococoa_aiserver.imaging.filters import F32

WHITE = np.ones(3, np.float32)
BLACK = np.zeros(3, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colours as (3,) sRGB 0..1."""

    name: str
    light: F32
    mid: F32
    deep: F32
    accent: F32

    @property
    def dark(self) -> bool:
        """Whether a wall in this palette's middle colour is a dark wall."""
        return luma(self.mid) < 0.45


def colour(code: str) -> F32:
    """``#aabbcc`` as (3,) sRGB 0..1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def mix(a: F32, b: F32, share: float) -> F32:
    """``share`` of the way from ``a`` to ``b``."""
    return np.asarray(a + (b - a) * np.float32(share), np.float32)


def luma(c: F32) -> float:
    """Perceived lightness 0..1 (Rec. 601 weights)."""
    return float(c @ np.array([0.299, 0.587, 0.114], np.float32))


def akin(a: F32, b: F32) -> bool:
    """Whether two colours lean the same way from grey, so that mixing them gives no mud."""
    return float((a - luma(a)) @ (b - luma(b))) > 0


def saturated(c: F32, gain: float) -> F32:
    """The colour with its distance from its own grey multiplied by ``gain``."""
    grey = luma(c)
    return np.asarray(np.clip(grey + (c - grey) * gain, 0, 1), np.float32)


@lru_cache(1)
def load_palettes() -> dict[str, Palette]:
    """Every palette by name, in the file's order."""
    text = resources.files(__package__).joinpath("palettes.toml").read_text("utf-8")
    return {name: Palette(name, *map(colour, codes)) for name, codes in tomllib.loads(text).items()}
