"""What the tests of the seeing models share: a host of tiny models, photos, and the ways a model call can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.imaging.types import Box, Rgb
from nanococoa_aiserver.settings import Settings

SHAPES = ((1, 1), (1, 700), (700, 1), (3, 400), (48, 64), (200, 90), (257, 255))
"""Heights and widths: slivers, odd sizes, both orientations."""

EFFORTS = (Effort(), Effort(), Effort(), Effort(tiled=True), Effort(tiled=True, halved=True))
"""What the ladder asks of the first attempt and of each further one."""


def never() -> None:
    """A stop check of a job that nobody stops."""


@contextmanager
def tiny_host(folder: Path, **settings: Any) -> Iterator[ModelHost]:
    """The real host and residency over the tiny models, on the processor, without waiting between attempts."""
    device = CpuDevice()
    residency = Residency(device, host_bytes=1 << 30, sleep=lambda _: None)
    try:
        yield ModelHost(Settings(models_dir=folder, **settings), device, residency)
    finally:
        residency.close()


def photo(height: int, width: int, product: Box | None = None) -> Rgb:
    """A light picture with a dark ``product``, which is what the tiny BiRefNet takes for one."""
    image = np.full((height, width, 3), 246, np.uint8)
    if product is not None:
        image[product.y : product.bottom, product.x : product.right] = (18, 24, 30)
    return image


@dataclass
class StopAt:
    """Stops a job at its ``call``-th check."""

    call: int
    calls: int = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls >= self.call:
            raise JobStopped


@dataclass
class Starved:
    """Lets the first ``times`` calls of a module run out of memory, and counts all calls."""

    times: int
    calls: int = 0

    def __call__(self, module: nn.Module, given: Any, named: Any = None) -> None:
        self.calls += 1
        if self.calls <= self.times:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@contextmanager
def starving(host: ModelHost, model: str, times: int, within: str = "") -> Iterator[Starved]:
    """``model`` runs out of memory in its first ``times`` calls (of its part ``within``)."""
    starved = Starved(times)
    with host.lease(model, ["model"], activity="test", stop=never) as loaded:
        part = loaded.modules["model"].get_submodule(within)
    hook = part.register_forward_pre_hook(starved, with_kwargs=True)
    try:
        yield starved
    finally:
        hook.remove()


class ScriptedModel(nn.Module):  # type: ignore[misc]
    """Answers what it is told to, in the order of ``answers``, as a language model's ``generate`` does."""

    def __init__(self, tokenizer: Any, answers: Sequence[str]) -> None:
        super().__init__()
        self._tokenizer, self._answers = tokenizer, list(answers)
        self.asked: list[str] = []
        self.budgets: list[int] = []

    def generate(self, input_ids: Tensor, **given: Any) -> Tensor:
        self.budgets.append(given["generation_config"].max_new_tokens)
        self.asked.append(self._tokenizer.decode(input_ids[0], skip_special_tokens=False))
        told = self._tokenizer(self._answers.pop(0), add_special_tokens=False)["input_ids"]
        return torch.cat([input_ids, torch.tensor([told], dtype=torch.long)], 1)


@dataclass
class Leasing:
    """A model host that lends ``module`` whatever is asked for; tokenizer and picture processor are the tiny ones."""

    real: ModelHost
    module: nn.Module

    def __post_init__(self) -> None:
        self.tokenizer, self.processor = self.real.tokenizer, self.real.processor

    @contextmanager
    def lease(self, model: str, components: Sequence[str], **how: Any) -> Iterator[Loaded]:
        lease: Any = _PlainLease(how["stop"])
        yield Loaded({"model": self.module}, torch.device("cpu"), torch.float32, lease)


@dataclass
class ScriptedHost:
    """A model host whose language model answers from a script; tokenizer and picture processor are the tiny ones."""

    real: ModelHost
    answers: Sequence[str]
    model: ScriptedModel = field(init=False)
    leases: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = ScriptedModel(self.real.tokenizer("qwen3-vl-4b"), self.answers)
        self.tokenizer, self.processor = self.real.tokenizer, self.real.processor

    @contextmanager
    def lease(self, model: str, components: Sequence[str], **how: Any) -> Iterator[Loaded]:
        self.leases.append({"model": model, **how})
        lease: Any = _PlainLease(how["stop"])
        yield Loaded({"model": self.model}, torch.device("cpu"), torch.float32, lease)


@dataclass
class _PlainLease:
    stop: StopCheck

    def offer(self) -> None:
        self.stop()

    def run(self, call: Callable[[Effort], Any]) -> Any:
        return call(Effort())
