"""Components come to the device when leased, stay while they fit, and leave by plan."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator

import psutil
import pytest
import torch

from nanococoa_aiserver.gpu.device import CpuDevice, Memory
from nanococoa_aiserver.gpu.residency import Component, Effort
from nanococoa_client.errors import ModelLoadError, ModelUnavailable
from support.components import LAYER_BYTES, component
from support.fake_device import FakeDevice
from support.residency import Home, answer, expected

pytestmark = pytest.mark.diffusion


@pytest.fixture
def home() -> Iterator[Home]:
    """A card with room for two layers."""
    home = Home(FakeDevice(2 * LAYER_BYTES))
    home.add("a", "b", "c")
    yield home
    home.residency.close()


def test_a_lease_gives_modules_that_compute_on_the_device(home: Home) -> None:
    with home.lease("a", "b") as lease:
        assert list(lease.modules) == ["a", "b"]
        for name in lease.modules:
            assert torch.equal(answer(lease, name), expected(name))
            assert not lease.modules[name].training
            assert not any(p.requires_grad for p in lease.modules[name].parameters())
        assert home.on("vram") == ["a", "b"]


def test_what_fits_stays_and_is_read_once(home: Home) -> None:
    home.use("a", "b", "a", "b")
    assert home.reads == ["a", "b"]
    assert home.residency.state().swaps == {"read": 2, "uploaded": 2}


def test_the_least_recently_used_leaves_when_room_is_needed(home: Home) -> None:
    home.use("a", "b", "a", "c")
    assert home.on("vram") == ["a", "c"]
    assert home.on("host") == ["b"]


def test_a_component_comes_back_from_host_memory_as_the_same_module(home: Home) -> None:
    with home.lease("a") as lease:
        first = lease.modules["a"]
    home.use("b", "c", "b")
    assert home.on("host") == ["a"]
    with home.lease("a") as lease:
        assert lease.modules["a"] is first
        assert torch.equal(answer(lease, "a"), expected("a"))
    assert home.reads == ["a", "b", "c"]


def test_what_the_next_jobs_need_is_kept(home: Home) -> None:
    home.use("a", "b")
    home.residency.expect([["a"]])
    home.use("c")
    assert home.on("vram") == ["a", "c"]


def test_a_lease_that_began_is_no_longer_waited_for(home: Home) -> None:
    home.use("b")
    home.residency.expect([["a"], ["b"]])
    home.use("a", "c")
    assert home.on("vram") == ["b", "c"]


def test_adding_a_known_component_changes_nothing(home: Home) -> None:
    home.use("a")
    home.add("a")
    home.use("a")
    assert home.reads == ["a"]


def test_an_inner_lease_may_push_out_the_outer_one_which_then_comes_back(home: Home) -> None:
    with home.lease("a", "b") as outer:
        before = answer(outer, "a")
        with home.lease("c") as inner:
            assert torch.equal(answer(inner, "c"), expected("c"))
        assert home.on("vram") == ["a", "b"]
        assert torch.equal(answer(outer, "a"), before)


def test_an_outer_lease_computes_on_the_device_after_an_inner_one_failed(home: Home) -> None:
    with home.lease("a", "b") as outer:
        with pytest.raises(KeyError), home.lease("c"):
            raise KeyError
        assert torch.equal(answer(outer, "a"), expected("a"))
        assert home.on("vram") == ["a", "b"]


def test_a_lease_that_has_ended_computes_no_more(home: Home) -> None:
    with home.lease("a") as lease:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        answer(lease, "a")


# -- measured activations -------------------------------------------------------------------------------------------


def test_the_measured_peak_replaces_the_declared_workspace() -> None:
    home = Home(FakeDevice(4 * LAYER_BYTES))
    home.add("a", "b")
    home.use("b")
    with home.lease("a", activity="paint", workspace=0) as lease:
        lease.run(lambda _: home.device.allocate(2 * LAYER_BYTES))  # type: ignore[attr-defined]
    assert home.residency.state().peak_bytes["paint"] == 2 * LAYER_BYTES
    with home.lease("a", activity="paint", workspace=99 * LAYER_BYTES):
        assert home.on("vram") == ["a", "b"]


def test_room_is_made_for_a_measured_peak() -> None:
    home = Home(FakeDevice(4 * LAYER_BYTES))
    home.add("a", "b", "c")
    with home.lease("a", activity="paint") as lease:
        lease.run(lambda _: home.device.allocate(3 * LAYER_BYTES))  # type: ignore[attr-defined]
    home.use("b", "c")
    with home.lease("a", activity="paint"):
        assert home.on("vram") == ["a"]


def test_what_others_hold_on_the_device_is_not_planned_with() -> None:
    home = Home(FakeDevice(2 * LAYER_BYTES))
    home.add("a", "b")
    home.use("a")
    others = home.device.allocate(LAYER_BYTES)  # type: ignore[attr-defined]
    home.use("b")
    assert home.on("vram") == ["b"]
    assert others.numel() == LAYER_BYTES


def test_a_peak_is_the_activitys_own_not_what_others_hold() -> None:
    home = Home(FakeDevice(4 * LAYER_BYTES))
    home.add("a")
    others = home.device.allocate(LAYER_BYTES)  # type: ignore[attr-defined]
    with home.lease("a", activity="paint") as lease:
        lease.run(lambda _: home.device.allocate(LAYER_BYTES))  # type: ignore[attr-defined]
    assert others.numel() == home.residency.state().peak_bytes["paint"]


def test_room_is_made_for_the_exact_bytes_where_the_catalogue_said_less(home: Home) -> None:
    large = component("large", layers=2)
    home.residency.add(Component("large", large.load, expected_bytes=4))
    home.use("a", "large")
    assert home.on("vram") == ["large"]
    assert home.residency.state().out_of_memory == {}


# -- host memory ----------------------------------------------------------------------------------------------------


def test_masters_beyond_the_host_budget_go_back_to_disk() -> None:
    home = Home(FakeDevice(LAYER_BYTES), host_bytes=2 * LAYER_BYTES)
    home.add("a", "b", "c")
    home.use("a", "b", "c")
    state = {one.name: one for one in home.residency.state().components}
    assert sum(one.bytes for one in state.values() if one.in_host) <= 2 * LAYER_BYTES
    assert home.places() == {"a": "disk", "b": "host", "c": "vram"}
    with home.lease("a") as lease:
        assert torch.equal(answer(lease, "a"), expected("a"))
    assert home.reads == ["a", "b", "c", "a"]


def test_a_component_that_host_memory_cannot_keep_goes_straight_to_the_device() -> None:
    home = Home(FakeDevice(2 * LAYER_BYTES), host_bytes=0)
    home.add("a", "b", "c")
    home.use("a", "b", "c")
    assert home.on("host") == []
    with home.lease("a") as lease:
        assert torch.equal(answer(lease, "a"), expected("a"))
    assert home.reads == ["a", "b", "c", "a"]


def test_a_suspended_module_read_again_from_disk_is_the_same_object() -> None:
    home = Home(FakeDevice(LAYER_BYTES), host_bytes=0)
    home.add("a", "b")
    with home.lease("a") as outer:
        module = outer.modules["a"]
        home.use("b")
        assert torch.equal(answer(outer, "a"), expected("a"))
        assert outer.modules["a"] is module


def test_masters_of_what_is_on_the_device_are_dropped_first() -> None:
    home = Home(FakeDevice(2 * LAYER_BYTES), host_bytes=2 * LAYER_BYTES)
    home.add("a", "b", "c")
    home.use("a", "b", "c")
    state = {one.name: (one.place, one.in_host) for one in home.residency.state().components}
    assert state == {"a": ("host", True), "b": ("vram", False), "c": ("vram", True)}


# -- prefetching ----------------------------------------------------------------------------------------------------


def test_what_is_prefetched_is_there_when_it_is_leased(home: Home) -> None:
    home.prefetched("a", "b")
    assert home.on("vram") == ["a", "b"]
    swaps = home.residency.state().swaps
    home.use("a", "b")
    assert home.residency.state().swaps == swaps


def test_prefetching_evicts_nothing_and_stops_at_host_memory(home: Home) -> None:
    home.use("a", "b")
    home.prefetched("c")
    assert home.on("vram") == ["a", "b"]
    assert home.on("host") == ["c"]


def test_prefetching_leaves_room_for_what_runs(home: Home) -> None:
    home.use("b")
    home.residency.release_idle()
    with home.lease("a", workspace=LAYER_BYTES):
        home.prefetched("b")
        assert home.on("host") == ["b"]


def test_what_is_in_host_memory_is_copied_while_a_lease_computes(home: Home) -> None:
    home.use("b")
    home.residency.release_idle()
    with home.lease("a"):
        home.prefetched("b")
        assert home.on("vram") == ["a", "b"]


def test_what_is_on_disk_is_read_only_while_nobody_computes(home: Home) -> None:
    """The libraries change torch's default dtype for all threads while they build a module."""
    with home.lease("a"):
        home.residency.prefetch(["b"])
        assert not home.residency._prefetcher.wait_idle(0.3)
        assert home.reads == ["a"]
    assert home.residency._prefetcher.wait_idle(10)
    assert home.reads == ["a", "b"]


