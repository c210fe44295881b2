"""A residency on a card that is not there, and what its components compute."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.residency import Lease, Residency
from support.components import component, never, picture, seed_of, stack


class Home:
    """A residency whose clock counts its own calls, and what it read from disk."""

    def __init__(self, device: Device, host_bytes: int = 10**9) -> None:
        self.device = device
        self.reads: list[str] = []
        self._ticks = 0.0
        self.residency = Residency(device, host_bytes=host_bytes, clock=self._tick, sleep=lambda _: None)

    def add(self, *names: str, layers: int = 1) -> None:
        for name in names:
            self.residency.add(component(name, layers, self.reads))

    def lease(self, *names: str, workspace: int = 0, activity: str = "") -> AbstractContextManager[Lease]:
        activity = activity or " ".join(names)
        return self.residency.lease(names, activity=activity, workspace=workspace, lane="heavy", stop=never)

    def use(self, *names: str) -> None:
        for name in names:
            with self.lease(name):
                pass

    def places(self) -> dict[str, str]:
        return {one.name: one.place for one in self.residency.state().components}

    def on(self, place: str) -> list[str]:
        return [name for name, found in self.places().items() if found == place]

    def prefetched(self, *names: str) -> None:
        self.residency.prefetch(names)
        assert self.residency._prefetcher.wait_idle(10)

    def _tick(self) -> float:
        self._ticks += 1
        return self._ticks


def answer(lease: Lease, name: str) -> torch.Tensor:
    module = lease.modules[name]
    given: torch.Tensor = lease.run(lambda _: module(picture(module)))
    return given


def expected(name: str) -> torch.Tensor:
    module = stack(1, seed_of(name))
    with torch.no_grad():
        given: torch.Tensor = module(picture(module))
    return given
