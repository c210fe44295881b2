"""Components come to the device when leased, stay while they fit, and leave by plan."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.gpu.device import CpuDevice, Device, Memory
from nanococoa_aiserver.gpu.residency import Component, Effort, Lease, Residency
from nanococoa_client.errors import ModelLoadError, ModelUnavailable
from support.components import LAYER_BYTES, component, never, picture, seed_of, sized, stack
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion

GIB = 2**14
"""A gibibyte on the scaled-down card: an L4 shows 22 of them."""
L4 = {
    "klein/transformer": 7.25,
    "klein/text_encoder": 4.0,
    "klein/vae": 0.25,
    "qwen3-vl/model": 4.5,
    "birefnet/model": 0.5,
    "clip/model": 0.75,
    "flux1-dev/transformer": 11.0,
    "flux1-dev/t5": 4.5,
    "qwen2-vl/model": 8.75,
}
NAMES = tuple(L4)


class Home:
    """A residency whose clock counts its own calls, and what it read from disk."""

    def __init__(self, device: Device, host_bytes: int = 10**9) -> None:
        self.device = device
        self.reads: list[str] = []
        self._ticks = 0.0
        self.residency = Residency(device, host_bytes=host_bytes, clock=self._tick, sleep=lambda _: None)

    def add(self, *names: str, layers: int = 1) -> None:
        for name in names:
            self.residency.add(component(name, layers, self.reads))

    def lease(self, *names: str, workspace: int = 0, activity: str = "") -> AbstractContextManager[Lease]:
        activity = activity or " ".join(names)
        return self.residency.lease(names, activity=activity, workspace=workspace, lane="heavy", stop=never)

    def use(self, *names: str) -> None:
        for name in names:
            with self.lease(name):
                pass

    def places(self) -> dict[str, str]:
        return {one.name: one.place for one in self.residency.state().components}

    def on(self, place: str) -> list[str]:
        return [name for name, found in self.places().items() if found == place]

    def prefetched(self, *names: str) -> None:
        self.residency.prefetch(names)
        assert self.residency._prefetcher.wait_idle(10)

    def _tick(self) -> float:
        self._ticks += 1
        return self._ticks


@pytest.fixture
def home() -> Iterator[Home]:
    """A card with room for two layers."""
    home = Home(FakeDevice(2 * LAYER_BYTES))
    home.add("a", "b", "c")
    yield home
    home.residency.close()


def answer(lease: Lease, name: str) -> torch.Tensor:
    module = lease.modules[name]
    given: torch.Tensor = lease.run(lambda _: module(picture(module)))
    return given


def expected(name: str) -> torch.Tensor:
    module = stack(1, seed_of(name))
    with torch.no_grad():
        given: torch.Tensor = module(picture(module))
    return given


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


# -- a whole card ---------------------------------------------------------------------------------------------------


def l4(host_gib: float = 64) -> Home:
    device = FakeDevice(22 * GIB)
    device.flush = lambda: None  # type: ignore[method-assign]  # nothing here waits for the garbage collector
    home = Home(device, host_bytes=int(host_gib * GIB))
    for value, (name, gib) in enumerate(L4.items()):
        home.residency.add(sized(name, int(gib * GIB), float(value)))
    return home


Operation = tuple[str, list[str], int]
operations = st.lists(
    st.tuples(
        st.sampled_from(["lease", "lease", "lease", "nested", "prefetch", "expect", "release"]),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        st.integers(0, 4 * GIB),
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(steps=operations, host_gib=st.sampled_from([0, 9, 20, 64]))
def test_whatever_is_asked_the_card_is_never_overfull(steps: list[Operation], host_gib: float) -> None:
    home = l4(host_gib)
    for kind, names, workspace in steps:
        if sum(L4[name] for name in names) * GIB + workspace <= 22 * GIB:
            _do(home, kind, names, workspace)
        masters = sum(one.bytes for one in home.residency.state().components if one.in_host)
        assert masters <= host_gib * GIB
    state = home.residency.state()
    resident = sum(one.bytes for one in state.components if one.place == "vram")
    home.residency.close()
    assert state.out_of_memory == {}
    assert resident == state.memory.allocated
    assert home.device.memory().allocated == 0


def _do(home: Home, kind: str, names: Sequence[str], workspace: int) -> None:
    if kind == "prefetch":
        home.prefetched(*names)
    elif kind == "expect":
        home.residency.expect([names])
    elif kind == "release":
        home.residency.release_idle()
        assert home.device.memory().allocated == 0
    else:
        _lease(home, names, workspace, nested=kind == "nested")


def _lease(home: Home, names: Sequence[str], workspace: int, nested: bool) -> None:
    with home.lease(*names, activity=f"{names} {workspace}", workspace=workspace) as lease:
        if nested:
            _lease(home, names[::-1][:1], 0, nested=False)
        activations = lease.run(lambda _: home.device.allocate(workspace))  # type: ignore[attr-defined]
        for name, module in lease.modules.items():
            assert module() == NAMES.index(name)
        assert activations.numel() == workspace


def test_the_default_set_stays_on_a_22_gib_card() -> None:
    home = l4()
    default = NAMES[:6]
    for _ in range(3):
        for name in default:
            with home.lease(name, workspace=4 * GIB):
                pass
    assert home.residency.state().swaps == {"read": 6, "uploaded": 6}
    home.residency.close()


def test_two_sets_that_do_not_fit_together_swap_from_host_memory() -> None:
    home = l4()
    for _ in range(3):
        for names in (("flux1-dev/t5",), ("flux1-dev/transformer",), ("qwen2-vl/model",)):
            with home.lease(*names, workspace=2 * GIB):
                pass
    swaps = home.residency.state().swaps
    assert swaps["read"] == 3
    assert swaps["evicted"] >= 2
    home.residency.close()


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
