"""What the tests of the generators share: the real host over tiny models, a watch that counts, and ways to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache
from nanococoa_aiserver.engines.diffusion.generators.families import open_generator
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.request import Watch
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.imaging.types import Alpha, Rgb
from nanococoa_aiserver.settings import Settings

CANVAS = Canvas(96 * 96, 16)
"""A few hundred tokens: pictures in tens of milliseconds."""


@contextmanager
def tiny_host(folder: Path, **settings: Any) -> Iterator[ModelHost]:
    """The real host and residency on the processor, every licence accepted, without pauses between attempts."""
    device = CpuDevice()
    residency = Residency(device, host_bytes=1 << 30, sleep=lambda _: None)
    try:
        yield ModelHost(Settings(models_dir=folder, accept_noncommercial_models=True, **settings), device, residency)
    finally:
        residency.close()


def generator_of(host: ModelHost, model: str, cache: EmbeddingCache | None = None) -> LatentDiffusion:
    return open_generator(host, model, cache, CANVAS)


@dataclass
class Steps:
    """Counts what a watch is told; stops the job when step ``stop_at`` is done."""

    stop_at: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def watch(self) -> Watch:
        return Watch("painting", lambda name, share: self.told.append(name), self._stop)

    def _stop(self) -> None:
        if self.stop_at and len(self.told) >= self.stop_at:
            raise JobStopped

    @property
    def count(self) -> int:
        """Steps of the last run, as clients were told them."""
        done, of = self.told[-1].removeprefix("painting (").removesuffix(")").split("/")
        assert done == of
        return int(of)


def photo(width: int = 120, height: int = 100, seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def spot(width: int = 120, height: int = 100) -> Alpha:
    """A mask with a small rectangle off the middle."""
    mask = np.zeros((height, width), np.float32)
    mask[40:60, 60:90] = 1
    return mask


def module_of(host: ModelHost, model: str, path: str) -> nn.Module:
    """A part of a model by its path: ``vae.decoder``. The same object that every lease gives."""
    component, _, within = path.partition(".")
    with host.lease(model, [component], activity="test", stop=lambda: None) as loaded:
        return loaded.modules[component].get_submodule(within)


@dataclass
class Calls:
    """Counts a module's calls and lets the first ``failing`` of them run out of memory."""

    failing: int = 0
    count: int = 0

    def __call__(self, module: nn.Module, given: Any, named: Any) -> None:
        self.count += 1
        if self.count <= self.failing:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@contextmanager
def watching(module: nn.Module, failing: int = 0) -> Iterator[Calls]:
    calls = Calls(failing)
    hook = module.register_forward_pre_hook(calls, with_kwargs=True)
    try:
        yield calls
    finally:
        hook.remove()


@dataclass
class Dictionary:
    """A translator that knows what it is given, and counts how often it is asked."""

    entries: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def in_english(self, prompt: str, stop: Callable[[], None]) -> str:
        self.asked.append(prompt)
        return self.entries[prompt]


def same(one: Rgb, other: Rgb) -> bool:
    return bool(np.array_equal(one, other))


def alike(one: Rgb, other: Rgb) -> bool:
    """The same but for the last bit: the host keeps the decoder's weights in another memory order."""
    return one.shape == other.shape and bool(np.abs(one.astype(int) - other).max() <= 1)


def distinct(values: Sequence[object]) -> int:
    return len({id(value) for value in values})
