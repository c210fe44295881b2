"""An engine on a card that is not there: real leases, real turns and the real ladder around simulated computing.

A mebibyte stands for a gibibyte, and a denoising step or a model's answer is a pause of a stated length. Which job runs
out of memory, and how often in a row, stands in its own words: ``[17/2]`` is job 17, whose first two allocations are
refused as CUDA's allocator refuses them. What happens then is the product's own.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from bench.stress.pace import Pace
from nanococoa_aiserver.engines.diffusion.staging import stage_of
from nanococoa_aiserver.engines.ports import (
    Analysis,
    ClipModel,
    EditPrompt,
    EditTask,
    Judgement,
    Notes,
    Progress,
    RefinePrompt,
    Region,
    SceneChoice,
    ScenePrompt,
    StopCheck,
    go_on,
)
from nanococoa_aiserver.engines.wiring import Engines, studio_engines
from nanococoa_aiserver.gpu.device import Memory
from nanococoa_aiserver.gpu.oom import LADDER, Effort
from nanococoa_aiserver.gpu.residency import Component, Lease, Residency
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Alpha, Backdrop, Box, Cutout, Rgb, Sprite
from nanococoa_client.messages import Locale
from support.fake_device import FakeDevice

MIB: Final = 2**20
CARD: Final = 22 * MIB
WEIGHTS: Final = {"cutout": 1 * MIB, "generator": 10 * MIB, "vlm": 6 * MIB, "clip": 1 * MIB}
"""An L4 with a default set: it fits beside the activations, until memory runs out and the idle ones have to go."""
WORKSPACE: Final = 3 * MIB
MARK: Final = re.compile(r"\[(\d+)/(\d+)\]")


class Journal:
    """What workers note, a line each, in a file they all append to; a line is one write, so none is torn."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._pid = os.getpid()

    def note(self, what: str, **more: Any) -> None:
        line = json.dumps({"what": what, "pid": self._pid, "at": time.time(), **more})
        os.write(self._file, f"{line}\n".encode())


class Card(FakeDevice):
    """Refuses as many of a thread's next allocations as it was told to."""

    def __init__(self) -> None:
        super().__init__(CARD)
        self._refusals = threading.local()

    def refuse(self, times: int) -> None:
        self._refusals.left = times

    def allocate(self, size: int) -> Tensor:
        left = getattr(self._refusals, "left", 0)
        if left:
            self._refusals.left = left - 1
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size / MIB:.2f} MiB.")
        return super().allocate(size)


class Weights(nn.Module):  # type: ignore[misc]
    """Nothing but its size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size // 4))


class Models:
    """The components on the card, and computing with them in a lane."""

    def __init__(self, pace: Pace, journal: Journal) -> None:
        self.pace = pace
        self._journal = journal
        self._card = Card()
        self._residency = Residency(self._card, host_bytes=sum(WEIGHTS.values()))
        for name, size in WEIGHTS.items():
            self._residency.add(Component(name, partial(Weights, size), expected_bytes=size))

    def state(self) -> dict[str, Any]:
        return self._residency.state().to_json()

    def denoise(self, words: str, what: str, lane: Lane, progress: Progress, stop: StopCheck, steps: int = 0) -> None:
        """Step by step, with an offer of the turn before each."""
        number, refusals = _marked(words)
        steps = steps or self.pace.steps
        with self._leased("generator", what, lane, stop) as lease:
            self._card.refuse(refusals)
            for step in range(1, steps + 1):
                lease.offer()
                self._run(lease, number, self.pace.step)
                progress(f"{what} ({step}/{steps})", step / steps)

    def answer(self, model: str, words: str, lane: Lane, stop: StopCheck) -> None:
        number, refusals = _marked(words)
        with self._leased(model, f"{model} answers", lane, stop) as lease:
            self._card.refuse(refusals if lane == "light" else 0)
            self._run(lease, number, self.pace.answer)

    def _leased(self, model: str, activity: str, lane: Lane, stop: StopCheck) -> Any:
        return self._residency.lease([model], activity=activity, workspace=WORKSPACE, lane=lane, stop=stop)

    def _run(self, lease: Lease, number: int | None, seconds: float) -> None:
        attempts = 0

        def call(effort: Effort) -> Tensor:
            nonlocal attempts
            if attempts:
                self._note("rung", number=number, rung=LADDER[attempts - 1].name)
            attempts += 1
            activations = self._card.allocate(WORKSPACE // (1 + effort.tiled + 2 * effort.halved))
            time.sleep(seconds)
            return activations

        lease.run(call)
        self._note("computed", number=number)

    def _note(self, what: str, **more: Any) -> None:
        memory: Memory = self._card.memory()
        self._journal.note(what, allocated=memory.allocated, total=memory.total, **more)


def _marked(words: str) -> tuple[int | None, int]:
    """(number of the job, allocations to refuse) as its words say."""
    found = MARK.search(words)
    return (int(found[1]), int(found[2])) if found else (None, 0)


class Segmenter:
    """The product is whatever is darker than paper."""

    def __init__(self, models: Models, lane: Lane) -> None:
        self._models, self._lane = models, lane

    def cut(self, photo: Rgb, box: Box | None, stop: StopCheck) -> Cutout:
        self._models.answer("cutout", "", self._lane, stop)
        alpha: Alpha = (photo.mean(-1) < 200).astype(np.float32)
        return Cutout(alpha, 0.95, "simulated")


class Painter:
    """A grey wall over a brown table, for refining and editing too: pictures that need no looking at."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def choose(self, prompt: ScenePrompt, product: Sprite, stop: StopCheck = go_on) -> SceneChoice:
        return SceneChoice("simulated", "free", -0.5, True)

    def paint(
        self, choice: SceneChoice, prompt: ScenePrompt, size: tuple[int, int], progress: Progress, stop: StopCheck
    ) -> Backdrop:
        self._models.denoise(prompt.text, "simulated_bg_generation", "heavy", progress, stop)
        return _backdrop(size)

    def refine(self, composite: Rgb, allowed: Alpha, prompt: RefinePrompt, progress: Progress, stop: StopCheck) -> Rgb:
        self._models.denoise("", "simulated_refinement", "heavy", progress, stop)
        return composite

    def edit(self, task: EditTask, progress: Progress, stop: StopCheck) -> Rgb:
        self._models.denoise(task.prompt, "simulated_edit", "heavy", progress, stop, task.steps or 0)
        return np.asarray(255 - task.image, np.uint8)

    def fill(self, task: EditTask, mask: Mask, progress: Progress, stop: StopCheck) -> Rgb:
        return self.edit(task, progress, stop)

    def notes(self, *_: Any, **__: Any) -> Notes:
        return ()


