"""What is tried when memory runs out, as data: a ladder of rungs, climbed with growing pauses.

Nothing is freed inside an ``except`` block: the traceback still holds every tensor of the failed call there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import torch
from accelerate.utils.memory import should_reduce_batch_size

from nanococoa_aiserver.gpu.memory import GIB

T = TypeVar("T")

_ALSO = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
"""Memory that runs out beside torch's allocator; the context survives it (cudaErrorMemoryAllocation is not sticky)."""
_TRIED = re.compile(r"[Tt]ried to allocate ([\d.]+) ?([KMGT]?i?B)|you tried to allocate (\d+) bytes")
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": GIB, "TiB": 1024 * GIB}


@dataclass(frozen=True, slots=True)
class Effort:
    """How careful an attempt must be: ``tiled`` decodes in tiles, ``halved`` takes half of what it would at once."""

    tiled: bool = False
    halved: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One more attempt: what is freed before it and how careful it is.

    ``evict_suspended`` takes from the device what a paused job will need again.
    """

    name: str
    effort: Effort = Effort()
    evict_idle: bool = False
    evict_suspended: bool = False


LADDER: tuple[Rung, ...] = (
    Rung("flush"),
    Rung("evict_idle", evict_idle=True),
    Rung("tiled", Effort(tiled=True), evict_idle=True, evict_suspended=True),
    Rung("tiled_halved", Effort(tiled=True, halved=True), evict_idle=True, evict_suspended=True),
)
LOADING_LADDER: tuple[Rung, ...] = LADDER[:2]
"""For copying weights, which cannot be done by half."""

FIRST_PAUSE = 0.25
"""Seconds before the first rung, doubled for each further one: other processes' memory may come free meanwhile."""

Recover: TypeAlias = Callable[[Rung, float], None]
"""Frees what the rung says and waits that many seconds."""


class OutOfMemory(Exception):
    """The whole ladder did not help. ``tried`` is what the last allocation asked for, in bytes; 0 when unknown."""

    def __init__(self, tried: int) -> None:
        super().__init__(tried)
        self.tried = tried


def climb(call: Callable[[Effort], T], ladder: Sequence[Rung], recover: Recover) -> T:
    """``call``, again for each rung until it has memory enough. Raises OutOfMemory; other errors go through."""
    tried = 0
    for number, rung in enumerate((None, *ladder)):
        if rung is not None:
            recover(rung, FIRST_PAUSE * 2 ** (number - 1))
        try:
            return call(Effort() if rung is None else rung.effort)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            tried = _tried_bytes(str(error))
    raise OutOfMemory(tried)


def is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and (
        should_reduce_batch_size(error) or any(text in str(error) for text in _ALSO)
    )


def _tried_bytes(message: str) -> int:
    found = _TRIED.search(message)
    if found is None:
        return 0
    return int(found[3]) if found[3] else int(float(found[1]) * _UNITS[found[2]])
