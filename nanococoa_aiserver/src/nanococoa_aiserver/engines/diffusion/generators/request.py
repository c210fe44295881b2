"""What a generator is asked for, and how the asking side watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.ports import Adapter, Notes, Progress, StopCheck
from nanococoa_aiserver.imaging.types import Alpha, Rgb


@dataclass(frozen=True, slots=True)
class Brief:
    """The words and numbers of one picture.

    ``summary`` is a short form of ``text`` for encoders that only give a direction (CLIP beside T5); empty: the text.
    ``steps`` and ``guidance`` are the model's own where None; a distilled model keeps its own guidance always.
    """

    text: str
    summary: str = ""
    negative: str = ""
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    adapters: tuple[Adapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: ``name`` is the sub-step as clients see it, before its count (``flux_bg_generation``)."""

    name: str
    progress: Progress
    stop: StopCheck

    def step(self, number: int, of: int) -> None:
        self.progress(f"{self.name} ({number}/{of})", number / of)


@dataclass(frozen=True, slots=True)
class Repaint:
    """A picture to start from. ``strength`` 0..1 is how much of it may go; 0 gives it back as it is.

    ``mask`` (the picture's size, 0..1) is where; elsewhere the picture is given back exactly.
    """

    image: Rgb
    strength: float
    mask: Alpha | None = None
    references: Sequence[Rgb] = field(default=())


class Generator(Protocol):
    """One model of any family. Raises ``ModelUnavailable`` for what its family cannot do."""

    @property
    def spec(self) -> ModelSpec: ...

    def paint(self, brief: Brief, size: tuple[int, int], watch: Watch) -> Rgb:
        """A new picture of ``size`` = (width, height) px."""
        ...

    def repaint(self, brief: Brief, task: Repaint, watch: Watch) -> Rgb:
        """The picture, changed by ``strength`` (where there is a mask, inside it only), at its own size."""
        ...

    def edit(self, brief: Brief, images: Sequence[Rgb], watch: Watch) -> Rgb:
        """The first picture after the instruction ``brief.text``, at its own size; the others are references."""
        ...

    def notes(self, brief: Brief) -> Notes:
        """Which encoders would cut the prompt, and after how many tokens. Needs no device."""
        ...
