"""What an ad needs of an engine, as Protocols. ``ads/`` knows these alone; ``engines/wiring.py`` makes the choice.

``stop`` is called often inside long work and raises ``JobStopped`` when the job was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from nanococoa_aiserver.imaging.types import Backdrop, Box, Cutout, Rgb, Sprite

StopCheck: TypeAlias = Callable[[], None]
Progress: TypeAlias = Callable[[str, float], None]
"""Called with the sub-step as shown to clients (``flux_bg_generation (10/28)``) and the share done, 0..1."""


@dataclass(frozen=True, slots=True)
class ScenePrompt:
    """What the background should show, in the customer's words (Korean or English)."""

    text: str
    negative: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SceneChoice:
    """What a prompt was understood as, before anything is painted: JSON-safe, so that a checkpoint can hold it.

    ``known`` is false when no word of the prompt was understood; ``why`` lists the terms that decided.
    """

    scene: str
    palette: str
    light: float
    known: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analyst saw: sentences for the text designer and numbers for the placer."""

    text: str
    palette: tuple[str, ...]
    brightness: float
    busy: float
    free_space: dict[str, float]
    views: dict[str, str]


class Segmenter(Protocol):
    def cut(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        """Matte of the product; ``box`` is the customer's rectangle in photo pixels."""
        ...


class BackgroundPainter(Protocol):
    def choose(self, prompt: ScenePrompt, product: Sprite) -> SceneChoice: ...

    def paint(
        self, choice: SceneChoice, prompt: ScenePrompt, size: tuple[int, int], progress: Progress, stop: StopCheck
    ) -> Backdrop:
        """Paint ``size`` = (width, height) pixels."""
        ...


class ImageAnalyst(Protocol):
    def analyse(self, image: Rgb, product: Box | None, stop: StopCheck) -> Analysis: ...
