"""A day's jobs as what they ask of the GPU: leases in order, with seconds of compute on a card and workspace bytes.

Days, kinds of jobs and the work of each model are data (``traces.toml``, which explains its format); arrivals are drawn
from a seed. Sizes of weights are passed in: this package knows components and bytes, no models.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_aiserver.gpu.cards import Card
from nanococoa_aiserver.gpu.memory import GIB

PICTURES = {1: 0.4, 2: 0.3, 3: 0.2, 4: 0.1}
"""How many pictures (aspect buckets) an ad's formats need, with the share of ads."""
FAILED = 0.15
"""Share of pictures that a self-check sends back, each time."""
ATTEMPTS = 3
TOKEN_SECONDS = 0.022
"""Decoding one token takes at least this long: some 36 layers of kernels started one by one from Python."""
READ_SHARE = 0.7
"""Of the card's memory bandwidth, reached when the weights are read for each token."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Work(_Strict):
    """What one lease of a model costs. TFLOP are of matrix work; ``tokens`` are decoded one by one."""

    components: tuple[str, ...]
    steps: int = Field(default=1, ge=1)
    step_tflop: float = Field(default=0, ge=0)
    tflop: float = Field(default=0, ge=0)
    tokens: int = Field(default=0, ge=0)
    workspace_gib: float = Field(ge=0)


class StageKind(_Strict):
    role: str = ""
    work: str = ""
    host_seconds: float = Field(default=0, ge=0)


class JobKind(_Strict):
    lane: Literal["heavy", "light"]
    stages: tuple[str, ...]
    each_picture: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


class Request(_Strict):
    """One job: ``at`` seconds after the day begins."""

    at: float = Field(ge=0)
    kind: str
    pictures: int = Field(default=1, ge=1)
    attempts: int = Field(default=1, ge=1)


class Trace(_Strict):
    """A day: the ``models`` by role, and either ``jobs`` or how many of each kind come ``per_hour``."""

    models: dict[str, str]
    skip: tuple[str, ...] = ()
    seed: int = 0
    hours: float = Field(default=0, ge=0)
    per_hour: dict[str, float] = {}
    jobs: tuple[Request, ...] = ()

    def requests(self) -> list[Request]:
        """The jobs in the order they arrive; the same ones every time."""
        drawn = random.Random(self.seed)  # noqa: S311 a simulation
        arrivals = ((at, kind) for kind, rate in self.per_hour.items() for at in _arrivals(drawn, rate, self.hours))
        together = [*self.jobs, *(_drawn(drawn, at, kind) for at, kind in sorted(arrivals))]
        return sorted(together, key=lambda request: request.at)


class _Data(_Strict):
    kinds: dict[str, JobKind]
    stages: dict[str, StageKind]
    work: dict[str, dict[str, Work]]
    traces: dict[str, Trace]


@lru_cache(1)
def _data() -> _Data:
    return _Data.model_validate(tomllib.loads(resources.files(__package__).joinpath("traces.toml").read_text("utf-8")))


def traces() -> dict[str, Trace]:
    """The days that come with the package, by name."""
    return _data().traces


def read_trace(path: Path) -> Trace:
    """A trace of one's own. Raises OSError, or ValueError where the file is not one."""
    return Trace.model_validate(tomllib.loads(path.read_text("utf-8")))


def _arrivals(drawn: random.Random, per_hour: float, hours: float) -> Iterator[float]:
    at = drawn.expovariate(per_hour / 3600)
    while at < 3600 * hours:
        yield at
        at += drawn.expovariate(per_hour / 3600)


def _drawn(drawn: random.Random, at: float, kind: str) -> Request:
    shape = _data().kinds[kind]
    pictures = drawn.choices(list(PICTURES), list(PICTURES.values()))[0] if shape.each_picture else 1
    attempts = 1
    while shape.again and attempts < ATTEMPTS and drawn.random() < FAILED:
        attempts += 1
    return Request(at=at, kind=kind, pictures=pictures, attempts=attempts)


@dataclass(frozen=True, slots=True)
class Part:
    """A component's bytes as stored, and whether its matrix work runs on 8 bit tensor cores."""

    bytes: int
    eight_bit: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One lease: ``steps`` of ``step_seconds`` with an offer after each, then ``last_seconds``. No ``components``: the
    GPU is free meanwhile. ``workspace`` is bytes."""

    name: str
    components: tuple[str, ...] = ()
    steps: int = 1
    step_seconds: float = 0.0
    last_seconds: float = 0.0
    workspace: int = 0

    @property
    def seconds(self) -> float:
        return self.steps * self.step_seconds + self.last_seconds


@dataclass(frozen=True, slots=True)
class Job:
    kind: str
    at: float
    light: bool
    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)


def jobs(trace: Trace, card: Card, parts: Mapping[str, Part]) -> list[Job]:
    """The day's jobs on ``card``. ``parts`` are by ``model/component``. Raises KeyError for a name that is missing."""
    costed = {name: _stage(name, trace, card, parts) for name in _data().stages if name not in trace.skip}
    return [_job(request, costed) for request in trace.requests()]


def _job(request: Request, costed: Mapping[str, Stage]) -> Job:
    kind = _data().kinds[request.kind]
    names = [*kind.stages]
    for _ in range(request.attempts - 1):
        # A new attempt follows the check of the last: before what the picture is wanted for.
        after = len(names) - names[::-1].index("score")
        names[after:after] = kind.again
    stages = [costed[name] for name in names if name in costed for _ in _times(kind, name, request.pictures)]
    return Job(request.kind, request.at, kind.lane == "light", tuple(stages))


def _times(kind: JobKind, name: str, pictures: int) -> Sequence[int]:
    return range(pictures if name in kind.each_picture else 1)


def _stage(name: str, trace: Trace, card: Card, parts: Mapping[str, Part]) -> Stage:
    kind = _data().stages[name]
    if kind.host_seconds:
        return Stage(name, last_seconds=kind.host_seconds)
    model = trace.models[kind.role]
    work = _data().work[model][kind.work or name]
    components = tuple(f"{model}/{component}" for component in work.components)
    stored = [parts[component] for component in components]
    eight_bit = any(part.eight_bit for part in stored)
    return Stage(
        name,
        components,
        work.steps,
        card.compute_seconds(work.step_tflop, eight_bit=eight_bit),
        card.compute_seconds(work.tflop) + work.tokens * _token_seconds(stored, card),
        round(work.workspace_gib * GIB),
    )


def _token_seconds(stored: Sequence[Part], card: Card) -> float:
    return max(TOKEN_SECONDS, sum(part.bytes for part in stored) / (card.memory_gbps * 1e9 * READ_SHARE))
