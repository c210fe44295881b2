"""Small engines behind the ports of an edit: they see colours, and paint what no eye could take for the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from nanococoa_aiserver.engines.ports import (
    ClipModel,
    EditPrompt,
    EditTask,
    Judgement,
    Notes,
    Progress,
    Region,
    StopCheck,
)
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Alpha, Box, Cutout, Rgb
from nanococoa_client.messages import Locale

RED, BLUE = (200, 30, 30), (30, 30, 200)
PASS = Judgement("pass")


def scene(width: int = 97, height: int = 64, seed: int = 1) -> Rgb:
    """Grey noise with a red square (the product) and a blue one."""
    image = np.random.default_rng(seed).integers(90, 160, (height, width, 3), dtype=np.uint8)
    image[10:30, 10:34] = RED
    image[34:54, 60:84] = BLUE
    return image


def coloured(image: Rgb, colour: tuple[int, int, int]) -> Mask:
    return np.asarray((image == np.array(colour, np.uint8)).all(-1), np.bool_)


@dataclass
class FakeEditor:
    """Inverts every pixel, wherever it was told to paint. ``steps`` denoising steps when the task names none."""

    tasks: list[EditTask] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    steps: int = 4

    def edit(self, task: EditTask, progress: Progress, stop: StopCheck) -> Rgb:
        self.tasks.append(task)
        steps = task.steps or self.steps
        for number in range(1, steps + 1):
            stop()
            progress(f"flux_edit ({number}/{steps})", number / steps)
        return np.asarray(255 - task.image - len(self.tasks), np.uint8)

    def notes(self, task: EditTask, stop: StopCheck, *, local: bool = False) -> Notes:
        """Reads 200 characters."""
        return (("prompt_cut", {"encoder": "fake", "tokens": len(task.prompt), "limit": 200}),) * (
            len(task.prompt) > 200
        )

    def fill(self, task: EditTask, mask: Mask, progress: Progress, stop: StopCheck) -> Rgb:
        self.masks.append(mask)
        return self.edit(task, progress, stop)


@dataclass
class FakeVlm:
    """Understands "the red square" and "the blue square"; judges as ``verdicts`` say, then passes."""

    verdicts: Sequence[Judgement] = ()
    judged: list[tuple[Rgb, str]] = field(default_factory=list)

    def ask(self, image: Rgb, question: str, stop: StopCheck) -> str:
        return "squares"

    def judge(self, image: Rgb, wanted: str, unwanted: str, stop: StopCheck) -> Judgement:
        self.judged.append((image, wanted))
        return self.verdicts[len(self.judged) - 1] if len(self.judged) <= len(self.verdicts) else PASS

    def edit_prompt(self, image: Rgb, instruction: str, stop: StopCheck) -> EditPrompt:
        named = instruction.partition("the ")[2].split(" into ")[0].strip()
        return EditPrompt(f"{instruction}. Keep the rest.", "two squares on grey", named)

    def revised(self, prompt: str, reason: str, stop: StopCheck) -> str:
        return f"{prompt} [{reason}]"

    def in_english(self, prompt: str, stop: StopCheck) -> str:
        return prompt


class FakeFinder:
    """Finds squares by their colour."""

    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Region | None:
        colour = {"red square": RED, "blue square": BLUE}.get(phrase)
        mask = coloured(image, colour) if colour else np.zeros(image.shape[:2], np.bool_)
        return Region(mask, Box(0, 0, 1, 1), phrase, 0.75) if mask.any() else None


@dataclass
class FakeScorer:
    scores: Sequence[float] = ()
    taken: int = 0

    def score(self, image: Rgb, prompt: str, model: ClipModel, stop: StopCheck) -> float:
        self.taken += 1
        return self.scores[self.taken - 1] if self.taken <= len(self.scores) else 25.0

    def interpretation(self, score: float, model: ClipModel, locale: Locale) -> str:
        return "good"


class FakeSegmenter:
    """The product is what is red."""

    def cut(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        alpha: Alpha = coloured(photo, RED).astype(np.float32)
        return Cutout(alpha, 0.9, "colour")


def fake_engines(**parts: Any) -> Engines:
    """A diffusion engine made of the above."""
    made: dict[str, Any] = {"editor": FakeEditor(), "finder": FakeFinder(), "scorer": FakeScorer(), "vlm": FakeVlm()}
    made |= parts
    nothing = cast(Any, None)
    return Engines("diffusion", 0.5, FakeSegmenter(), nothing, nothing, **made)
