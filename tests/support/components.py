"""Small modules of known size and what they answer, for tests of residency."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torchao.quantization as quantization
from torch import Tensor, nn

from nanococoa_aiserver.gpu.residency import Component

WIDTH = 64
LAYER_BYTES = 4 * (WIDTH * WIDTH + WIDTH)
"""One float32 layer of ``stack``."""

KINDS = ("plain", "tied", "bfloat16", "int8", "float8")


def stack(layers: int, seed: int = 0) -> nn.Module:
    """``layers`` linear layers of ``LAYER_BYTES`` each."""
    torch.manual_seed(seed)
    return nn.Sequential(*(nn.Linear(WIDTH, WIDTH) for _ in range(layers)))


def made(kind: str) -> nn.Module:
    """A module of each kind whose weights must survive a trip to the device."""
    module = stack(2).to(torch.float32 if kind in ("plain", "tied") else torch.bfloat16)
    if kind == "tied":
        module[1].weight = module[0].weight
    if kind == "int8":
        quantization.quantize_(module, quantization.Int8WeightOnlyConfig())
    if kind == "float8":
        quantization.quantize_(module, quantization.Float8WeightOnlyConfig())
    return module.eval()


def picture(module: nn.Module) -> Tensor:
    """A fixed input in the dtype that ``module`` computes in."""
    dtype = next(module.parameters()).dtype
    return torch.linspace(-1, 1, 3 * WIDTH).reshape(3, WIDTH).to(dtype)


def component(name: str, layers: int = 1, reads: list[str] | None = None) -> Component:
    """A stack whose weights depend on its name; ``reads`` is told of each load from disk."""

    def load() -> nn.Module:
        if reads is not None:
            reads.append(name)
        return stack(layers, seed=seed_of(name))

    return Component(name, load, expected_bytes=layers * LAYER_BYTES)


def seed_of(name: str) -> int:
    return sum(name.encode())


def never() -> None:
    """A job that nobody stops."""


def stopped_when(asked: Callable[[], bool], error: type[Exception]) -> Callable[[], None]:
    """A stop check that raises ``error`` once ``asked`` is true."""

    def check() -> None:
        if asked():
            raise error

    return check


class Sized(nn.Module):  # type: ignore[misc]
    """Weights of exactly ``size`` bytes, a multiple of 4, that all hold ``value``; answers their mean."""

    def __init__(self, size: int, value: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((size // 4,), value))

    def forward(self) -> float:
        return float(self.weight.mean())


def sized(name: str, size: int, value: float = 1.0) -> Component:
    return Component(name, lambda: Sized(size, value), expected_bytes=size)
