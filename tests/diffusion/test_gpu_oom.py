"""When memory runs out in a model's call: what is tried, in which order, and how it fails in the end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nanococoa_aiserver.gpu.oom import LADDER, Effort, is_out_of_memory
from nanococoa_aiserver.gpu.residency import Component, Lease, Residency
from nanococoa_client.errors import GpuOutOfMemory, from_json
from support.components import LAYER_BYTES, component, never, picture
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion

RUNGS = [rung.name for rung in LADDER]
EFFORTS = [Effort(), *(rung.effort for rung in LADDER)]


class Card:
    """A residency on a fake card with room for four layers; pauses are noted, not waited for."""

    def __init__(self, total_bytes: int = 4 * LAYER_BYTES) -> None:
        self.device = FakeDevice(total_bytes)
        self.pauses: list[float] = []
        self.residency = Residency(self.device, host_bytes=10**9, on_poison=_unexpected, sleep=self.pauses.append)

    def lease(self, *names: str, activity: str = "paint", workspace: int = 0, stop: Callable[[], None] = never) -> Any:
        for name in names:
            self.residency.add(component(name))
        return self.residency.lease(names, activity=activity, workspace=workspace, lane="heavy", stop=stop)

    def on_card(self) -> list[str]:
        return [one.name for one in self.residency.state().components if one.place == "vram"]


def _unexpected(error: BaseException) -> Any:
    raise AssertionError("not a poisoned context") from error


@pytest.fixture
def card() -> Iterator[Card]:
    card = Card()
    yield card
    card.residency.close()


@contextmanager
def failing(module: nn.Module, times: int) -> Iterator[None]:
    """The module's first ``times`` calls have no memory."""
    left = [times]

    def fail(*_: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has …")

    hook = module.register_forward_pre_hook(fail)
    try:
        yield
    finally:
        hook.remove()


def painted(lease: Lease, name: str, efforts: list[Effort]) -> Tensor:
    def call(effort: Effort) -> Tensor:
        efforts.append(effort)
        answer: Tensor = lease.modules[name](picture(lease.modules[name]))
        return answer

    return lease.run(call)


@pytest.mark.parametrize("times", range(1, len(LADDER) + 1))
def test_each_rung_recovers_what_failed_before_it(card: Card, times: int) -> None:
    efforts: list[Effort] = []
    with card.lease("a") as lease:
        expected = painted(lease, "a", [])
        with failing(lease.modules["a"], times):
            assert torch.equal(painted(lease, "a", efforts), expected)
    assert efforts == EFFORTS[: times + 1]
    assert card.residency.state().out_of_memory == dict.fromkeys(RUNGS[:times], 1)


def test_past_the_last_rung_it_fails_with_numbers_and_frees_everything(card: Card) -> None:
    with pytest.raises(GpuOutOfMemory) as caught, card.lease("a") as lease, failing(lease.modules["a"], 99):
        painted(lease, "a", [])
    gc.collect()
    assert caught.value.details["needed"] == pytest.approx(1.5, abs=0.01)
    assert set(caught.value.details) == {"needed", "free", "resident"}
    assert card.device.memory().allocated == 0
    assert card.residency.state().out_of_memory["failed"] == 1
    with card.lease("a") as lease:
        painted(lease, "a", [])


def test_the_failure_says_its_numbers_in_both_languages(card: Card) -> None:
    error = GpuOutOfMemory(needed=12.5, free=3.25, resident=8.0)
    for locale in ("ko", "en"):
        said = from_json(error.to_json()).message(locale)
        assert all(f"{number} GiB" in said for number in (12.5, 3.25, 8.0))


def test_pauses_grow_twofold(card: Card) -> None:
    with card.lease("a") as lease, failing(lease.modules["a"], len(LADDER)):
        painted(lease, "a", [])
    assert sum(card.pauses) == pytest.approx(0.25 + 0.5 + 1 + 2)
    assert max(card.pauses) <= 0.1


def test_idle_models_leave_the_card_at_the_second_rung(card: Card) -> None:
    with card.lease("idle"):
        pass
    with card.lease("a") as lease:
        with failing(lease.modules["a"], 1):
            painted(lease, "a", [])
        assert card.on_card() == ["idle", "a"]
        with failing(lease.modules["a"], 2):
            painted(lease, "a", [])
        assert card.on_card() == ["a"]


def test_an_activation_that_only_fits_without_idle_models_is_made(card: Card) -> None:
    """Memory really runs out here: nothing is injected."""
    with card.lease("idle", "idle too"):
        pass
    with card.lease("a") as lease:
        large = lease.run(lambda _: card.device.allocate(3 * LAYER_BYTES))
        assert large.numel() == 3 * LAYER_BYTES
    assert card.device.most_bytes <= card.device.total_bytes


def test_a_call_that_fits_only_with_care_is_made_with_care(card: Card) -> None:
    def decode(effort: Effort) -> Tensor:
        return card.device.allocate(LAYER_BYTES * (4 if not effort.tiled else 3 if not effort.halved else 1))

    with card.lease("a") as lease:
        assert lease.run(decode).numel() == 3 * LAYER_BYTES
    assert card.residency.state().out_of_memory == {"flush": 1, "evict_idle": 1, "tiled": 1}


def test_tensors_of_a_failed_call_are_free_before_the_next(card: Card) -> None:
    calls = []

    def call(_: Effort) -> int:
        calls.append(card.device.memory().allocated)
        held = [card.device.allocate(LAYER_BYTES)]
        if len(calls) < 3:
            held.append(card.device.allocate(10 * LAYER_BYTES))
        return len(held)

    with card.lease("a") as lease:
        assert lease.run(call) == 1
    assert calls == [LAYER_BYTES] * 3


def test_memory_that_runs_out_outside_a_guarded_call_is_the_same_failure(card: Card) -> None:
    with pytest.raises(GpuOutOfMemory), card.lease("a"):
        card.device.allocate(99 * LAYER_BYTES)
    assert card.on_card() == []


def test_weights_larger_than_the_card_are_refused_without_being_read() -> None:
    card, reads = Card(LAYER_BYTES), list[str]()
    card.residency.add(component("large", layers=2, reads=reads))
    with pytest.raises(GpuOutOfMemory) as caught, card.lease("large"):
        raise AssertionError("leased")
    assert caught.value.details["needed"] == pytest.approx(2 * LAYER_BYTES / 2**30, rel=0.01)
    assert reads == []


def test_weights_larger_than_the_catalogue_said_are_refused_once_read() -> None:
    card = Card(LAYER_BYTES)
    honest = component("large", layers=2)
    card.residency.add(Component("large", honest.load, expected_bytes=1))
    with pytest.raises(GpuOutOfMemory), card.lease("large"):
        raise AssertionError("leased")
    assert card.device.memory().allocated == 0


def test_a_workspace_that_cannot_be_had_is_tried_with_everything_else_evicted(card: Card) -> None:
    with card.lease("idle"):
        pass
    with card.lease("a", activity="paint large", workspace=99 * LAYER_BYTES) as lease:
        painted(lease, "a", [])
        assert card.on_card() == ["a"]


def test_memory_that_others_hold_for_a_moment_is_waited_for(card: Card) -> None:
    held: list[Tensor] = [card.device.allocate(2 * LAYER_BYTES)]

    def free_it(_: float) -> None:
        held.clear()

    residency = Residency(card.device, host_bytes=10**9, on_poison=_unexpected, sleep=free_it)
    uploads = _failing_uploads(card.device, held)
    residency.add(component("a"))
    with residency.lease(["a"], activity="paint", workspace=0, lane="heavy", stop=never) as lease:
        painted(lease, "a", [])
    assert uploads == ["failed", "done", "done"]
    assert residency.state().out_of_memory == {"flush": 1}


def _failing_uploads(device: FakeDevice, held: Sequence[Tensor]) -> list[str]:
    """As long as somebody holds memory, copying fails although there seems to be room."""
    uploads: list[str] = []
    upload = device.upload

    def maybe(tensor: Tensor) -> Tensor:
        uploads.append("failed" if held else "done")
        if held:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return upload(tensor)

    device.upload = maybe  # type: ignore[method-assign]
    return uploads


class Stopped(Exception):
    pass


def test_a_job_stopped_while_it_waits_for_memory_ends_at_once(card: Card) -> None:
    attempts: list[int] = []

    def stop() -> None:
        if attempts:
            raise Stopped

    def call(_: Effort) -> None:
        attempts.append(1)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(Stopped), card.lease("a", stop=stop) as lease:
        lease.run(call)
    assert len(attempts) == 1
    assert card.pauses == []


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
        torch.AcceleratorError("CUDA error: out of memory"),
    ],
)
def test_every_way_to_run_out_is_known(error: RuntimeError) -> None:
    assert is_out_of_memory(error)


def test_other_errors_are_not_retried(card: Card) -> None:
    calls = []

    def call(_: Effort) -> None:
        calls.append(1)
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"), card.lease("a") as lease:
        lease.run(call)
    assert calls == [1]
