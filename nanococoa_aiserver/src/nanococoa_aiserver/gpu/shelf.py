"""All components, and their moves between disk, host memory and the device.

What goes and what comes is decided by ``plan()``, for host memory as for the device. Three kinds of locks, always
taken in this order: a component's ``busy`` while it is loaded or uploaded (another's only if it is free), ``_moves``
while room on the device is made and filled, ``_state`` for the moment in which pointers change.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from torch import nn

from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.placed import Component, Placed
from nanococoa_aiserver.gpu.plan import Plan, plan
from nanococoa_aiserver.gpu.turn import ASK_SECONDS, Stop


class DoesNotFit(Exception):
    """What is needed at once is more than the device has, whatever is evicted. Bytes."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


class Shelf:
    """Components by name. Only the thread that has the GPU's turn evicts; the prefetching one fills room."""

    def __init__(self, device: Device, host_bytes: int, clock: Callable[[], float]) -> None:
        self.device = device
        self.queue: tuple[frozenset[str], ...] = ()
        self.moves: Counter[str] = Counter()
        self._host_bytes = host_bytes
        self._clock = clock
        self._placed: dict[str, Placed] = {}
        self._moves = threading.RLock()
        self._state = threading.RLock()

    def begun(self, names: Sequence[str]) -> None:
        """The queue from after the lease that begins now: what lies behind it is no longer dear to evict."""
        passed = next((k for k, asked in enumerate(self.queue) if asked == frozenset(names)), None)
        if passed is not None:
            self.queue = self.queue[passed + 1 :]

    def add(self, component: Component) -> None:
        with self._state:
            self._placed.setdefault(component.name, Placed(component))

    def __getitem__(self, name: str) -> Placed:
        return self._placed[name]

    def all(self) -> list[Placed]:
        with self._state:
            return list(self._placed.values())

    def resident(self) -> list[str]:
        return [placed.name for placed in self.all() if placed.place == "vram"]

    def resident_bytes(self) -> int:
        return sum(placed.bytes for placed in self.all() if placed.place == "vram")

    def touch(self, names: Collection[str]) -> None:
        for name in names:
            self[name].last_used = self._clock()

    def has_on_device(self, names: Collection[str]) -> bool:
        return all(self[name].place == "vram" for name in names)

    def is_on_disk(self, name: str) -> bool:
        return name in self._placed and self[name].place == "disk"

    def modules(self, names: Sequence[str]) -> dict[str, nn.Module]:
        """Of components that were loaded before."""
        return {name: weights.module for name in names if (weights := self[name].weights) is not None}

    def make_room(self, names: Sequence[str], suspended: Collection[str], workspace: int) -> None:
        """Evicts by plan until ``names`` and ``workspace`` bytes fit, or as near to that as all other evictions get.

        Whether less than ``workspace`` is enough shows when it runs. Raises DoesNotFit when the weights alone don't.
        """
        with self._moves:
            budget = self._budget()
            needed = self._plan_device(names, suspended, workspace, budget).needed_bytes
            missing = max(0, needed - budget)
            if missing > workspace:
                raise DoesNotFit(needed)
            made = self._plan_device(names, suspended, workspace - missing, budget)
            self.evict(made.evict)

    def bring(self, name: str, names: Sequence[str], suspended: Collection[str], workspace: int, stop: Stop) -> None:
        """Loads one of ``names`` onto the device, with room for all of them. Raises ModelLoadError, DoesNotFit.

        Its exact bytes are known only once it was read. In unified memory that is too late to make room.
        """
        placed = self[name]
        with self.fetched(placed, stop), self._moves:
            if placed.place != "vram":
                if not self.device.unified:
                    self.make_room(names, suspended, workspace)
                self._upload(placed)

    def can_keep(self, name: str, reserve: int) -> bool:
        """Whether a component would find a place somewhere once it was read, with ``reserve`` bytes left free."""
        placed = self[name]
        return self._has_room(placed, reserve) or (not self.device.unified and placed.bytes <= self._host_bytes)

    def prefetch(self, name: str, reserve: int, read: bool) -> None:
        """To host memory if it may be ``read`` from disk, and to the device where that leaves ``reserve`` bytes free.

        Nothing is evicted from the device. Raises ModelLoadError.
        """
        placed = self[name]
        with self.fetched(placed, _never, read), self._moves:
            if placed.place == "host" and (self.device.unified or self._has_room(placed, reserve)):
                self._upload(placed)

    def _has_room(self, placed: Placed, reserve: int) -> bool:
        return placed.bytes + reserve <= self.device.memory().room

    def evict(self, names: Collection[str]) -> None:
        """Off the device. In unified memory host and device are one, so the weights go back to disk.

        Nothing else refers to the copies, so that their memory is free at once; collecting garbage would take as long
        as a swap from host memory.
        """
        with self._moves, self._state:
            for placed in map(self.__getitem__, names):
                assert placed.weights is not None
                placed.weights.evict()
                self.moves["evicted"] += 1
                if self.device.unified:
                    placed.weights.forget()

    def forget(self, names: Collection[str]) -> None:
        """Drops masters."""
        with self._state:
            for placed in map(self.__getitem__, names):
                assert placed.weights is not None
                placed.weights.forget()
                self.moves["spilled"] += 1

    def clear(self) -> None:
        """Drops all weights."""
        self.evict(self.resident())
        self.forget([placed.name for placed in self.all() if placed.in_host])

    @contextmanager
    def fetched(self, placed: Placed, stop: Stop, read: bool = True) -> Iterator[None]:
        """Holds a component that is on the device or has its master in host memory, read from disk if it may be.

        A master that has no place within the host's budget is dropped at the end.
        """
        with _held(placed.busy, stop):
            if placed.place == "disk" and read:
                self._load(placed)
            try:
                yield
            finally:
                self._keep_within_budget(placed)

    def _load(self, placed: Placed) -> None:
        self._make_host_room(placed)
        placed.load(self._clock)
        self.moves["read"] += 1
        if self._make_host_room(placed) and self.device.torch_device.type == "cuda" and placed.weights is not None:
            placed.weights.pin()

    def _upload(self, placed: Placed) -> None:
        placed.upload(self.device, self._clock)
        self.moves["uploaded"] += 1

    def _keep_within_budget(self, placed: Placed) -> None:
        if not self._make_host_room(placed):
            self.forget([placed.name])

    def _make_host_room(self, placed: Placed) -> bool:
        """Drops other masters by plan until this one fits; False when it cannot."""
        if self.device.unified:
            return True
        with self._state:
            if not placed.in_host and placed.place == "vram":
                return True
            made = self._plan_host(placed)
            self.forget(made.evict)
            return made.fits

    def _budget(self) -> int:
        """Bytes for weights and activations if nothing were resident."""
        return self.device.memory().room + self.resident_bytes()

    def _plan_device(self, names: Sequence[str], suspended: Collection[str], workspace: int, budget: int) -> Plan:
        return plan(
            items={placed.name: placed.item() for placed in self.all()},
            resident=self.resident(),
            needed=names,
            suspended=[name for name in suspended if name not in names],
            budget=budget,
            workspace=workspace,
            queue=self.queue,
        )

    def _plan_host(self, wanted: Placed) -> Plan:
        """Masters of what is not on the device are dropped last: those of the rest may never be needed again."""
        kept = [placed for placed in self.all() if placed.in_host]
        busy = [placed.name for placed in kept if placed.busy.locked()]
        return plan(
            items={placed.name: placed.item(placed.from_disk_seconds) for placed in (*kept, wanted)},
            resident=[placed.name for placed in kept],
            needed=[wanted.name],
            held=busy,
            suspended=[placed.name for placed in kept if placed.place == "host"],
            budget=self._host_bytes,
            queue=self.queue,
        )


@contextmanager
def _held(lock: threading.Lock, stop: Stop) -> Iterator[None]:
    while not lock.acquire(timeout=ASK_SECONDS):
        stop()
    try:
        yield
    finally:
        lock.release()


def _never() -> None:
    """Nobody stops what runs in the background."""
