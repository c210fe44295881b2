"""What the services said of themselves when they were last asked, read from their answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

Name: TypeAlias = Literal["aiserver", "homepages", "mcp", "database", "store"]
State: TypeAlias = Literal["ok", "slow", "down"]
NAMES: Final[tuple[Name, ...]] = ("aiserver", "homepages", "mcp", "database", "store")

SLOW_MS: Final = 1500.0
"""A health check that takes longer means that people wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``ms`` is None when there was none. One that is missed after a good one (``was_well``) is no outage yet."""

    name: Name
    ms: float | None
    was_well: bool = False

    @property
    def state(self) -> State:
        if self.ms is None:
            return "slow" if self.was_well else "down"
        return "slow" if self.ms > SLOW_MS else "ok"


@dataclass(frozen=True, slots=True)
class Lane:
    """``wait`` is how many seconds a new job would wait."""

    name: str
    waiting: int = 0
    running: int = 0
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Component:
    """Weights, and where they lie: vram, host or disk."""

    name: str
    place: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """One worker's device, in bytes."""

    worker: str
    total: int
    used: int
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """The aiserver's ``/metrics``. Shares are None when nothing was judged yet, ``workers`` when it did not tell."""

    workers: int | None = None
    lanes: tuple[Lane, ...] = ()
    jobs: dict[str, int] = field(default_factory=dict)
    legible: float | None = None
    self_check: float | None = None
    confidence: float | None = None
    gpus: tuple[Gpu, ...] = ()
    out_of_memory: int = 0


@dataclass(frozen=True, slots=True)
class Machine:
    """``looked_at`` is None before the first look. ``free`` are the bytes left for pictures, where that is known."""

    looked_at: datetime | None = None
    answers: tuple[Answer, ...] = ()
    engine: str | None = None
    engine_note: str = ""
    readings: Readings = Readings()
    free: int | None = None

    def state(self, name: Name) -> State:
        """Not asked yet: taken to be well."""
        return next((answer.state for answer in self.answers if answer.name == name), "ok")

    @property
    def wait(self) -> float:
        """Seconds until a new ad would begin."""
        return max((lane.wait for lane in self.readings.lanes if lane.name == "heavy"), default=0.0)


def read_metrics(text: str) -> Readings:
    """Raises ValueError for what is no Prometheus text."""
    samples: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name.removesuffix("_total"), []).append(sample)
    return Readings(
        workers=_whole(_one(samples, "nanococoa_workers")),
        lanes=tuple(_lanes(samples)),
        jobs={sample.labels["status"]: int(sample.value) for sample in samples.get("nanococoa_jobs", ())},
        legible=_one(samples, "nanococoa_self_check_success_ratio"),
        self_check=_one(samples, "nanococoa_self_success_rate"),
        confidence=_one(samples, "nanococoa_cutout_confidence"),
        gpus=tuple(_gpus(samples)),
        out_of_memory=int(sum(sample.value for sample in samples.get("nanococoa_oom_retries", ()))),
    )


def _lanes(samples: dict[str, list[Sample]]) -> Iterator[Lane]:
    waiting, running, wait = (
        {sample.labels["lane"]: sample.value for sample in samples.get(name, ())}
        for name in ("nanococoa_queue_depth", "nanococoa_jobs_running", "nanococoa_queue_wait_seconds")
    )
    for name in waiting:
        yield Lane(name, int(waiting[name]), int(running.get(name, 0)), wait.get(name, 0.0))


def _gpus(samples: dict[str, list[Sample]]) -> Iterator[Gpu]:
    memory: dict[str, dict[str, float]] = {}
    for sample in samples.get("nanococoa_gpu_memory_bytes", ()):
        memory.setdefault(sample.labels["worker"], {})[sample.labels["kind"]] = sample.value
    for worker, kinds in memory.items():
        components = tuple(
            Component(sample.labels["component"], sample.labels["place"], int(sample.value))
            for sample in samples.get("nanococoa_residency_bytes", ())
            if sample.labels["worker"] == worker
        )
        total = int(kinds.get("total", 0))
        yield Gpu(worker, total, max(0, total - int(kinds.get("free", 0))), components)


def _one(samples: dict[str, list[Sample]], name: str) -> float | None:
    return next((sample.value for sample in samples.get(name, ())), None)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
