"""A device without hardware: what is on it and in host memory, and when a copy is done, by a card's figures.

Components move by the same ``plan()`` as on a real device. One copy runs at a time, beside whatever computes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nanococoa_aiserver.gpu.cards import Card
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.plan import Item, Plan, plan

Queue = Sequence[Collection[str]]


class DoesNotFit(ValueError):
    """A lease needs more than the card has, whatever is evicted."""


@dataclass(frozen=True, slots=True)
class Move:
    """A component came to the device: seconds of the copy, from ``host`` or ``disk``, and whether it was prefetched."""

    at: float
    name: str
    seconds: float
    source: str
    ahead: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is on the device from ``at`` on: components, and bytes of activations."""

    at: float
    resident: tuple[str, ...]
    workspace: int


class SimulatedDevice:
    """``sizes`` are bytes by component. ``budget`` and ``host_budget`` are bytes. Times are seconds of the day."""

    def __init__(self, card: Card, sizes: Mapping[str, int], budget: int, host_budget: int) -> None:
        self.card = card
        self.sizes = sizes
        self.budget = budget
        self.moves: list[Move] = []
        self.snapshots: list[Snapshot] = []
        self.evictions = 0
        self.peak = 0
        self._host_budget = host_budget
        self._ready: dict[str, float] = {}
        self._masters: set[str] = set()
        self._used: dict[str, float] = dict.fromkeys(sizes, float("-inf"))
        self._copy_free = float("-inf")

    @property
    def resident(self) -> Collection[str]:
        return self._ready.keys()

    def bring(
        self, names: Sequence[str], now: float, *, workspace: int, suspended: Collection[str] = (), queue: Queue = ()
    ) -> float:
        """When all of ``names`` are on the device. Raises DoesNotFit."""
        made = self._plan(names, workspace, queue, suspended=[one for one in suspended if one not in names])
        if not made.fits:
            needed, given = made.needed_bytes / GIB, self.budget / GIB
            raise DoesNotFit(f"{' and '.join(names)} need {needed:.1f} GiB at once, there are {given:.1f}")
        self.evict(made.evict)
        for name in made.load:
            self._copy(name, now, queue, ahead=False)
        self._used.update(dict.fromkeys(names, now))
        self._record(now, workspace)
        return max([now, *(self._ready[name] for name in names)])

    def prefetch(self, names: Sequence[str], now: float, until: float, *, reserve: int, queue: Queue) -> None:
        """Copies that begin before ``until``, where room is left beside ``reserve`` bytes; nothing is evicted."""
        for name in names:
            start = max(now, self._copy_free)
            fits = sum(map(self.sizes.__getitem__, {*self._ready, name})) + reserve <= self.budget
            if name not in self._ready and start < until and fits:
                self._copy(name, start, queue, ahead=True)
                self._record(start, self.snapshots[-1].workspace if self.snapshots else 0)

    def evict(self, names: Collection[str]) -> None:
        for name in names:
            del self._ready[name]
            self.evictions += 1

    def rest(self, now: float) -> None:
        """Nothing computes: the activations are gone."""
        self._record(now, 0)

    def start_day(self) -> None:
        """Everything before was warming up: forget its moves, keep what is where."""
        self._ready = dict.fromkeys(self._ready, 0.0)
        self._used = dict.fromkeys(self._used, 0.0)
        self._copy_free, self.evictions, self.peak = 0.0, 0, 0
        self.moves.clear()
        self.snapshots.clear()

    def _copy(self, name: str, now: float, queue: Queue, *, ahead: bool) -> None:
        seconds, source = self._seconds(name), "host" if name in self._masters else "disk"
        start = max(now, self._copy_free)
        self._copy_free = start + seconds
        self._ready[name] = self._copy_free
        self.moves.append(Move(start, name, seconds, source, ahead))
        self._keep_master(name, queue)

    def _seconds(self, name: str) -> float:
        load = self.card.seconds_from_host if name in self._masters else self.card.seconds_from_disk
        return load(self.sizes[name])

    def _keep_master(self, name: str, queue: Queue) -> None:
        """Other masters make room by plan, those of what is not on the device last."""
        items = {one: self._item(one, self.card.seconds_from_disk(self.sizes[one])) for one in self.sizes}
        away = [one for one in self._masters if one not in self._ready]
        made = plan(
            items=items,
            resident=self._masters,
            needed=[name],
            suspended=away,
            budget=self._host_budget,
            queue=queue,
        )
        if made.fits:
            self._masters = (self._masters - set(made.evict)) | {name}

    def _plan(self, names: Sequence[str], workspace: int, queue: Queue, suspended: Collection[str]) -> Plan:
        return plan(
            items={one: self._item(one, self._seconds(one)) for one in self.sizes},
            resident=self._ready,
            needed=names,
            suspended=suspended,
            budget=self.budget,
            workspace=workspace,
            queue=queue,
        )

    def _item(self, name: str, seconds: float) -> Item:
        return Item(name, self.sizes[name], seconds, self._used[name])

    def _record(self, now: float, workspace: int) -> None:
        resident = tuple(sorted(self._ready))
        self.peak = max(self.peak, workspace + sum(self.sizes[name] for name in resident))
        last = self.snapshots[-1] if self.snapshots else None
        if last is None or (last.resident, last.workspace) != (resident, workspace):
            self.snapshots.append(Snapshot(now, resident, workspace))
