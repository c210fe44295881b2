"""What the workers tell of their graphics memory, as Prometheus families: how much, what lies where, swaps, retries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from nanococoa_aiserver.jobs.models import WorkerState

_MEMORY = ("nanococoa_gpu_memory_bytes", "Memory of the worker's device, as the driver and torch count it")
_COMPONENTS = ("nanococoa_residency_bytes", "Weights known to a worker, by where they lie: vram, host or disk")
_MOVES = ("nanococoa_residency_moves", "Components read from disk, uploaded, evicted and dropped from host memory")
_RETRIES = ("nanococoa_oom_retries", "Attempts after memory ran out, by rung of the ladder")


def gpu_families(workers: list[WorkerState]) -> Iterator[Metric]:
    """Nothing for workers of the studio engine: they have no state to tell."""
    telling = {worker.id: worker.state for worker in workers if worker.state}
    if not telling:
        return
    memory = GaugeMetricFamily(*_MEMORY, labels=["worker", "kind"])
    places = GaugeMetricFamily(*_COMPONENTS, labels=["worker", "component", "place"])
    moves = CounterMetricFamily(*_MOVES, labels=["worker", "move"])
    retries = CounterMetricFamily(*_RETRIES, labels=["worker", "rung"])
    for worker, state in telling.items():
        _add(memory, worker, state.get("memory", {}))
        _add(moves, worker, state.get("swaps", {}))
        _add(retries, worker, state.get("out_of_memory", {}))
        for component in state.get("components", ()):
            places.add_metric([worker, component["name"], component["place"]], component["bytes"])
    yield from (memory, places, moves, retries)


def _add(family: Any, worker: str, values: Mapping[str, float]) -> None:
    for key, value in values.items():
        family.add_metric([worker, key], value)
