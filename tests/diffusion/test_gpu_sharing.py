"""Heavy and light work on one device at once: who computes when, what is pushed out, and how a stop ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial

import pytest
import torch

from nanococoa_aiserver.gpu.residency import Component, Effort, Lease, Residency
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_client.errors import GpuOutOfMemory
from support.components import LAYER_BYTES, component, never, sized, stopped_when
from support.fake_device import FakeDevice
from support.threads import PATIENCE, Start, threads
from support.waiting import until

pytestmark = pytest.mark.diffusion

STEPS = 6


class Stopped(Exception):
    pass


class Shared:
    """A residency on a card of ``layers`` layers, leased by several threads, and what happened in which order."""

    def __init__(self, layers: int, host_bytes: int = 10**9) -> None:
        self.device = FakeDevice(layers * LAYER_BYTES)
        self.residency = Residency(self.device, host_bytes=host_bytes, sleep=lambda _: None)
        self.happened: list[str] = []

    def add(self, *names: str) -> None:
        for value, name in enumerate(names):
            self.residency.add(sized(name, LAYER_BYTES, float(value)))

    def lease(
        self, names: Sequence[str], lane: Lane, stop: Callable[[], None] = never
    ) -> AbstractContextManager[Lease]:
        return self.residency.lease(names, activity=f"{lane} {names}", workspace=0, lane=lane, stop=stop)

    def light(self, name: str) -> float:
        with self.lease([name], "light") as lease:
            self.happened.append(name)
            return lease.run(lambda _: float(lease.modules[name]()))

    def places(self) -> dict[str, str]:
        return {one.name: one.place for one in self.residency.state().components}

    def waits(self) -> bool:
        return self.residency._turn.wanted()


@pytest.fixture
def start() -> Iterator[Start]:
    with threads() as start:
        yield start


def test_a_light_task_is_served_between_two_steps_of_a_heavy_one(start: Start) -> None:
    shared = Shared(layers=3)
    shared.add("a", "b", "vlm")
    with shared.lease(["a", "b"], "heavy") as heavy:
        for step in range(STEPS):
            if step == 2:
                start(shared.light, "vlm")
                until(shared.waits)
            shared.happened.append(f"step {step}")
            heavy.run(lambda _: None)
            heavy.offer()
    assert shared.happened == ["step 0", "step 1", "step 2", "vlm", "step 3", "step 4", "step 5"]
    assert shared.residency.state().swaps == {"read": 3, "uploaded": 3}


def test_the_light_task_is_served_inside_a_guarded_call_too(start: Start) -> None:
    """A pipeline denoises within one call and offers from its step callback."""
    shared = Shared(layers=2)
    shared.add("a", "vlm")

    def denoise(heavy: Lease) -> None:
        start(shared.light, "vlm")
        until(shared.waits)
        heavy.offer()
        shared.happened.append("next step")

    with shared.lease(["a"], "heavy") as heavy:
        heavy.run(lambda _: denoise(heavy))
    assert shared.happened == ["vlm", "next step"]


def test_a_paused_job_is_pushed_out_only_when_nothing_else_will_do(start: Start) -> None:
    shared = Shared(layers=3)
    shared.add("a", "b", "idle", "vlm", "clip")
    with shared.lease(["idle"], "heavy"):
        pass
    with shared.lease(["a", "b"], "heavy") as heavy:
        _serve(shared, heavy, start, "vlm")
        assert shared.places()["idle"] == "host"
        assert shared.residency.state().swaps["evicted"] == 1
        _serve(shared, heavy, start, "clip")
        assert shared.places() == {"a": "vram", "b": "vram", "idle": "host", "vlm": "host", "clip": "vram"}
        assert shared.residency.state().swaps["evicted"] == 2


def test_a_paused_job_that_was_pushed_out_is_back_when_its_offer_returns(start: Start) -> None:
    shared = Shared(layers=2)
    shared.add("a", "b", "vlm")
    with shared.lease(["a", "b"], "heavy") as heavy:
        modules = dict(heavy.modules)
        _serve(shared, heavy, start, "vlm")
        assert {name: shared.places()[name] for name in ("a", "b")} == {"a": "vram", "b": "vram"}
        assert dict(heavy.modules) == modules
        assert shared.residency.state().swaps["uploaded"] > 3
        assert heavy.run(lambda _: [heavy.modules[name]() for name in ("a", "b")]) == [0.0, 1.0]
    assert shared.device.most_bytes <= shared.device.total_bytes


def _serve(shared: Shared, heavy: Lease, start: Start, name: str) -> None:
    task = start(shared.light, name)
    until(shared.waits)
    heavy.offer()
    assert task.result(PATIENCE) >= 0


def test_a_light_task_without_memory_fails_alone(start: Start) -> None:
    shared = Shared(layers=2)
    shared.add("a")
    shared.residency.add(sized("large", 3 * LAYER_BYTES))
    with shared.lease(["a"], "heavy") as heavy:
        task = start(_refused, shared)
        until(shared.waits)
        heavy.offer()
        task.result(PATIENCE)
        assert heavy.run(lambda _: heavy.modules["a"]()) == 0.0


def _refused(shared: Shared) -> None:
    with pytest.raises(GpuOutOfMemory):
        shared.light("large")


def test_a_light_task_that_runs_out_takes_the_paused_jobs_memory_and_it_comes_back(start: Start) -> None:
    shared = Shared(layers=3)
    shared.add("a", "vlm")

    def answer_at_length() -> int:
        with shared.lease(["vlm"], "light") as lease:
            return int(lease.run(lambda _: shared.device.allocate(2 * LAYER_BYTES)).numel())

    with shared.lease(["a"], "heavy") as heavy:
        task = start(answer_at_length)
        until(shared.waits)
        heavy.offer()
        assert task.result(PATIENCE) == 2 * LAYER_BYTES
        assert shared.places()["a"] == "vram"
        assert heavy.run(lambda _: heavy.modules["a"]()) == 0.0
    assert shared.residency.state().out_of_memory == {"flush": 1, "evict_idle": 1, "tiled": 1}


def test_a_stop_is_obeyed_at_the_next_offer() -> None:
    shared, stop, steps = Shared(layers=1), threading.Event(), 0
    shared.add("a")

    def denoise() -> None:
        nonlocal steps
        with shared.lease(["a"], "heavy", stopped_when(stop.is_set, Stopped)) as heavy:
            while True:
                steps += 1
                if steps == 3:
                    stop.set()
                heavy.offer()

    with pytest.raises(Stopped):
        denoise()
    assert steps == 3
    assert shared.light("a") == 0.0


def test_a_job_stopped_while_light_work_runs_lets_go_of_everything(start: Start) -> None:
    shared, stop = Shared(layers=2), threading.Event()
    light_runs, light_ends = threading.Event(), threading.Event()
    shared.add("a", "vlm")

    def light() -> None:
        with shared.lease(["vlm"], "light"):
            light_runs.set()
            assert light_ends.wait(PATIENCE)

    def heavy() -> None:
        with shared.lease(["a"], "heavy", stopped_when(stop.is_set, Stopped)) as lease:
            start(light)
            until(shared.waits)
            lease.offer()

    pool = ThreadPoolExecutor(1)
    job = pool.submit(heavy)
    assert light_runs.wait(PATIENCE)
    stop.set()
    with pytest.raises(Stopped):
        job.result(PATIENCE)
    pool.shutdown()
    light_ends.set()
    shared.residency.release_idle()
    assert shared.places() == {"a": "host", "vlm": "host"}
    assert shared.device.memory().allocated == 0


def test_a_job_stopped_while_it_waits_for_the_gpu_never_loads(start: Start) -> None:
    shared, stop, reads = Shared(layers=2), threading.Event(), list[str]()
    shared.add("a")
    shared.residency.add(component("b", reads=reads))

    def waiting_job() -> None:
        with pytest.raises(Stopped), shared.lease(["b"], "light", stopped_when(stop.is_set, Stopped)):
            raise AssertionError("leased")

    with shared.lease(["a"], "heavy"):
        job = start(waiting_job)
        until(shared.waits)
        stop.set()
        job.result(PATIENCE)
    assert reads == []


def test_a_job_stopped_while_another_thread_reads_its_component_ends(start: Start) -> None:
    shared, stop = Shared(layers=2), threading.Event()
    reading, read = threading.Event(), threading.Event()

    def load() -> torch.nn.Module:
        reading.set()
        assert read.wait(PATIENCE)
        return sized("slow", LAYER_BYTES).load()

    shared.residency.add(Component("slow", load, LAYER_BYTES))
    shared.residency.prefetch(["slow"])
    assert reading.wait(PATIENCE)

    def stopped_job() -> None:
        with pytest.raises(Stopped), shared.lease(["slow"], "heavy", stopped_when(stop.is_set, Stopped)):
            raise AssertionError("leased")

    job = start(stopped_job)
    stop.set()
    job.result(PATIENCE)
    read.set()
    assert shared.light("slow") == 1.0


def test_state_can_be_asked_while_weights_are_read(start: Start) -> None:
    shared, reading, read = Shared(layers=1), threading.Event(), threading.Event()

    def load() -> torch.nn.Module:
        reading.set()
        assert read.wait(PATIENCE)
        return sized("slow", LAYER_BYTES).load()

    shared.residency.add(Component("slow", load, LAYER_BYTES))
    task = start(shared.light, "slow")
    assert reading.wait(PATIENCE)
    assert start(shared.places).result(PATIENCE) == {"slow": "disk"}
    read.set()
    assert task.result(PATIENCE) == 1.0


@pytest.mark.parametrize("host_layers", [0, 2, 99])
def test_heavy_and_light_jobs_all_at_once_end_with_right_answers(host_layers: int) -> None:
    names = ("a", "b", "vlm", "clip", "birefnet")
    shared = Shared(layers=3, host_bytes=host_layers * LAYER_BYTES)
    shared.device.flush = lambda: None  # type: ignore[method-assign]
    shared.add(*names)

    def heavy(own: tuple[str, str]) -> None:
        for _ in range(4):
            with shared.lease(own, "heavy") as lease:
                shared.residency.prefetch(["vlm", "clip"])
                for _ in range(STEPS):
                    assert lease.run(partial(_answers, lease)) == [names.index(name) for name in own]
                    lease.offer()

    def light(name: str) -> None:
        for _ in range(10):
            assert shared.light(name) == names.index(name)

    with threads() as start:
        start(heavy, ("a", "b"))
        start(heavy, ("b", "a"))
        for name in ("vlm", "clip", "birefnet", "vlm"):
            start(light, name)
    shared.residency.close()
    assert shared.device.most_bytes <= shared.device.total_bytes
    assert shared.device.memory().allocated == 0
    assert shared.residency.state().out_of_memory == {}


def _answers(lease: Lease, _: Effort) -> list[float]:
    return [module() for module in lease.modules.values()]
