"""What a job has while it computes: its components on the device, the turn, and a way to call models safely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

import torch
from torch import nn

from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane, Stop, Ticket

T = TypeVar("T")


class Keeper(Protocol):
    """What a lease asks of the residency that gave it."""

    def yield_turn(self, lease: Lease) -> None: ...

    def run_guarded(self, lease: Lease, call: Callable[[Effort], T]) -> T: ...


class Lease:
    """``modules`` by component name, on ``device``, in eval mode and without gradients; the same objects every time.

    For the thread that took it, and until its block ends.
    """

    def __init__(
        self,
        keeper: Keeper,
        modules: Mapping[str, nn.Module],
        device: torch.device,
        *,
        activity: str,
        workspace: int,
        lane: Lane,
        stop: Stop,
        ticket: Ticket,
    ) -> None:
        self.modules: Mapping[str, nn.Module] = MappingProxyType(dict(modules))
        self.device = device
        self.activity = activity
        self.workspace = workspace
        self.lane = lane
        self.stop = stop
        self.ticket = ticket
        self.suspended = False
        self._keeper = keeper

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.modules)

    def offer(self) -> None:
        """Between two denoising steps: the light leases that wait run first. Raises whatever ``stop`` raises."""
        self.stop()
        if self.lane == "heavy":
            self._keeper.yield_turn(self)

    def run(self, call: Callable[[Effort], T]) -> T:
        """``call(effort)``, again with more care when memory runs out.

        Raises GpuOutOfMemory when nothing helps. A CUDA error that poisons the context ends the process.
        """
        self.stop()
        return self._keeper.run_guarded(self, call)
