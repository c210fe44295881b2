"""What an ad needs of an engine, as Protocols. ``ads/`` knows these alone; ``engines/wiring.py`` makes the choice.

``stop`` is called often inside long work and raises ``JobStopped`` when the job was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Alpha, Backdrop, Box, Cutout, Rgb, Sprite
from nanococoa_client.messages import Locale

StopCheck: TypeAlias = Callable[[], None]


def go_on() -> None:
    """The ``StopCheck`` of work that nobody could stop."""


Progress: TypeAlias = Callable[[str, float], None]
"""Called with the sub-step as shown to clients (``flux_bg_generation (10/28)``) and the share done, 0..1."""


ClipModel: TypeAlias = Literal["openai", "koclip"]
Notes: TypeAlias = tuple[tuple[str, dict[str, object]], ...]
"""Warnings for the job: keys of the catalogue's ``[warnings]`` with the values their sentences need."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter: a folder's name below ``MODELS_DIR/adapters`` or a hub id, and how strongly it works."""

    id: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ScenePrompt:
    """What the background should show, in the customer's words (Korean or English).

    ``guidance`` is what the request asks for; models distilled to their own guidance keep that.
    """

    text: str
    negative: str = ""
    seed: int = 0
    guidance: float | None = None
    adapters: tuple[Adapter, ...] = ()


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
    notes: Notes = ()


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
    def choose(self, prompt: ScenePrompt, product: Sprite, stop: StopCheck = go_on) -> SceneChoice: ...

    def paint(
        self, choice: SceneChoice, prompt: ScenePrompt, size: tuple[int, int], progress: Progress, stop: StopCheck
    ) -> Backdrop:
        """Paint ``size`` = (width, height) pixels."""
        ...


class ImageAnalyst(Protocol):
    def analyse(self, image: Rgb, product: Box | None, stop: StopCheck) -> Analysis: ...


@dataclass(frozen=True, slots=True)
class RefinePrompt:
    """How product and background should meet. ``strength`` 0..1 is how much may change; 0 changes nothing."""

    text: str
    negative: str = ""
    seed: int = 0
    strength: float = 0.6
    guidance: float | None = None
    adapters: tuple[Adapter, ...] = ()


class Refiner(Protocol):
    def refine(self, composite: Rgb, allowed: Alpha, prompt: RefinePrompt, progress: Progress, stop: StopCheck) -> Rgb:
        """``composite`` repainted where ``allowed`` (its size, 0..1) is above 0; elsewhere it may differ slightly:
        the caller pastes back what must not change."""
        ...

    def notes(self, prompt: RefinePrompt, stop: StopCheck) -> Notes:
        """What ``refine`` would leave out of the prompt."""
        ...


@dataclass(frozen=True, slots=True)
class EditTask:
    """An instruction carried out on a picture. ``prompt`` is what the model is told (written from the instruction);
    ``strength`` 0..1, ``steps`` and ``guidance`` are the model's own where None."""

    image: Rgb
    prompt: str
    references: tuple[Rgb, ...] = ()
    negative: str = ""
    seed: int = 0
    strength: float | None = None
    steps: int | None = None
    guidance: float | None = None
    adapters: tuple[Adapter, ...] = ()


class ImageEditor(Protocol):
    def edit(self, task: EditTask, progress: Progress, stop: StopCheck) -> Rgb:
        """The whole picture edited, at the picture's own size."""
        ...

    def fill(self, task: EditTask, mask: Mask, progress: Progress, stop: StopCheck) -> Rgb:
        """The picture repainted where ``mask`` (its size) is true, at its own size; the caller keeps the rest."""
        ...

    def notes(self, task: EditTask, stop: StopCheck, *, local: bool = False) -> Notes:
        """What ``edit`` (``fill`` where ``local``) would leave out of the task, such as the end of a long prompt."""
        ...


@dataclass(frozen=True, slots=True)
class Region:
    """A thing found by its name: ``mask`` has the picture's size, ``score`` 0..1 is the detector's."""

    mask: Mask
    box: Box
    label: str
    score: float


class RegionFinder(Protocol):
    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Region | None:
        """The best match of ``phrase`` (English, a few words) in the picture, None when there is none."""
        ...


class AlignmentScorer(Protocol):
    def score(self, image: Rgb, prompt: str, model: ClipModel, stop: StopCheck) -> float:
        """CLIPScore: max(100 x cosine of the embeddings, 0). Hessel et al., 2021."""
        ...

    def interpretation(self, score: float, model: ClipModel, locale: Locale) -> str:
        """What a score means for this model, in a person's words."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a picture shows what was asked for. ``unknown`` when the model's answer says neither."""

    verdict: Literal["pass", "fail", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EditPrompt:
    """An edit instruction in context. ``target`` names what is to be changed, in a few English words for a detector
    (empty: nothing in particular); ``description`` is what the picture shows now."""

    prompt: str
    description: str
    target: str = ""


class VisionLanguageModel(Protocol):
    def ask(self, image: Rgb, question: str, stop: StopCheck) -> str:
        """A free question answered in its own language."""
        ...

    def judge(self, image: Rgb, wanted: str, unwanted: str, stop: StopCheck) -> Judgement: ...

    def edit_prompt(self, image: Rgb, instruction: str, stop: StopCheck) -> EditPrompt:
        """A prompt that carries the instruction out and keeps everything else as the picture shows it."""
        ...

    def revised(self, prompt: str, reason: str, stop: StopCheck) -> str:
        """The prompt rewritten so that what failed (``reason``) is asked for more clearly."""
        ...

    def in_english(self, prompt: str, stop: StopCheck) -> str:
        """For text encoders that know no Korean; an English prompt comes back unchanged."""
        ...