def test_a_new_wish_replaces_one_that_waits(home: Home) -> None:
    with home.lease("a"):
        home.residency.prefetch(["b"])
        home.residency.prefetch(["a"])
        assert home.residency._prefetcher.wait_idle(10)
    assert home.reads == ["a"]


def test_nothing_is_prefetched_to_a_device_that_just_ran_out_of_memory(home: Home) -> None:
    with home.lease("a") as lease:
        lease.run(_failing_once())
    home.prefetched("b")
    assert home.on("host") == ["b"]


def test_what_cannot_be_kept_is_not_read_ahead() -> None:
    home = Home(FakeDevice(LAYER_BYTES), host_bytes=0)
    home.add("a", "b")
    home.use("a")
    home.prefetched("b")
    assert home.reads == ["a"]


def test_a_prefetch_that_fails_leaves_the_error_to_the_lease(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.residency.add(_broken(FileNotFoundError("no such file")))
    home.prefetched("broken", "a")
    assert home.on("vram") == ["a"]
    assert "could not be prefetched" in caplog.text
    with pytest.raises(ModelLoadError), home.lease("broken"):
        raise AssertionError("leased")


def _failing_once() -> Callable[[Effort], None]:
    failures = [torch.OutOfMemoryError("CUDA out of memory.")]

    def call(_: Effort) -> None:
        if failures:
            raise failures.pop()

    return call


# -- loaders that fail ----------------------------------------------------------------------------------------------


def _broken(error: Exception) -> Component:
    def load() -> torch.nn.Module:
        raise error

    return Component("broken", load, expected_bytes=LAYER_BYTES)


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (OSError("truncated"), "model_load"),
        (ValueError("not a safetensors file"), "model_load"),
        (MemoryError(), "model_load_ram"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "model_load_ram"),
    ],
)
def test_a_loader_that_fails_is_a_load_error_and_the_rest_goes_on(home: Home, error: Exception, key: str) -> None:
    home.residency.add(_broken(error))
    with pytest.raises(ModelLoadError) as caught, home.lease("a", "broken"):
        raise AssertionError("leased")
    assert caught.value.key == key
    assert "broken" in caught.value.message("en")
    assert "broken" in caught.value.message("ko")
    home.use("a")


