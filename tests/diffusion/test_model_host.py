"""Models by name: leased whole by the libraries' own loading, once, swapped by pointers, with small files beside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from nanococoa_aiserver.cli.commands import build_app
from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec, load_catalogue
from nanococoa_aiserver.engines.diffusion.compiling import compile_blocks, run_compiled, undo_compiling
from nanococoa_aiserver.engines.diffusion.files import ModelFiles
from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.footprint import footprint
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.settings import Settings, SettingsError
from nanococoa_client.errors import ModelLoadError, ModelUnavailable
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion
KLEIN = "flux2-klein-4b"
Open = Callable[..., ModelHost]


def never() -> None:
    """Nobody stops the work."""


@pytest.fixture
def opened(tiny_models: Path) -> Iterator[Open]:
    """Opens hosts over the tiny models and closes their residencies."""
    open_ones: list[Residency] = []

    def build(device: Any = None, **settings: Any) -> ModelHost:
        given = Settings.model_validate({"models_dir": tiny_models, **settings})
        residency = Residency(device or CpuDevice(), host_bytes=2**30)
        open_ones.append(residency)
        return ModelHost(given, residency.device, residency)

    yield build
    for residency in open_ones:
        residency.close()


@pytest.mark.parametrize("spec", load_catalogue().values(), ids=lambda spec: str(spec.name))
def test_every_model_is_leased_whole_in_its_own_classes(opened: Open, spec: ModelSpec) -> None:
    host = opened(accept_noncommercial_models=True)
    assert host.available(spec.name)
    with host.lease(spec.name, list(spec.components), activity="test", stop=never) as loaded:
        assert loaded.dtype == torch.float32
        assert loaded.device == torch.device("cpu")
        for name, part in spec.components.items():
            module = loaded.modules[name]
            assert part.class_name in {cls.__name__ for cls in type(module).__mro__}
            assert not module.training
            assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}


def test_a_second_lease_gives_the_same_objects_and_reads_nothing(opened: Open, tiny_models: Path) -> None:
    host = opened()
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as first:
        module = first.modules["transformer"]
    with host.lease(KLEIN, ["transformer", "vae"], activity="test", stop=never) as second:
        assert second.modules["transformer"] is module
        assert set(second.modules) == {"transformer", "vae"}


def test_models_that_do_not_fit_together_take_turns_on_the_device(opened: Open) -> None:
    sizes = {name: alone(opened, name) for name in (KLEIN, "qwen3-vl-4b")}
    card = FakeDevice(max(sizes.values()) + min(sizes.values()) // 2)
    host = opened(card)
    parts = {KLEIN: ["transformer", "vae", "text_encoder"], "qwen3-vl-4b": ["model"]}
    weights: dict[str, list[torch.Tensor]] = {}
    for name in (KLEIN, "qwen3-vl-4b", KLEIN, "qwen3-vl-4b"):
        with host.lease(name, parts[name], activity="test", stop=never) as loaded:
            held = [tensor.clone() for module in loaded.modules.values() for tensor in module.parameters()]
            before = weights.setdefault(name, held)
            assert all(torch.equal(one, other) for one, other in zip(before, held, strict=True))
    assert card.most_bytes <= card.total_bytes


def alone(opened: Open, model: str) -> int:
    host = opened()
    with host.lease(model, list(host.spec(model).components), activity="test", stop=never) as loaded:
        return sum(footprint(module) for module in loaded.modules.values())


def test_a_stop_ends_the_lease_and_the_next_one_is_served(opened: Open) -> None:
    host = opened()

    def stop() -> None:
        raise JobStopped

    with pytest.raises(JobStopped), host.lease(KLEIN, ["vae"], activity="test", stop=stop) as loaded:
        loaded.offer()
    with host.lease(KLEIN, ["vae"], activity="test", stop=never) as loaded:
        assert loaded.run(lambda effort: 7) == 7


def test_schedulers_are_fresh_and_tokenizers_are_shared(opened: Open) -> None:
    host = opened()
    one, other = host.scheduler(KLEIN), host.scheduler(KLEIN)
    assert one is not other
    assert one.config == other.config
    one.set_timesteps(4, mu=1.0)
    assert len(one.timesteps) != len(other.timesteps)
    assert host.tokenizer(KLEIN) is host.tokenizer(KLEIN)
    assert host.tokenizer("clip-vit-l14")("a cup").input_ids
    assert host.tokenizer("flux1-schnell", "tokenizer_2") is not host.tokenizer("flux1-schnell")


@pytest.mark.parametrize("model", ["qwen3-vl-4b", "qwen2-vl-7b", "clip-vit-l14", "grounding-dino"])
def test_image_processors_need_no_torchvision(opened: Open, model: str) -> None:
    assert type(opened().processor(model)).__name__.endswith("Pil")


def test_a_broken_tokenizer_is_a_failure_to_load_the_model(opened: Open, tmp_path: Path) -> None:
    from nanococoa_aiserver.engines.diffusion.tiny import make_tiny

    make_tiny(tmp_path / "own", ["clip-vit-l14"])
    (tmp_path / "own" / "clip-vit-l14" / "tokenizer.json").write_text("{")
    with pytest.raises(ModelLoadError) as error:
        opened(models_dir=tmp_path / "own").tokenizer("clip-vit-l14")
    assert error.value.key == "model_files_damaged"


def test_an_unknown_model_is_told_with_the_known_ones(opened: Open) -> None:
    with pytest.raises(SettingsError, match="flux2-klein-4b"):
        opened().spec("dall-e")


def test_a_non_commercial_model_is_not_leased(opened: Open) -> None:
    host = opened()
    lease = host.lease("flux1-dev", ["vae"], activity="test", stop=never)
    with pytest.raises(ModelUnavailable, match="ACCEPT_NONCOMMERCIAL_MODELS"), lease:
        pass


def test_a_model_that_fails_to_load_leaves_the_others_to_be_leased(opened: Open, tmp_path: Path) -> None:
    from nanococoa_aiserver.engines.diffusion.tiny import make_tiny

    make_tiny(tmp_path / "own", ["birefnet", KLEIN])
    (tmp_path / "own" / KLEIN / "vae" / "config.json").unlink()
    host = opened(models_dir=tmp_path / "own")
    broken = host.lease(KLEIN, ["transformer", "vae"], activity="test", stop=never)
    with pytest.raises(ModelLoadError) as error, broken:
        pass
    assert error.value.key == "model_files_missing"
    for model, part in (("birefnet", "model"), (KLEIN, "transformer")):
        with host.lease(model, [part], activity="test", stop=never) as loaded:
            assert isinstance(loaded.modules[part], nn.Module)


def test_prefetched_components_are_there_when_they_are_leased(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    host = opened()
    host._residency.prefetch(host.known(KLEIN, ["vae"]))
    with host.lease(KLEIN, ["vae"], activity="test", stop=never) as loaded:
        assert loaded.modules["vae"] is not None
    assert host.names(KLEIN, ["vae"]) == ("flux2-klein-4b/vae",)


def test_the_decoders_convolutions_have_their_channels_last(opened: Open) -> None:
    with opened().lease(KLEIN, ["vae"], activity="test", stop=never) as loaded:
        kernels = [
            m.weight for m in loaded.modules["vae"].modules() if isinstance(m, nn.Conv2d) and m.weight.numel() > 64
        ]
    assert all(kernel.is_contiguous(memory_format=torch.channels_last) for kernel in kernels)


@pytest.mark.parametrize("precision", ["int8", "fp8", "bf16"])
def test_the_precision_asked_for_is_what_is_held(opened: Open, precision: str) -> None:
    host = opened(precision=precision)
    with host.lease(KLEIN, ["transformer", "vae"], activity="test", stop=never) as loaded:
        quantized = type(loaded.modules["transformer"].transformer_blocks[0].attn.to_q.weight).__name__
        assert loaded.dtype == torch.bfloat16
        assert {parameter.dtype for parameter in loaded.modules["vae"].parameters()} == {torch.bfloat16}
    assert quantized == {"int8": "Int8Tensor", "fp8": "Float8Tensor", "bf16": "Parameter"}[precision]


class Block(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = x + self.inner(x)
        return out


class Blocks(nn.Module):  # type: ignore[misc]
    """Compiles its repeated blocks as diffusers' models do."""

    _repeated_blocks = ("Block",)

    def __init__(self) -> None:
        super().__init__()
        self.block = Block()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.block(x)
        return out

    def compile_repeated_blocks(self, **options: Any) -> None:
        self.block.compile(**options)


