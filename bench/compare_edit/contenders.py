"""The two ways to change a thing, put together from the product's own classes on a device of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bench.compare_edit.cases import Case
from nanococoa_aiserver.ads.editing.region import grown
from nanococoa_aiserver.engines.diffusion.detector import FOUND_FROM, GroundingDino
from nanococoa_aiserver.engines.diffusion.editor import DiffusionEditor
from nanococoa_aiserver.engines.diffusion.finder import GroundingDinoFinder
from nanococoa_aiserver.engines.diffusion.generators.families import open_generator
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.sam import Sam2
from nanococoa_aiserver.engines.diffusion.tiny.make import MARK
from nanococoa_aiserver.engines.diffusion.vlm.model import QwenVision
from nanococoa_aiserver.engines.ports import EditTask, Region
from nanococoa_aiserver.gpu.device import Device, open_device
from nanococoa_aiserver.gpu.memory import host_budget
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.settings import Settings

DETECTOR, SAM, CLIP = "grounding-dino", "sam2.1", "clip-vit-l14"
Weights: TypeAlias = Literal["real", "tiny"]


@dataclass(frozen=True, slots=True)
class Contender:
    """``fills`` is the model that fills a found mask; empty for the single model, which is told what to do."""

    title: str
    generator: str
    fills: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        return (DETECTOR, SAM, self.fills) if self.fills else (self.generator,)


@dataclass(frozen=True, slots=True)
class Bench:
    """A device with nothing on it yet, and the models by name."""

    settings: Settings
    device: Device
    residency: Residency
    host: ModelHost

    @property
    def weights(self) -> Weights:
        return weights_of(self.settings)


def contenders(settings: Settings) -> tuple[Contender, ...]:
    """The classic pipeline, the same with the generator's own inpainting, and the single model."""
    generator = settings.generator_model
    found = "Grounding DINO → SAM 2.1 → "
    return (
        Contender(f"{found}SD3-medium", generator, "sd3-medium"),
        Contender(f"{found}{generator}", generator, generator),
        Contender(f"{generator} alone", generator),
    )


def weights_of(settings: Settings) -> Weights:
    """Tiny checkpoints carry a mark beside their folders."""
    folder = settings.models_dir
    return "tiny" if folder is not None and (folder / MARK).exists() else "real"


def usable(settings: Settings) -> Settings:
    """Random weights are nobody's work, so their licence is nobody's concern."""
    if weights_of(settings) == "tiny":
        return settings.model_copy(update={"accept_noncommercial_models": True})
    return settings


@contextmanager
def open_bench(settings: Settings) -> Iterator[Bench]:
    """Afterwards the device is empty again."""
    device = open_device(settings.gpu_memory_gb)
    residency = Residency(device, host_bytes=host_budget(settings.host_memory_gb))
    try:
        yield Bench(settings, device, residency, ModelHost(settings, device, residency))
    finally:
        residency.close()
        device.flush()


def edited(bench: Bench, contender: Contender, case: Case, seed: int) -> tuple[Rgb | None, Region | None]:
    """The picture after one edit (None where the thing was not found) and the region that was found.

    The prompt is encoded anew every time, as with a customer's new wish.
    """
    host, stop = bench.host, never_stopped
    generator = open_generator(host, contender.generator)
    filler = open_generator(host, contender.fills) if contender.fills else generator
    editor = DiffusionEditor(generator, filler, QwenVision(host, bench.settings.vlm_model))
    task = EditTask(case.image, case.instruction, seed=seed)
    if not contender.fills:
        return editor.edit(task, _quiet, stop), None
    found = _finder(bench).find(case.image, case.target, stop)
    if found is None:
        return None, None
    return editor.fill(replace(task, prompt=case.fill), grown(found.mask), _quiet, stop), found


def _finder(bench: Bench) -> GroundingDinoFinder:
    """Tiny models are sure of nothing: their best guess is taken, so that the whole pipeline runs."""
    threshold = 0.0 if bench.weights == "tiny" else FOUND_FROM
    return GroundingDinoFinder(
        GroundingDino(bench.host, model=DETECTOR, found_from=threshold), Sam2(bench.host, model=SAM)
    )


def never_stopped() -> None:
    """A measurement is not stopped halfway."""


def _quiet(_name: str, _share: float) -> None:
    """Nobody watches."""
