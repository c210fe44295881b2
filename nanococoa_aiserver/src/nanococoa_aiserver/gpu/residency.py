"""The models' components on one device: leased by name, loaded just in time, evicted by plan.

A lease takes the GPU's turn, brings what is missing, keeps it there, and measures what it takes beside the weights.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import torch

from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.lease import Lease
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.oom import (
    LADDER,
    LOADING_LADDER,
    Effort,
    OutOfMemory,
    Recover,
    Rung,
    climb,
    is_out_of_memory,
)
from nanococoa_aiserver.gpu.peaks import Peaks
from nanococoa_aiserver.gpu.placed import Component
from nanococoa_aiserver.gpu.poison import end_process, is_poison
from nanococoa_aiserver.gpu.prefetch import Prefetcher
from nanococoa_aiserver.gpu.shelf import DoesNotFit, Shelf
from nanococoa_aiserver.gpu.state import ResidencyState, component_state
from nanococoa_aiserver.gpu.turn import ASK_SECONDS, Lane, Stop, Ticket, Turn
from nanococoa_client.errors import GpuOutOfMemory

__all__ = ["Component", "Effort", "Lease", "Residency", "ResidencyState"]

T = TypeVar("T")

logger = logging.getLogger(__name__)

LONGEST_CLOSE = 5.0
"""Seconds to wait for an open lease when the process is about to end."""
PRESSURE_SECONDS = 60.0
"""How long after memory ran out nothing is prefetched to the device."""


class Residency:
    """Owns a device. Thread-safe: any thread may lease, and may lease again within its lease.

    ``host_bytes`` bounds the masters in host memory; ``on_poison`` must end the process.
    """

    def __init__(
        self,
        device: Device,
        *,
        host_bytes: int,
        on_poison: Callable[[BaseException], NoReturn] = end_process,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.device = device
        self._on_poison = on_poison
        self._clock = clock
        self._sleep = sleep
        self._shelf = Shelf(device, host_bytes, clock)
        self._turn = Turn()
        self._peaks = Peaks(device, self._shelf.resident_bytes)
        self._prefetcher = Prefetcher(self._fetch_ahead)
        self._leases: list[Lease] = []
        self._out_of_memory: Counter[str] = Counter()
        self._pressure_until = float("-inf")
        self._workspace = 0

    def add(self, component: Component) -> None:
        """Makes a component known; one already known by this name stays as it is."""
        self._shelf.add(component)

    @contextmanager
    def lease(self, names: Sequence[str], *, activity: str, workspace: int, lane: Lane, stop: Stop) -> Iterator[Lease]:
        """The components on the device, and the turn, for a ``with`` block.

        ``workspace`` is the bytes of activations to expect until they have been measured for ``activity``. Raises
        ModelLoadError, GpuOutOfMemory, or whatever ``stop`` raises while waiting.
        """
        ticket = self._turn.acquire(lane, stop)
        try:
            with self._failures_handled(), self._outer_suspended(ticket):
                wanted = tuple(dict.fromkeys(names))
                if lane == "heavy":
                    self._shelf.begun(wanted)
                lease = self._open(wanted, activity, workspace, ticket, lane, stop)
                try:
                    yield lease
                finally:
                    self._close(lease)
        finally:
            self._turn.release(ticket)

    def prefetch(self, names: Sequence[str]) -> None:
        """In the background: to host memory, and to the device where there is room and no pressure.

        Copies to the device run beside what is computed. What is on disk is read when nobody computes: the libraries
        change settings of the whole process while they build a module, torch's default dtype for one.
        """
        self._prefetcher.want(sorted(names, key=lambda name: self._shelf.is_on_disk(name)))

    def expect(self, queue: Sequence[Collection[str]]) -> None:
        """What the next jobs need, nearest first: dear to evict."""
        self._shelf.queue = tuple(map(frozenset, queue))

    def state(self) -> ResidencyState:
        return ResidencyState(
            device=self.device.name,
            memory=self.device.memory(),
            components=tuple(map(component_state, self._shelf.all())),
            swaps=dict(self._shelf.moves),
            out_of_memory=dict(self._out_of_memory),
            peak_bytes=dict(self._peaks.by_activity),
        )

    def release_idle(self) -> None:
        """Takes everything that nobody leases off the device, when it is this thread's turn."""
        ticket = self._turn.acquire("light", _never)
        try:
            self._release()
        finally:
            self._turn.release(ticket)

    def close(self) -> None:
        """Ends the prefetching and drops all weights, once the present lease has ended; not if that takes too long."""
        self._prefetcher.close()
        try:
            ticket = self._turn.acquire("heavy", _only_for(LONGEST_CLOSE))
        except TimeoutError:
            logger.warning("a lease is still open; its weights go when the process ends")
            return
        try:
            self._shelf.clear()
        finally:
            self._turn.release(ticket)

    # -- what a lease asks ------------------------------------------------------------------------------------------

    def yield_turn(self, lease: Lease) -> None:
        """Pauses ``lease`` while the light ones that wait run; its components are back when this returns."""
        if not self._turn.wanted():
            return
        self._peaks.end(lease.activity)
        lease.suspended = True
        self._turn.offer(lease.ticket, lease.stop)
        self._resume(lease)

    def run_guarded(self, lease: Lease, call: Callable[[Effort], T]) -> T:
        """``call`` without gradients, climbing the ladder when memory runs out."""

        def attempt(effort: Effort) -> T:
            with torch.no_grad():
                return call(effort)

        def recover(rung: Rung, pause: float) -> None:
            self._recover(rung, pause, lease.names, lease.stop)

        self._resume(lease)
        with self._poison_watched():
            return self._climb(attempt, LADDER, recover)

    # -- opening and closing ----------------------------------------------------------------------------------------

    def _open(
        self, names: tuple[str, ...], activity: str, workspace: int, ticket: Ticket, lane: Lane, stop: Stop
    ) -> Lease:
        self._bring(names, activity, workspace, stop)
        lease = Lease(
            self,
            self._shelf.modules(names),
            self.device.torch_device,
            activity=activity,
            workspace=workspace,
            lane=lane,
            stop=stop,
            ticket=ticket,
        )
        self._leases.append(lease)
        self._peaks.begin()
        return lease

    def _close(self, lease: Lease) -> None:
        """A lease whose job was stopped while it was paused no longer has the turn, nor anything to measure."""
        if not lease.suspended:
            self._peaks.end(lease.activity)
        self._leases.remove(lease)
        self._shelf.touch(lease.names)

    @contextmanager
    def _outer_suspended(self, ticket: Ticket) -> Iterator[None]:
        """While a lease within a lease runs, the outer one's components may be evicted like a paused job's."""
        outer = [lease for lease in self._live if lease.ticket is ticket and not lease.suspended]
        for lease in outer:
            self._peaks.end(lease.activity)
            lease.suspended = True
        yield
        for lease in outer:
            self._resume(lease)

    def _resume(self, lease: Lease) -> None:
        """Brings back what was taken from a suspended lease. Raises RuntimeError after its turn was lost."""
        if not self._turn.owns(lease.ticket):
            raise RuntimeError("this lease has ended")
        if lease.suspended:
            self._bring(lease.names, lease.activity, lease.workspace, lease.stop)
            lease.suspended = False
            self._peaks.begin()

    # -- bringing components ----------------------------------------------------------------------------------------

    def _bring(self, names: Sequence[str], activity: str, workspace: int, stop: Stop) -> None:
        """Everything in ``names`` on the device, with room for the activity's activations where that is possible."""
        room = self._workspace = self._peaks.workspace(activity, workspace)
        self._shelf.touch(names)
        try:
            self._shelf.make_room(names, self._suspended(), room)
            for name in names:
                self._bring_one(name, names, room, stop)
        except DoesNotFit as failure:
            needed = failure.needed
        else:
            return
        raise self._no_memory(needed)

    def _bring_one(self, name: str, names: Sequence[str], room: int, stop: Stop) -> None:
        if self._shelf.has_on_device([name]):
            return

        def upload(_: Effort) -> None:
            self._shelf.bring(name, names, self._suspended(), room, stop)

        def recover(rung: Rung, pause: float) -> None:
            self._recover(rung, pause, names, stop)

        self._climb(upload, LOADING_LADDER, recover)

    @property
    def _live(self) -> tuple[Lease, ...]:
        return tuple(self._leases)

    def _suspended(self) -> set[str]:
        return _names(lease for lease in self._live if lease.suspended)

    def _fetch_ahead(self, name: str, stop: Stop) -> None:
        if self._shelf.is_on_disk(name):
            self._read_ahead(name, stop)
        with self._poison_watched():
            self._shelf.prefetch(name, self._reserve(), read=False)

    def _read_ahead(self, name: str, stop: Stop) -> None:
        """Not what could then not be kept."""
        ticket = self._turn.acquire_idle(stop)
        try:
            if self._shelf.can_keep(name, self._reserve()):
                with self._poison_watched():
                    self._shelf.prefetch(name, self._reserve(), read=True)
        finally:
            self._turn.release(ticket)

    def _reserve(self) -> int:
        """Bytes on the device that no prefetching takes: what the present lease, and any measured so far, may need."""
        if self._clock() < self._pressure_until:
            return sys.maxsize
        return max(self._peaks.highest(), self._workspace)

    # -- failures ---------------------------------------------------------------------------------------------------

    def _climb(self, call: Callable[[Effort], T], ladder: Sequence[Rung], recover: Recover) -> T:
        try:
            return climb(call, ladder, recover)
        except OutOfMemory as failure:
            tried = failure.tried
        self._out_of_memory["failed"] += 1
        raise self._no_memory(self.device.peak_bytes() + tried)

    def _recover(self, rung: Rung, pause: float, names: Sequence[str], stop: Stop) -> None:
        self._out_of_memory[rung.name] += 1
        self._pressure_until = self._clock() + PRESSURE_SECONDS
        if rung.evict_idle:
            self._evict_all_but(set(names) if rung.evict_suspended else {*names, *self._suspended()})
        self.device.flush()
        self._wait(pause, stop)

    def _release(self) -> None:
        """Gives the driver all that no lease needs."""
        self._evict_all_but(_names(self._live))
        self.device.flush()

    def _evict_all_but(self, kept: Collection[str]) -> None:
        self._shelf.evict([name for name in self._shelf.resident() if name not in kept])

    def _wait(self, seconds: float, stop: Stop) -> None:
        while seconds > 0:
            stop()
            self._sleep(min(ASK_SECONDS, seconds))
            seconds -= ASK_SECONDS

    def _no_memory(self, needed: int) -> GpuOutOfMemory:
        free, resident = self.device.memory().room, self._shelf.resident_bytes()
        return GpuOutOfMemory(needed=_gib(needed), free=_gib(free), resident=_gib(resident))

    @contextmanager
    def _failures_handled(self) -> Iterator[None]:
        """Out of memory anywhere in a lease is one error, after which the device is empty of what nobody leases."""
        try:
            with self._poison_watched():
                yield
            return
        except GpuOutOfMemory:
            self._release()
            raise
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        self._release()
        raise self._no_memory(self.device.peak_bytes())

    @contextmanager
    def _poison_watched(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if is_poison(error):
                self._on_poison(error)
            raise


def _names(leases: Iterable[Lease]) -> set[str]:
    return {name for lease in leases for name in lease.names}


def _never() -> None:
    """Housekeeping is no job that anybody stops."""


def _only_for(seconds: float) -> Stop:
    deadline = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    return check


def _gib(size: int) -> float:
    """Three digits are enough for a person."""
    return float(f"{size / GIB:.3g}")