def test_only_the_repeated_blocks_are_compiled_and_give_the_same() -> None:
    module, x = Blocks().requires_grad_(False), torch.ones(1, 4)
    plain = module(x)
    assert compile_blocks(module, backend="eager")
    assert module.block._compiled_call_impl is not None
    assert torch.equal(run_compiled(lambda: module(x), module), plain)


@pytest.mark.parametrize("precision", ["auto", "int8"])
def test_blocks_compiled_once_serve_on_after_their_weights_were_swapped(opened: Open, precision: str) -> None:
    host = opened(FakeDevice(2**30), precision=precision)

    def painted() -> torch.Tensor:
        with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
            return loaded.run(lambda effort: denoised(loaded))

    plain = painted()
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        compile_blocks(loaded.modules["transformer"], backend="eager")
    assert torch.equal(painted(), plain)
    host._residency.release_idle()
    with torch.compiler.set_stance("fail_on_recompile"):
        assert torch.equal(painted(), plain)
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        assert undo_compiling(loaded.modules["transformer"])


def denoised(loaded: Loaded) -> torch.Tensor:
    """What the transformer makes of fixed noise."""
    module: Any = loaded.modules["transformer"]
    noise = torch.Generator().manual_seed(3)
    pixels, words = ((1, 16, module.config.in_channels), (1, 7, module.config.joint_attention_dim))
    inputs = {
        "hidden_states": torch.randn(pixels, generator=noise).to(loaded.dtype),
        "encoder_hidden_states": torch.randn(words, generator=noise).to(loaded.dtype),
        "timestep": torch.tensor([0.5], dtype=loaded.dtype),
        "img_ids": torch.zeros(1, 16, 4),
        "txt_ids": torch.zeros(1, 7, 4),
    }
    out: torch.Tensor = module(**inputs, guidance=None, return_dict=False)[0]
    return out