@cache
def _backdrop(size: tuple[int, int]) -> Backdrop:
    width, height = size
    image = np.full((height, width, 3), (170, 168, 160), np.uint8)
    image[int(0.6 * height) :] = (120, 92, 70)
    return Backdrop(image, stage_of(image, -0.5), "simulated", "free")


class Eyes:
    """A vision-language model and CLIP that find everything as it was asked for."""

    def __init__(self, models: Models, lane: Lane) -> None:
        self._models, self._lane = models, lane
        self._statistics = studio_engines().analyst

    def analyse(self, image: Rgb, product: Box | None, stop: StopCheck) -> Analysis:
        self._models.answer("vlm", "", self._lane, stop)
        return self._statistics.analyse(image, product, stop)

    def ask(self, image: Rgb, question: str, stop: StopCheck) -> str:
        self._models.answer("vlm", question, self._lane, stop)
        return "simulated"

    def judge(self, image: Rgb, wanted: str, unwanted: str, stop: StopCheck) -> Judgement:
        self._models.answer("vlm", wanted, self._lane, stop)
        return Judgement("pass")

    def edit_prompt(self, image: Rgb, instruction: str, stop: StopCheck) -> EditPrompt:
        self._models.answer("vlm", instruction, self._lane, stop)
        return EditPrompt(instruction, "a product")

    def revised(self, prompt: str, reason: str, stop: StopCheck) -> str:
        return prompt

    def in_english(self, prompt: str, stop: StopCheck) -> str:
        return prompt

    def score(self, image: Rgb, prompt: str, model: ClipModel, stop: StopCheck) -> float:
        self._models.answer("clip", prompt, self._lane, stop)
        return 25.0

    def interpretation(self, score: float, model: ClipModel, locale: Locale) -> str:
        return "simulated"

    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Region | None:
        return None


def simulated_engines(pace: Pace, journal: Journal) -> Engines:
    """Named ``diffusion`` since the API takes edits for that alone; its ``why`` says what it is."""
    models = Models(pace, journal)
    light = _view(models, "light", None)
    return _view(models, "heavy", light)


def _view(models: Models, lane: Lane, light: Engines | None) -> Engines:
    eyes, painter, segmenter = Eyes(models, lane), Painter(models), Segmenter(models, lane)
    return Engines(
        *("diffusion", 0.5, segmenter, painter, eyes, None, painter, painter, eyes, eyes, eyes),
        painters=1,
        why="simulated: no card, no models",
        light=light,
        state=models.state,
    )
