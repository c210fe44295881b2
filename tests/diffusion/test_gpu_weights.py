"""Weights are counted to the byte and come back from the device as they were."""

from __future__ import annotations

import gc

import pytest
import torch
from torch import nn

from nanococoa_aiserver.gpu.footprint import footprint
from nanococoa_aiserver.gpu.host import Weights
from support.components import KINDS, LAYER_BYTES, WIDTH, made, picture, stack
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion

BIG = 10**8
BIAS = 2 * WIDTH
SCALES = 4 * WIDTH


class Block(nn.Module):  # type: ignore[misc]
    """Compiled as the models' repeated blocks are; torch leaves its own modules' frames alone."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = stack(2)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(given) + 1
        return out


@pytest.mark.parametrize(
    ("kind", "exact"),
    [
        ("plain", 2 * LAYER_BYTES),
        ("tied", 4 * WIDTH * WIDTH + 2 * 4 * WIDTH),
        ("bfloat16", LAYER_BYTES),
        ("int8", 2 * (WIDTH * WIDTH + SCALES + WIDTH + BIAS)),  # codes, float32 scales, int8 zero points
        ("float8", 2 * (WIDTH * WIDTH + SCALES + BIAS)),
    ],
)
def test_a_footprint_is_what_an_upload_takes(kind: str, exact: int) -> None:
    device = FakeDevice(BIG)
    weights = Weights(made(kind))
    weights.upload(device)
    assert weights.bytes == exact
    assert device.memory().allocated == exact
    assert footprint(weights.module) == exact


def test_buffers_count_and_views_of_one_storage_count_once() -> None:
    module = nn.Linear(4, 4, bias=False)
    module.register_buffer("table", torch.zeros(10), persistent=False)
    module.register_buffer("again", module.weight.detach())
    assert footprint(module) == 4 * 16 + 4 * 10


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_bit_identical_before_on_and_after_the_device(kind: str) -> None:
    device = FakeDevice(BIG)
    module = made(kind)
    given = picture(module)
    before = module(given)
    weights = Weights(module)
    for _ in range(2):
        weights.upload(device)
        assert torch.equal(module(given), before)
        weights.evict()
        assert device.memory().allocated == 0
        assert torch.equal(module(given), before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_on_the_device_is_no_part_of_the_master(kind: str) -> None:
    device = FakeDevice(BIG)
    module = made(kind)
    before = module(picture(module))
    weights = Weights(module)
    weights.upload(device)
    with torch.no_grad():
        module[0].bias.add_(1)
    weights.evict()
    assert torch.equal(module(picture(module)), before)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_in_one_block_of_host_memory_give_the_same_outputs(kind: str) -> None:
    module = made(kind)
    before = module(picture(module))
    weights = Weights(module)
    weights.pin()
    assert torch.equal(module(picture(module)), before)
    assert weights.bytes == footprint(module)
    if kind == "tied":
        assert module[0].weight is module[1].weight


def test_a_block_keeps_the_layout_in_memory() -> None:
    module = nn.Conv2d(4, 8, 3).to(memory_format=torch.channels_last)
    weights = Weights(module)
    weights.pin()
    assert module.weight.is_contiguous(memory_format=torch.channels_last)
    weights.upload(FakeDevice(BIG))
    assert module.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_dropped_to_disk_come_back_into_the_same_module(kind: str) -> None:
    module = made(kind)
    given, before = picture(module), module(picture(module))
    weights = Weights(module)
    weights.forget()
    assert all(parameter.is_meta for parameter in module.parameters())
    weights.adopt(made(kind))
    assert weights.module is module
    assert torch.equal(module(given), before)


def test_a_master_dropped_while_on_the_device_leaves_the_copy_alone() -> None:
    device = FakeDevice(BIG)
    module = made("int8")
    given, before = picture(module), module(picture(module))
    weights = Weights(module)
    weights.upload(device)
    weights.forget()
    assert torch.equal(module(given), before)
    weights.evict()
    assert not weights.in_host
    assert device.memory().allocated == 0


def test_other_weights_are_not_adopted() -> None:
    weights = Weights(made("plain"))
    weights.forget()
    with pytest.raises(ValueError, match="another structure"):
        weights.adopt(made("tied"))


def test_an_upload_that_does_not_fit_leaves_the_module_as_it_was() -> None:
    device = FakeDevice(LAYER_BYTES)
    module = stack(2)
    before = module(picture(module))
    weights = Weights(module)
    with pytest.raises(torch.OutOfMemoryError):
        weights.upload(device)
    gc.collect()
    assert device.freed_while_copying == 0
    assert not weights.on_device
    assert device.memory().allocated == 0
    assert torch.equal(module(picture(module)), before)


def test_a_compiled_block_is_not_compiled_again_after_a_swap() -> None:
    compiled = []

    def backend(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> torch.fx.GraphModule:
        compiled.append(graph)
        return graph

    device = FakeDevice(BIG)
    module = Block()
    module.compile(backend=backend)
    weights = Weights(module)
    weights.upload(device)
    with torch.no_grad():
        before = module(picture(module))
        for _ in range(3):
            weights.evict()
            weights.upload(device)
            assert torch.equal(module(picture(module)), before)
    assert len(compiled) == 1


class QuantState:
    """What bitsandbytes keeps beside 4-bit data: tensors, and a state of its own for their scales."""

    def __init__(self, absmax: torch.Tensor, state2: QuantState | None = None) -> None:
        self.absmax = absmax
        self.state2 = state2
        self.blocksize = 64


class FourBit(nn.Parameter):  # type: ignore[misc]
    """Data whose scales are an attribute, as bitsandbytes' ``Params4bit``: no wrapper that torch could take apart."""

    quant_state: QuantState

    @classmethod
    def of(cls, data: torch.Tensor, state: QuantState) -> FourBit:
        made: FourBit = torch.Tensor._make_subclass(cls, data, False)
        made.quant_state = state
        return made


def test_scales_kept_beside_four_bit_data_are_counted_and_travel() -> None:
    device, nested = FakeDevice(BIG), QuantState(torch.arange(4.0))
    module = nn.Module()
    module.weight = FourBit.of(torch.ones(32, dtype=torch.uint8), QuantState(torch.ones(8), nested))
    weights = Weights(module)
    weights.upload(device)
    state = module.weight.quant_state
    assert weights.bytes == device.memory().allocated == 32 + 8 * 4 + 4 * 4
    assert isinstance(module.weight, FourBit)
    assert state.state2 is not None
    assert state.state2 is not nested
    assert state.blocksize == 64
    state.state2.absmax.zero_()
    del state
    weights.evict()
    kept = module.weight.quant_state.state2
    assert kept is nested
    assert torch.equal(nested.absmax, torch.arange(4.0))
    assert device.memory().allocated == 0