def test_a_loaders_own_error_is_kept(home: Home) -> None:
    home.residency.add(_broken(ModelUnavailable(model="broken", install="")))
    with pytest.raises(ModelUnavailable), home.lease("broken"):
        raise AssertionError("leased")


# -- unified memory -------------------------------------------------------------------------------------------------


class SmallMachine(CpuDevice):
    """A processor with RAM for two layers of weights, whoever asked for them."""

    loaded: Callable[[], int] = staticmethod(lambda: 0)

    def memory(self) -> Memory:
        total, used = 2 * LAYER_BYTES, self.loaded()
        return Memory(total, total - used, used, used)


def test_on_the_processor_weights_are_not_copied_and_go_back_to_disk() -> None:
    device = SmallMachine()
    home = Home(device)
    device.loaded = lambda: sum(one.bytes for one in home.residency._shelf.all() if one.place != "disk")
    home.add("a", "b", "c")
    home.use("a", "b", "c")
    assert home.places() == {"a": "disk", "b": "vram", "c": "vram"}
    with home.lease("a") as lease:
        assert torch.equal(answer(lease, "a"), expected("a"))
    home.prefetched("b")
    assert home.on("host") == []


def test_a_state_is_plain_json(home: Home) -> None:
    home.use("a")
    told = json.loads(json.dumps(home.residency.state().to_json()))
    assert told["components"][0]["place"] == "vram"
    assert told["components"][0]["bytes"] == LAYER_BYTES
    assert told["components"][0]["upload_seconds"] >= 0
    assert told["memory"]["allocated"] == LAYER_BYTES


@pytest.mark.alone
def test_a_thousand_leases_leave_nothing_behind(home: Home) -> None:
    def round_of_leases(count: int) -> None:
        for number in range(count):
            home.use("abc"[number % 3])

    round_of_leases(50)
    process = psutil.Process()
    before = process.memory_info().rss
    tracemalloc.start()
    round_of_leases(100)
    gc.collect()
    first = tracemalloc.get_traced_memory()[0]
    round_of_leases(900)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    tracemalloc.stop()
    assert grown < 64 * 1024
    assert process.memory_info().rss - before < 16 * 2**20
    assert home.device.memory().allocated == 2 * LAYER_BYTES
