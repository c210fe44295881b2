"""The deformable convolution that serves in place of torchvision's, and BiRefNet's loading without that package."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from nanococoa_aiserver.engines.diffusion.birefnet import deform, from_origin, load_birefnet
from nanococoa_aiserver.engines.diffusion.birefnet.architecture import architecture
from nanococoa_aiserver.engines.diffusion.birefnet.deform import best_deform_conv2d, deform_conv2d
from nanococoa_client.errors import ModelLoadError

pytestmark = pytest.mark.diffusion

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def drawn(*shape: int, device: str = "cpu") -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))).to(device)


def reference(image: Tensor, offset: Tensor, weight: Tensor, mask: Tensor, padding: int) -> Tensor:
    """The paper's sum, one output pixel and one tap after the other."""
    out_channels, _, rows, columns = weight.shape
    out = torch.zeros(image.shape[0], out_channels, *offset.shape[-2:])
    for n in range(image.shape[0]):
        for y in range(offset.shape[-2]):
            for x in range(offset.shape[-1]):
                for tap in range(rows * columns):
                    dy, dx = offset[n, 2 * tap, y, x], offset[n, 2 * tap + 1, y, x]
                    at_y, at_x = y - padding + tap // columns + dy, x - padding + tap % columns + dx
                    seen = bilinear(image[n], float(at_y), float(at_x)) * mask[n, tap, y, x]
                    out[n, :, y, x] += weight[:, :, tap // columns, tap % columns] @ seen
    return out


def bilinear(image: Tensor, y: float, x: float) -> Tensor:
    value = torch.zeros(image.shape[0])
    for row in range(image.shape[1]):
        for column in range(image.shape[2]):
            value += image[:, row, column] * max(0.0, 1 - abs(y - row)) * max(0.0, 1 - abs(x - column))
    return value


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_without_offsets_it_is_a_convolution(kernel: int, device: str) -> None:
    image, weight = drawn(2, 5, 11, 9, device=device), drawn(4, 5, kernel, kernel, device=device)
    still = torch.zeros(2, 2 * kernel * kernel, 11, 9, device=device)
    expected = functional.conv2d(image, weight, padding=kernel // 2)
    torch.testing.assert_close(deform_conv2d(image, still, weight, padding=kernel // 2), expected, atol=1e-4, rtol=1e-5)


def test_without_offsets_one_tap_reads_the_very_pixels() -> None:
    image, one = drawn(1, 3, 6, 5), torch.eye(3).view(3, 3, 1, 1)
    assert torch.equal(deform_conv2d(image, torch.zeros(1, 2, 6, 5), one), image)


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 2), (-2, 1), (-9, 0)])
def test_whole_offsets_read_the_very_pixels_they_point_at_and_nothing_outside(down: int, right: int) -> None:
    image, one = drawn(2, 3, 6, 5), torch.eye(3).view(3, 3, 1, 1)
    offset = torch.tensor([down, right]).float().view(1, 2, 1, 1).expand(2, 2, 6, 5)
    expected = functional.pad(image, (9, 9, 9, 9))[:, :, 9 + down : 15 + down, 9 + right : 14 + right]
    assert torch.equal(deform_conv2d(image, offset, one), expected)


def test_whole_offsets_are_a_shifted_convolution() -> None:
    image, weight = drawn(1, 4, 12, 12), drawn(3, 4, 3, 3)
    shifted = torch.ones(1, 18, 12, 12)
    wide = functional.conv2d(functional.pad(image, (1, 3, 1, 3)), weight)[:, :, 1:13, 1:13]
    torch.testing.assert_close(deform_conv2d(image, shifted, weight, padding=1), wide, atol=1e-5, rtol=1e-5)


def test_anything_between_is_the_papers_sum() -> None:
    image, weight = drawn(2, 3, 5, 4), drawn(2, 3, 3, 3)
    offset, mask = 2 * drawn(2, 18, 5, 4), drawn(2, 9, 5, 4).sigmoid() * 2
    expected = reference(image, offset, weight, mask, padding=1)
    torch.testing.assert_close(
        deform_conv2d(image, offset, weight, padding=1, mask=mask), expected, atol=1e-5, rtol=1e-4
    )


def test_stride_dilation_and_bias_are_those_of_a_convolution() -> None:
    image, weight, bias = drawn(1, 2, 13, 10), drawn(3, 2, 3, 3), drawn(3)
    expected = functional.conv2d(image, weight, bias, stride=(2, 1), padding=(1, 2), dilation=(1, 2))
    still = torch.zeros(1, 18, *expected.shape[-2:])
    found = deform_conv2d(image, still, weight, bias, stride=(2, 1), padding=(1, 2), dilation=(1, 2))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_taking_the_taps_a_few_at_a_time_changes_nothing_but_the_order_of_the_sum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image, weight, offset = drawn(1, 4, 9, 9), drawn(3, 4, 3, 3), drawn(1, 18, 9, 9)
    at_once = deform_conv2d(image, offset, weight, padding=1)
    monkeypatch.setattr(deform, "COLUMNS_AT_ONCE", 4 * 81 * 2)
    torch.testing.assert_close(deform_conv2d(image, offset, weight, padding=1), at_once, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_reads_at_places_that_half_precision_could_not_say(dtype: torch.dtype) -> None:
    """Far from the corner a half-precision coordinate is a quarter of a pixel off or more; the places stay exact."""
    image, one = torch.arange(600.0).div(600).view(1, 1, 1, 600).to(dtype), torch.ones(1, 1, 1, 1, dtype=dtype)
    offset = torch.tensor([0.0, 0.5]).view(1, 2, 1, 1).expand(1, 2, 1, 600).to(dtype)
    expected = (image[..., 500:598].float() + image[..., 501:599].float()) / 2
    found = deform_conv2d(image, offset, one)[..., 500:598].float()
    torch.testing.assert_close(found, expected, atol=4e-3, rtol=0)


def test_without_torchvision_ours_serves_and_a_broken_build_of_it_counts_as_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, contents in {"torchvision": {}, "torchvision.ops": {"deform_conv2d": print}}.items():
        module: Any = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    extension: Any = ModuleType("torchvision.extension")
    extension._has_ops = lambda: False
    monkeypatch.setitem(sys.modules, "torchvision.extension", extension)
    assert best_deform_conv2d() is deform_conv2d
    extension._has_ops = lambda: True
    assert best_deform_conv2d() is print


def test_importing_the_architecture_leaves_no_trace_of_torchvision_and_misleads_nobody() -> None:
    """In a process of its own: what is imported here says nothing about what is imported there."""
    script = """
import sys
from nanococoa_aiserver.engines.diffusion.birefnet.architecture import architecture
architecture()
import transformers
assert not any(name.partition('.')[0] in ('torchvision', 'nobg', 'datasets', 'loadimg') for name in sys.modules)
assert not transformers.utils.is_torchvision_available()
from transformers import AutoImageProcessor, CLIPModel, SwinConfig
try:
    import torchvision
except ImportError:
    print('absent')
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    assert ran.stdout.strip() == "absent", ran.stderr[-2000:]


def test_the_original_layout_and_nobgs_own_give_the_same_network(tiny_models: Path, tmp_path: Path) -> None:
    original = from_origin(tiny_models / "birefnet")
    save_file(original.state_dict(), tmp_path / "model.safetensors")
    shutil.copy(tiny_models / "birefnet" / "config.json", tmp_path)
    image = drawn(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(original(image)["logits"], from_origin(tmp_path)(image)["logits"])


def test_the_weights_come_from_the_file_and_ask_for_no_gradient(tiny_models: Path) -> None:
    model = load_birefnet(tiny_models / "birefnet", torch.bfloat16)
    stored = load_file(tiny_models / "birefnet" / "model.safetensors")["squeeze_module.0.conv_in.weight"]
    assert torch.equal(model.get_parameter("squeeze_module.0.conv_in.weight"), stored.bfloat16())
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_every_deformable_layer_uses_our_convolution(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    module = sys.modules[architecture().BiRefNet.__module__]

    def counted(**given: Any) -> Tensor:
        calls.append(1)
        return deform_conv2d(**given)

    monkeypatch.setattr(module, "deform_conv2d", counted)
    with torch.inference_mode():
        from_origin(tiny_models / "birefnet")(drawn(1, 3, 64, 64))
    assert len(calls) == 20  # five blocks with four deformable branches each


def broken(tiny_models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_models / "birefnet", tmp_path / "birefnet"))


def test_a_missing_tensor_is_an_error_and_not_noise(tiny_models: Path, tmp_path: Path) -> None:
    folder = broken(tiny_models, tmp_path)
    state = load_file(folder / "model.safetensors")
    del state["decoder.conv_out1.0.weight"]
    save_file(state, folder / "model.safetensors")
    with pytest.raises(ModelLoadError) as caught:
        load_birefnet(folder, torch.float32)
    assert "decoder.conv_out1.0.weight" in str(caught.value.details)


def test_another_models_sizes_are_an_error(tiny_models: Path, tmp_path: Path) -> None:
    folder = broken(tiny_models, tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"embed_dim": 16}))
    with pytest.raises(ModelLoadError):
        load_birefnet(folder, torch.float32)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("harm", ["missing", "truncated", "garbage"])
def test_damaged_files_are_an_error_that_names_them(file: str, harm: str, tiny_models: Path, tmp_path: Path) -> None:
    path = broken(tiny_models, tmp_path) / file
    whole = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes(whole[: len(whole) // 2] if harm == "truncated" else b"\x00\xff" * 40)
    with pytest.raises(ModelLoadError) as caught:
        load_birefnet(path.parent, torch.float32)
    assert file in str(caught.value.details)
