"""A card as large as an L4 is in proportion: never overfull, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.components import sized
from support.fake_device import FakeDevice
from support.residency import Home

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
