"""LoRA adapters: on for one lease and off after it, with nothing of the weights changed, whatever happens meanwhile."""

from __future__ import annotations

import copy
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from nanococoa_aiserver.engines.diffusion.adapters import AdapterFiles
from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.ports import Adapter
from nanococoa_aiserver.errors import InvalidParameter, JobStopped
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.footprint import distinct_tensors, footprint
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.settings import Settings
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion
KLEIN = "flux2-klein-4b"
WARM = Adapter("warm-light")
WAIT = 30.0
Open = Callable[..., ModelHost]


def never() -> None:
    """Nobody stops the work."""


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A MODELS_DIR of its own: the shared klein and adapter, and room for broken adapters."""
    for name in (KLEIN, "birefnet", "adapters"):
        shutil.copytree(tiny_models / name, tmp_path / "models" / name)
    return tmp_path / "models"


@pytest.fixture
def opened(models: Path) -> Iterator[Open]:
    open_ones: list[Residency] = []

    def build(device: Any = None, **settings: Any) -> ModelHost:
        residency = Residency(device or CpuDevice(), host_bytes=2**30)
        open_ones.append(residency)
        return ModelHost(Settings.model_validate({"models_dir": models, **settings}), residency.device, residency)

    yield build
    for residency in open_ones:
        residency.close()


def painted(host: ModelHost, *adapters: Adapter) -> torch.Tensor:
    """What the transformer makes of fixed noise under a lease with ``adapters``."""
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never, adapters=adapters) as loaded:
        return denoised(loaded)


def denoised(loaded: Loaded) -> torch.Tensor:
    module: Any = loaded.modules["transformer"]
    noise = torch.Generator().manual_seed(3)
    inputs = {
        "hidden_states": torch.randn((1, 16, module.config.in_channels), generator=noise).to(loaded.dtype),
        "encoder_hidden_states": torch.randn((1, 7, module.config.joint_attention_dim), generator=noise),
        "timestep": torch.tensor([0.5], dtype=loaded.dtype),
        "img_ids": torch.zeros(1, 16, 4),
        "txt_ids": torch.zeros(1, 7, 4),
    }
    inputs["encoder_hidden_states"] = inputs["encoder_hidden_states"].to(loaded.dtype)
    with torch.no_grad():
        out: torch.Tensor = module(**inputs, guidance=None, return_dict=False)[0].float()
    return out


def bits(host: ModelHost) -> dict[str, bytes]:
    """Every number the transformer holds, quantized ones by their parts."""
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        return {str(i): raw(tensor) for i, tensor in enumerate(distinct_tensors(loaded.modules["transformer"]))}


def raw(tensor: Any) -> bytes:
    if hasattr(tensor, "__tensor_flatten__"):
        return b"".join(raw(getattr(tensor, part)) for part in tensor.__tensor_flatten__()[0])
    return bytes(tensor.detach().contiguous().view(-1).view(torch.uint8).numpy())


def structure(host: ModelHost) -> Mapping[str, int]:
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as loaded:
        return {name: id(part) for name, part in loaded.modules["transformer"].named_modules()}


@pytest.mark.parametrize("precision", ["auto", "bf16", "int8", "fp8"])
def test_an_adapter_changes_the_picture_and_leaves_every_bit_as_it_was(opened: Open, precision: str) -> None:
    host = opened(precision=precision)
    plain, before, parts = painted(host), bits(host), structure(host)
    assert not torch.equal(painted(host, WARM), plain)
    assert bits(host) == before
    assert structure(host) == parts
    assert torch.equal(painted(host), plain)


def test_the_scale_says_how_strongly_it_works(opened: Open) -> None:
    host = opened()
    plain = painted(host)
    changes = [(painted(host, Adapter("warm-light", scale)) - plain).norm() for scale in (0.0, 0.5, 1.0)]
    assert changes[0] == 0
    assert changes[0] < changes[1] < changes[2]


def test_two_adapters_add_up(opened: Open) -> None:
    host = opened()
    halves = painted(host, Adapter("warm-light", 0.5), Adapter("warm-light", 0.5))
    assert torch.allclose(halves, painted(host, WARM), atol=1e-5)


def test_a_step_that_is_stopped_takes_its_adapter_off(opened: Open) -> None:
    host = opened()
    plain = painted(host)

    def work() -> None:
        with host.lease(KLEIN, ["transformer"], activity="test", stop=never, adapters=[WARM]):
            raise JobStopped

    with pytest.raises(JobStopped):
        work()
    assert torch.equal(painted(host), plain)


@pytest.mark.parametrize("precision", ["auto", "int8"])
def test_an_adapter_works_on_after_its_weights_were_swapped_out_meanwhile(opened: Open, precision: str) -> None:
    card = FakeDevice(room(opened, precision))
    host = opened(card, precision=precision)
    plain, wanted = painted(host), painted(host, WARM)
    before, came, done = bits(host), threading.Event(), threading.Event()

    def light() -> None:
        came.set()
        with host.lease("birefnet", ["model"], activity="cut", lane="light", stop=never):
            done.set()

    worker = threading.Thread(target=light, daemon=True)
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never, adapters=[WARM]) as loaded:
        assert torch.equal(denoised(loaded), wanted)
        uploads = card.uploads
        worker.start()
        assert came.wait(WAIT)
        while not done.is_set():
            loaded.offer()
        assert torch.equal(denoised(loaded), wanted)
        assert card.uploads > uploads
    worker.join(WAIT)
    assert torch.equal(painted(host), plain)
    assert bits(host) == before


def room(opened: Open, precision: str) -> int:
    """Bytes for either the transformer or the cut-out model, not for both."""
    host = opened(precision=precision)
    with host.lease(KLEIN, ["transformer"], activity="test", stop=never) as painting:
        transformer = footprint(painting.modules["transformer"])
    with host.lease("birefnet", ["model"], activity="test", stop=never) as cutting:
        cutout = footprint(cutting.modules["model"])
    return max(transformer, cutout) + min(transformer, cutout) // 2


def test_an_adapter_goes_onto_compiled_blocks_uncompiled(opened: Open) -> None:
    host, plain = opened(), opened(compile=True)
    with plain.lease(KLEIN, ["transformer"], activity="test", stop=never, adapters=[WARM]) as loaded:
        assert torch.equal(denoised(loaded), painted(host, WARM))


@pytest.mark.parametrize(
    "wrong", ["nowhere", "", ".", "..", "../adapters/warm-light", "/etc/hostname", "~/x", "a/b/c", ".x/y"]
)
def test_an_adapter_that_is_not_there_is_the_requests_fault(opened: Open, wrong: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        painted(opened(), Adapter(wrong))
    assert refused.value.details["field"] == "adapters"
    assert "warm-light" in refused.value.message("ko")


def test_nothing_outside_the_folder_is_read(models: Path) -> None:
    files = AdapterFiles(Settings(models_dir=models))
    (models / "secret.safetensors").write_bytes(b"x")
    for name in ("../secret", "..", "adapters/../../secret", "../secret.safetensors"):
        with pytest.raises(InvalidParameter):
            files.file(name)
    assert files.file("warm-light").is_relative_to(models / "adapters")


def test_a_hub_adapter_is_looked_for_on_the_hub_and_missed_offline(models: Path) -> None:
    with pytest.raises(InvalidParameter) as refused:
        AdapterFiles(Settings(models_dir=models)).file("somebody/warm-light")
    assert "somebody/warm-light" in refused.value.message("en")


def test_a_hub_adapter_in_the_cache_serves_offline(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    repository = tmp_path / "hub" / "models--somebody--warm-light"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    shutil.copytree(models / "adapters" / "warm-light", repository / "snapshots" / ("0" * 40))
    assert AdapterFiles(Settings(models_dir=models)).file("somebody/warm-light").suffix == ".safetensors"


def broken(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]], models: Path) -> None:
    source = next((models / "adapters" / "warm-light").glob("*.safetensors"))
    (models / "adapters" / "broken").mkdir()
    save_file(change(load_file(source)), models / "adapters" / "broken" / source.name, metadata={"format": "pt"})


CHANGES: dict[str, Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]] = {
    "another width": lambda tensors: {name: torch.cat([one, one], dim=1) for name, one in tensors.items()},
    "other layers": lambda tensors: {name.replace("to_q", "to_x"): one for name, one in tensors.items()},
    "no layers": lambda tensors: {"something": torch.zeros(3)},
    "halves missing": lambda tensors: {name: one for name, one in tensors.items() if "lora_A" in name},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_adapter_made_for_another_model_is_the_requests_fault(opened: Open, models: Path, change: str) -> None:
    broken(CHANGES[change], models)
    host = opened()
    plain, parts = painted(host), structure(host)
    for adapters in ([Adapter("broken")], [WARM, Adapter("broken")]):
        with pytest.raises(InvalidParameter) as refused:
            painted(host, *adapters)
        assert refused.value.details == {"field": "adapters", "id": "broken", "model": KLEIN}
    assert torch.equal(painted(host), plain)
    assert structure(host) == parts


def test_a_file_that_is_no_adapter_is_the_requests_fault(opened: Open, models: Path) -> None:
    (models / "adapters" / "text.safetensors").write_text("hello")
    with pytest.raises(InvalidParameter):
        painted(opened(), Adapter("text"))


def test_an_adapter_as_large_as_a_model_is_not_read(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nanococoa_aiserver.engines.diffusion.adapters.BYTES_LIMIT", 10)
    with pytest.raises(InvalidParameter) as refused:
        AdapterFiles(Settings(models_dir=models)).file("warm-light")
    assert refused.value.key == "adapter_too_large"


def test_an_adapter_in_the_original_codes_spelling_is_read_too(opened: Open, models: Path) -> None:
    """ComfyUI's and ai-toolkit's files name the layers of the original code, not diffusers'."""
    source = next((models / "adapters" / "warm-light").glob("*.safetensors"))
    layer = "transformer.transformer_blocks.0.attn.to_out.0"
    ours = {name: one for name, one in load_file(source).items() if name.startswith(layer)}
    theirs = {name.replace(layer, "diffusion_model.double_blocks.0.img_attn.proj"): one for name, one in ours.items()}
    for name, tensors in (("ours", ours), ("theirs", theirs)):
        save_file(tensors, models / "adapters" / f"{name}.safetensors", metadata={"format": "pt"})
    host = opened()
    painting = painted(host, Adapter("ours"))
    assert not torch.equal(painting, painted(host))
    assert torch.equal(painting, painted(host, Adapter("theirs")))


