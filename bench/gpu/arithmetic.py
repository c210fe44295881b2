"""The arithmetic floor: the operations a call asks for, over the rate at which this card multiplies matrices."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

WARM, TIMED = 3, 10


def matmul_rate(device: torch.device, side: int) -> float:
    """FLOP/s of bf16 matrices (float32 on a processor) of ``side`` × ``side``, sustained over several in a row."""
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    out = torch.empty_like(left)
    _multiply(left, right, out, WARM)
    started = perf_counter()
    _multiply(left, right, out, TIMED)
    return TIMED * 2 * side**3 / (perf_counter() - started)


def count_flops(call: Callable[[], object]) -> int:
    """Multiplications and additions of matrices, convolutions and attention in ``call``."""
    with FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


def against_floor(flops: int, rate: float, seconds: float) -> dict[str, Any]:
    """``floor_seconds`` at the card's rate, and how many times as long it took; None where nothing was counted."""
    floor = flops / rate
    return {"tflop": flops / 1e12, "floor_seconds": floor, "times_floor": seconds / floor if floor else None}


def _multiply(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor, times: int) -> None:
    for _ in range(times):
        torch.mm(left, right, out=out)
    if left.device.type == "cuda":
        torch.cuda.synchronize(left.device)
