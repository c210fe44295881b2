"""Replays a day's jobs against a card's cost model: the same ``plan()`` as on the device, no hardware, no clock.

One heavy job runs at a time and offers the GPU after every step; light jobs that wait are served then. Time is spent
waiting only where a component is not on the device when it is needed: that is the overhead over unlimited memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from nanococoa_aiserver.gpu.cards import Card
from nanococoa_aiserver.gpu.simulated import Move, SimulatedDevice, Snapshot
from nanococoa_aiserver.gpu.traces import Job, Stage


@dataclass(frozen=True, slots=True)
class Policy:
    """How components are kept. ``unload`` drops each as soon as its job's next stage does without it."""

    name: str
    unlimited: bool = False
    unload: bool = False
    prefetch: bool = True
    lookahead: int = 12
    """Leases of the running and the waiting jobs that the plan is told of."""


RESIDENT = Policy("resident")
UNLIMITED = Policy("unlimited", unlimited=True)
LOAD_USE_UNLOAD = Policy("load-use-unload", unload=True, prefetch=False)


@dataclass(frozen=True, slots=True)
class Done:
    """One job from its arrival to its end, in seconds of the day."""

    job: Job
    started: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.job.at


@dataclass(frozen=True, slots=True)
class Outcome:
    """A replayed day. ``work`` is seconds of compute, ``stalled`` seconds of waiting for components."""

    policy: Policy
    done: tuple[Done, ...]
    moves: tuple[Move, ...]
    snapshots: tuple[Snapshot, ...]
    evictions: int
    peak: int
    work: float
    stalled: float

    @property
    def overhead(self) -> float:
        """Over unlimited memory, where nothing ever waits for a component: 0.03 is 3 %."""
        return self.stalled / self.work if self.work else 0.0


def simulate(
    jobs: Sequence[Job],
    card: Card,
    sizes: Mapping[str, int],
    policy: Policy = RESIDENT,
    *,
    budget: int | None = None,
    host_budget: int | None = None,
) -> Outcome:
    """The day of ``jobs`` on ``card``, after a warm-up that ran each lease once. ``sizes`` are bytes by component.

    Raises DoesNotFit when a lease needs more than the card has.
    """
    given = card.budget if budget is None else budget
    room = sum(sizes.values()) + _most_workspace(jobs) if policy.unlimited else given
    device = SimulatedDevice(card, sizes, room, card.host_budget if host_budget is None else host_budget)
    return _Day(jobs, device, policy).run()


def _most_workspace(jobs: Sequence[Job]) -> int:
    return max((stage.workspace for job in jobs for stage in job.stages), default=0)


class _Day:
    def __init__(self, jobs: Sequence[Job], device: SimulatedDevice, policy: Policy) -> None:
        self.device = device
        self.policy = policy
        self.heavy = deque(sorted((job for job in jobs if not job.light), key=lambda job: job.at))
        self.light = deque(sorted((job for job in jobs if job.light), key=lambda job: job.at))
        self.stages = list(dict.fromkeys(stage for job in jobs for stage in job.stages if stage.components))
        self.reserve = _most_workspace(jobs)
        self.done: list[Done] = []
        self.work = self.stalled = 0.0

    def run(self) -> Outcome:
        self._warm_up()
        now = 0.0
        while self.heavy or self.light:
            if self.heavy and self.heavy[0].at <= max(now, self._next_light()):
                now = self._heavy(self.heavy.popleft(), now)
            else:
                now = self._light(self.light.popleft(), now, ())
        device = self.device
        return Outcome(
            self.policy,
            tuple(self.done),
            tuple(device.moves),
            tuple(device.snapshots),
            device.evictions,
            device.peak,
            self.work,
            self.stalled,
        )

    def _warm_up(self) -> None:
        for stage in self.stages:
            self.device.bring(stage.components, 0.0, workspace=stage.workspace)
        if self.policy.unload:
            self.device.evict(list(self.device.resident))
        self.device.start_day()

    def _next_light(self) -> float:
        return self.light[0].at if self.light else float("inf")

    def _heavy(self, job: Job, now: float) -> float:
        started = now = max(now, job.at)
        for index, stage in enumerate(job.stages):
            rest = job.stages[index + 1 :]
            now = self._lease(stage, rest, now) if stage.components else self._host(stage, rest, now)
        return self._end(job, started, now)

    def _lease(self, stage: Stage, rest: Sequence[Stage], now: float) -> float:
        queue = self._queue(now, rest)
        now = self._bring(stage, now, (), queue)
        self._prefetch(stage, queue, now, now + stage.seconds)
        for _ in range(stage.steps):
            now = self._compute(stage.step_seconds, now)
            now = self._serve_waiting(now, stage, rest)
        now = self._compute(stage.last_seconds, now)
        self._leave(stage, rest, now)
        return now

    def _host(self, stage: Stage, rest: Sequence[Stage], now: float) -> float:
        """The GPU is free: light jobs that come meanwhile have it, and the next components are fetched."""
        until = self._compute(stage.last_seconds, now)
        self._prefetch(stage, self._queue(now, rest), now, until)
        while self._next_light() < until:
            now = self._light(self.light.popleft(), now, rest)
        return max(now, until)

    def _serve_waiting(self, now: float, stage: Stage, rest: Sequence[Stage]) -> float:
        """The light jobs that wait at this moment; then what they displaced comes back."""
        waiting = [self.light.popleft() for _ in range(sum(job.at <= now for job in self.light))]
        for job in waiting:
            now = self._light(job, now, (stage, *rest), suspended=stage.components)
        return self._bring(stage, now, (), self._queue(now, rest)) if waiting else now

    def _light(self, job: Job, now: float, heavy_rest: Sequence[Stage], suspended: Iterable[str] = ()) -> float:
        started = now = max(now, job.at)
        for index, stage in enumerate(job.stages):
            rest = job.stages[index + 1 :]
            now = self._bring(stage, now, tuple(suspended), self._queue(now, (*rest, *heavy_rest)))
            now = self._compute(stage.seconds, now)
            self._leave(stage, rest, now)
        return self._end(job, started, now)

    def _bring(self, stage: Stage, now: float, suspended: Sequence[str], queue: Sequence[Sequence[str]]) -> float:
        ready = self.device.bring(stage.components, now, workspace=stage.workspace, suspended=suspended, queue=queue)
        self.stalled += ready - now
        return ready

    def _compute(self, seconds: float, now: float) -> float:
        self.work += seconds
        return now + seconds

    def _leave(self, stage: Stage, rest: Sequence[Stage], now: float) -> None:
        if self.policy.unload:
            kept = rest[0].components if rest else ()
            self.device.evict([name for name in stage.components if name not in kept])
        self.device.rest(now)

    def _prefetch(self, stage: Stage, queue: Sequence[Sequence[str]], now: float, until: float) -> None:
        if self.policy.prefetch:
            wanted = dict.fromkeys(chain.from_iterable(queue))
            self.device.prefetch(list(wanted), now, until, reserve=self.reserve, queue=queue)

    def _queue(self, now: float, rest: Iterable[Stage]) -> list[Sequence[str]]:
        """What comes next, nearest first: the light jobs that wait, the running job's stages, the next heavy jobs'."""
        waiting = chain(
            (job.stages for job in self.light if job.at <= now),
            (rest,),
            (job.stages for job in self.heavy if job.at <= now),
        )
        leases = (stage.components for stage in chain.from_iterable(waiting) if stage.components)
        return [names for names, _ in zip(leases, range(self.policy.lookahead), strict=False)]

    def _end(self, job: Job, started: float, now: float) -> float:
        self.done.append(Done(job, started, now))
        return now
