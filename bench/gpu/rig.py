"""What a measurement works with: the device, the residency on it, and the product's classes for each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
import torch

from bench.gpu.host import BenchHost
from bench.gpu.shapes import Build
from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.engines.diffusion.generators.families import open_generator
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.gpu.device import CpuDevice, Device, open_device
from nanococoa_aiserver.gpu.memory import host_budget
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.settings import Precision, Settings, load_settings

T = TypeVar("T")

CUTOUT, CLIP = "birefnet", "clip-vit-l14"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: models, picture sizes (width, height), repetitions, and where weights are looked for.

    ``companions`` holds what a model without weights needs beside them; ``interval`` is the seconds between two light
    tasks; ``answer_tokens`` the longest answer of the vision-language model.
    """

    device: str
    generator: str
    vlm: str
    companions: Path
    models_dir: Path | None = None
    sizes: tuple[tuple[int, int], ...] = ((1024, 1024), (1024, 1792))
    canvas: Canvas = field(default_factory=Canvas)
    steps: int | None = None
    repeats: int = 3
    interval: float = 2.0
    busy_seconds: float = 20.0
    answer_tokens: int = 64
    matmul: int = 8192
    shapes: Mapping[str, Build] | None = None

    @property
    def models(self) -> tuple[str, ...]:
        return CUTOUT, self.generator, self.vlm, CLIP


@dataclass(frozen=True, slots=True)
class Rig:
    plan: Plan
    device: Device
    residency: Residency
    host: BenchHost
    generator: LatentDiffusion

    def timed(self, call: Callable[[], T]) -> tuple[T, float]:
        """What ``call`` gives and the seconds until the device has really done it."""
        self.wait()
        started = perf_counter()
        result = call()
        self.wait()
        return result, perf_counter() - started

    def wait(self) -> None:
        if self.device.torch_device.type == "cuda":
            torch.cuda.synchronize(self.device.torch_device)


@contextmanager
def open_rig(plan: Plan, precision: Precision = "auto", *, compiled: bool = False) -> Iterator[Rig]:
    """A device with nothing on it yet; afterwards it is empty again."""
    device: Device = CpuDevice() if plan.device == "cpu" else open_device()
    residency = Residency(device, host_bytes=host_budget())
    try:
        host = BenchHost(_settings(plan, precision, compiled), device, residency, plan.companions, plan.shapes)
        yield Rig(plan, device, residency, host, open_generator(host, plan.generator, canvas=plan.canvas))
    finally:
        residency.close()
        device.flush()


def _settings(plan: Plan, precision: Precision, compiled: bool) -> Settings:
    """The licence of weights that are not there is nobody's concern."""
    return load_settings(
        models_dir=plan.models_dir,
        generator_model=plan.generator,
        vlm_model=plan.vlm,
        precision=precision,
        compile=compiled,
        accept_noncommercial_models=not load_catalogue()[plan.generator].commercial or None,
    )


def photo(width: int, height: int) -> Rgb:
    """A dark disc on a light ground: something to cut out, to look at and to score."""
    y, x = np.mgrid[0:height, 0:width]
    disc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2
    shades = np.where(disc[..., None], (90, 40, 20), (235, 232, 225)) + (x[..., None] % 7)
    return np.asarray(shades, np.uint8)


def never_stopped() -> None:
    """A measurement is not stopped halfway."""