def test_a_compiler_that_fails_is_done_without_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    module, x = Blocks().requires_grad_(False), torch.ones(1, 4)
    plain = module(x)

    def broken(*_: object) -> None:
        raise RuntimeError("no C++ compiler here")

    module.block.compile(fullgraph=True, backend=broken)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert torch.equal(run_compiled(lambda: module(x), module), plain)
    assert [record.name for record in caplog.records].count("nanococoa_aiserver.engines.diffusion.compiling") == 1


def test_other_failures_of_a_compiled_model_are_not_swallowed() -> None:
    module = Blocks()
    compile_blocks(module, backend="eager")
    for error in (torch.OutOfMemoryError("full"), ValueError("wrong"), JobStopped()):

        def fails(error: Exception = error) -> None:
            raise error

        with pytest.raises(type(error)):
            run_compiled(fails, module)
    assert undo_compiling(module)
    assert not undo_compiling(module)


def test_compile_marks_a_transformers_blocks(opened: Open) -> None:
    with opened(compile=True).lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        assert undo_compiling(loaded.modules["transformer"])
    with opened().lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        assert not undo_compiling(loaded.modules["transformer"])


def test_the_command_writes_tiny_checkpoints_that_are_whole(tmp_path: Path) -> None:
    runner, environment = CliRunner(), {"MODELS_DIR": str(tmp_path / "tiny"), "LC_ALL": "C.UTF-8"}
    made = runner.invoke(build_app(), ["models", "make-tiny", str(tmp_path / "tiny"), "birefnet"])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(build_app(), ["models", "check", "birefnet"], env=environment)
    assert (checked.exit_code, checked.stdout) == (0, "birefnet: ok\n")


def test_what_is_here_is_told_without_loading(tiny_models: Path, tmp_path: Path) -> None:
    files = ModelFiles(Settings(models_dir=tiny_models))
    assert all(files.available(spec) for spec in load_catalogue().values())
    empty = ModelFiles(Settings(models_dir=tmp_path))
    assert not any(empty.available(spec) for spec in load_catalogue().values())