@pytest.mark.parametrize(
    ("model", "pipeline"),
    [
        ("flux1-schnell", "FluxPipeline"),
        ("flux2-dev", "Flux2Pipeline"),
        ("z-image-turbo", "ZImagePipeline"),
        ("sd3-medium", "StableDiffusion3Pipeline"),
    ],
)
def test_every_generator_takes_adapters_made_for_it(
    tiny_models: Path, models: Path, opened: Open, model: str, pipeline: str
) -> None:
    import diffusers
    from peft import LoraConfig, get_peft_model_state_dict

    shutil.copytree(tiny_models / model, models / model)
    host = opened(accept_noncommercial_models=True)
    with host.lease(model, ["transformer"], activity="test", stop=never) as loaded:
        own: Any = copy.deepcopy(loaded.modules["transformer"])
        before = [name for name, _ in loaded.modules["transformer"].named_modules()]
    own.add_adapter(LoraConfig(r=2, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    layers = get_peft_model_state_dict(own)
    getattr(diffusers, pipeline).save_lora_weights(models / "adapters" / "own", transformer_lora_layers=layers)
    with host.lease(model, ["transformer"], activity="test", stop=never, adapters=[Adapter("own", 0.5)]) as loaded:
        on = dict(loaded.modules["transformer"].named_parameters())
        assert all(torch.equal(on[name.replace(".weight", ".adapter0.weight")], one) for name, one in layers.items())
    with host.lease(model, ["transformer"], activity="test", stop=never) as loaded:
        assert [name for name, _ in loaded.modules["transformer"].named_modules()] == before


def test_modules_without_adapters_are_never_touched(opened: Open) -> None:
    host = opened()
    with host.lease(KLEIN, ["vae"], activity="test", stop=never) as loaded:
        assert isinstance(loaded.modules["vae"], nn.Module)
        assert not hasattr(loaded.modules["vae"], "peft_config")
