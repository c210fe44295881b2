"""What light tasks cost a heavy one: pictures painted alone, and with a light task asking for the GPU now and then."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from time import monotonic, perf_counter
from typing import Any

from bench.gpu.rig import Rig
from bench.gpu.stages import cut_out, paint, score
from bench.measure import median


def measure_interleaving(rig: Rig) -> dict[str, Any]:
    """Seconds per picture both ways, and how long a light task took, waiting included."""
    tasks: list[Callable[[], None]] = [lambda: cut_out(rig, "light"), lambda: score(rig, "light")]
    light_alone = [_warm_seconds(rig, task) for task in tasks]
    pictures = max(2, math.ceil(rig.plan.busy_seconds / _warm_seconds(rig, lambda: paint(rig, rig.plan.sizes[0]))))
    alone = _paint_all(rig, pictures)
    lights = LightTasks(tasks, rig.plan.interval)
    with_light = lights.beside(lambda: _paint_all(rig, pictures))
    return {
        "interval_seconds": rig.plan.interval,
        "pictures": pictures,
        "alone_seconds": alone,
        "with_light_seconds": with_light,
        "slower": with_light / alone,
        "light_alone_seconds": dict(zip(("cutout", "score"), light_alone, strict=True)),
        "light": lights.summary(),
    }


def _warm_seconds(rig: Rig, task: Callable[[], object]) -> float:
    """Of the second run: the first one loads."""
    task()
    return rig.timed(task)[1]


def _paint_all(rig: Rig, pictures: int) -> float:
    """Seconds per picture."""
    started = perf_counter()
    for _ in range(pictures):
        paint(rig, rig.plan.sizes[0])
    return (perf_counter() - started) / pictures


@dataclass(slots=True)
class LightTasks:
    """One task every ``interval`` seconds, in turn, in a thread of their own."""

    tasks: list[Callable[[], None]]
    interval: float
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def beside(self, heavy: Callable[[], float]) -> float:
        """What ``heavy`` gives while light tasks run beside it."""
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(over,), name="light-tasks")
        thread.start()
        try:
            return heavy()
        finally:
            over.set()
            thread.join()

    def summary(self) -> dict[str, Any]:
        if not self.seconds:
            return {"count": 0, "failures": self.failures}
        return {
            "count": len(self.seconds),
            "median_seconds": median(self.seconds),
            "max_seconds": max(self.seconds),
            "failures": self.failures,
        }

    def _run(self, over: threading.Event) -> None:
        due, tasks = monotonic(), cycle(self.tasks)
        while not over.wait(max(0.0, due - monotonic())):
            due += self.interval
            started = perf_counter()
            try:
                next(tasks)()
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            else:
                self.seconds.append(perf_counter() - started)
