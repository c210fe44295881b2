"""Parameter counts of the published shapes, and weights that are stored smaller and still compute."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers
from torch import nn

from nanococoa_aiserver.engines.diffusion.catalogue import Storage, find_model, load_catalogue
from nanococoa_aiserver.engines.diffusion.loading import Source, compute_dtype, load
from nanococoa_aiserver.gpu.footprint import footprint
from nanococoa_client.errors import ModelLoadError

pytestmark = pytest.mark.diffusion


def flux2(**sizes: Any) -> nn.Module:
    return diffusers.Flux2Transformer2DModel(**sizes)


def qwen3(**sizes: Any) -> nn.Module:
    return transformers.Qwen3ForCausalLM(transformers.Qwen3Config(vocab_size=151936, head_dim=128, **sizes))


def t5() -> nn.Module:
    sizes = {"d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64}
    return transformers.T5EncoderModel(transformers.T5Config(vocab_size=32128, feed_forward_proj="gated-gelu", **sizes))


def qwen3_vl(text: dict[str, Any], vision: dict[str, Any], *, tied: bool) -> nn.Module:
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True}
    heads = {"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "num_hidden_layers": 36}
    config = transformers.Qwen3VLConfig(
        text_config={"vocab_size": 151936, "rope_parameters": rope, "tie_word_embeddings": tied, **heads, **text},
        vision_config={"num_heads": 16, "patch_size": 16, "num_position_embeddings": 2304, **vision},
        tie_word_embeddings=tied,
    )
    return transformers.Qwen3VLForConditionalGeneration(config)


def qwen2_vl() -> nn.Module:
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]}
    heads = {"num_attention_heads": 28, "num_key_value_heads": 4, "num_hidden_layers": 28}
    config = transformers.Qwen2VLConfig(
        text_config={
            "vocab_size": 152064,
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "rope_parameters": rope,
            **heads,
        },
        vision_config={"depth": 32, "embed_dim": 1280, "hidden_size": 3584, "num_heads": 16, "mlp_ratio": 4},
        tie_word_embeddings=False,
    )
    return transformers.Qwen2VLForConditionalGeneration(config)


def mistral3() -> nn.Module:
    text = {"model_type": "mistral", "vocab_size": 131072, "hidden_size": 5120, "intermediate_size": 32768}
    heads = {"num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128}
    sight = {"model_type": "pixtral", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24}
    config = transformers.Mistral3Config(
        text_config={**text, **heads, "tie_word_embeddings": False},
        vision_config={**sight, "num_attention_heads": 16, "image_size": 1540, "patch_size": 14},
        tie_word_embeddings=False,
    )
    return transformers.Mistral3ForConditionalGeneration(config)


def clip() -> nn.Module:
    return transformers.CLIPModel(
        transformers.CLIPConfig(
            text_config={"hidden_size": 768, "intermediate_size": 3072, "projection_dim": 768},
            vision_config={
                "hidden_size": 1024,
                "intermediate_size": 4096,
                "num_hidden_layers": 24,
                "num_attention_heads": 16,
                "patch_size": 14,
                "projection_dim": 768,
            },
            projection_dim=768,
        )
    )


def sd3() -> nn.Module:
    sizes = {"num_layers": 24, "num_attention_heads": 24, "caption_projection_dim": 1536, "pos_embed_max_size": 192}
    return diffusers.SD3Transformer2DModel(joint_attention_dim=4096, pooled_projection_dim=2048, **sizes)


def grounding_dino() -> nn.Module:
    swin = {"embed_dim": 128, "depths": [2, 2, 18, 2], "num_heads": [4, 8, 16, 32], "window_size": 12}
    backbone = transformers.SwinConfig(image_size=384, out_features=["stage2", "stage3", "stage4"], **swin)
    return transformers.GroundingDinoForObjectDetection(transformers.GroundingDinoConfig(backbone_config=backbone))


def sam2() -> nn.Module:
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 112,
        "num_attention_heads": 2,
        "blocks_per_stage": [2, 3, 16, 3],
        "embed_dim_per_stage": [112, 224, 448, 896],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "global_attention_blocks": [12, 16, 20],
        "window_positional_embedding_background_size": [14, 14],
    }
    vision = {"backbone_config": backbone, "backbone_channel_list": [896, 448, 224, 112]}
    return transformers.Sam2Model(transformers.Sam2Config(vision_config=vision))


KLEIN_NAME = "flux2-klein-4b"
KLEIN = {"num_layers": 5, "num_single_layers": 20, "num_attention_heads": 24, "joint_attention_dim": 7680}
QWEN3_4B = {"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36}
QWEN3_HEADS = {"num_attention_heads": 32, "num_key_value_heads": 8, "tie_word_embeddings": True}
SMALL_SIGHT = {"depth": 24, "hidden_size": 1024, "out_hidden_size": 2560, "intermediate_size": 4096}
LARGE_SIGHT = {"depth": 27, "hidden_size": 1152, "out_hidden_size": 4096, "intermediate_size": 4304}

PUBLISHED: dict[str, Callable[[], nn.Module]] = {
    "flux2-klein-4b/transformer": lambda: flux2(guidance_embeds=False, **KLEIN),
    "flux2-klein-4b/text_encoder": lambda: qwen3(**QWEN3_4B, **QWEN3_HEADS),
    "flux1-schnell/transformer": lambda: diffusers.FluxTransformer2DModel(),
    "flux1-dev/transformer": lambda: diffusers.FluxTransformer2DModel(guidance_embeds=True),
    "flux1-dev/text_encoder_2": t5,
    "flux2-dev/transformer": flux2,
    "flux2-dev/text_encoder": mistral3,
    "z-image-turbo/transformer": lambda: diffusers.ZImageTransformer2DModel(),
    "sd3-medium/transformer": sd3,
    "qwen2-vl-7b/model": qwen2_vl,
    "qwen3-vl-4b/model": lambda: qwen3_vl(
        {"hidden_size": 2560, "intermediate_size": 9728},
        {**SMALL_SIGHT, "deepstack_visual_indexes": [5, 11, 17]},
        tied=True,
    ),
    "qwen3-vl-8b/model": lambda: qwen3_vl(
        {"hidden_size": 4096, "intermediate_size": 12288},
        {**LARGE_SIGHT, "deepstack_visual_indexes": [8, 16, 24]},
        tied=False,
    ),
    "clip-vit-l14/model": clip,
    "grounding-dino/model": grounding_dino,
    "sam2.1/model": sam2,
}


def linear_weights(module: nn.Module) -> Iterator[nn.Parameter]:
    """What the quantizers store smaller: the language models' output layer is left as it is."""
    for name, part in module.named_modules():
        if isinstance(part, nn.Linear) and not name.endswith("lm_head"):
            yield part.weight


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_catalogue_counts_what_the_published_shape_has(name: str) -> None:
    model, component = name.split("/")
    spec = find_model(model).component(component)
    with torch.device("meta"):
        module = PUBLISHED[name]()
    total = sum(parameter.numel() for parameter in module.parameters()) / 1e9
    assert spec.parameters == pytest.approx(total, abs=0.0011)
    if spec.quantizable:
        assert spec.linear == pytest.approx(sum(weight.numel() for weight in linear_weights(module)) / 1e9, abs=0.0011)


WRAPPERS: dict[Storage, str] = {"int8": "Int8Tensor", "fp8-weight": "Float8Tensor"}


@pytest.mark.parametrize("storage", WRAPPERS)
@pytest.mark.parametrize(
    "name", [f"{s.name}/{n}" for s in load_catalogue().values() for n, c in s.components.items() if c.quantizable]
)
def test_quantized_weights_are_smaller_and_load_by_the_libraries_own_way(
    tiny_models: Path, name: str, storage: Storage
) -> None:
    model, component = name.split("/")
    spec = find_model(model)
    module = load(Source(spec, component, tiny_models / model, storage, on_cpu=True))
    kinds = {type(weight).__name__ for weight in linear_weights(module)}
    assert WRAPPERS[storage] in kinds, kinds
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert not module.training
    plain = load(Source(spec, component, tiny_models / model, "bf16", on_cpu=True))
    assert footprint(module) < footprint(plain)


@pytest.mark.parametrize(("storage", "allowed"), [("fp8-weight", 0.06), ("int8", 0.02)])
def test_a_quantized_transformer_gives_nearly_what_the_whole_one_gives(
    tiny_models: Path, storage: Storage, allowed: float
) -> None:
    whole, small = (given(tiny_models, kind) for kind in ("bf16", storage))
    error = (whole - small).norm() / whole.norm()
    assert 0 < error < allowed


def given(models: Path, storage: Storage) -> torch.Tensor:
    """What the tiny klein transformer makes of fixed noise."""
    source = Source(find_model("flux2-klein-4b"), "transformer", models / "flux2-klein-4b", storage, on_cpu=True)
    module: Any = load(source)
    noise = torch.Generator().manual_seed(3)
    pixels, words = ((1, 16, module.config.in_channels), (1, 7, module.config.joint_attention_dim))
    inputs = {
        "hidden_states": torch.randn(pixels, generator=noise).to(source.dtype),
        "encoder_hidden_states": torch.randn(words, generator=noise).to(source.dtype),
        "timestep": torch.tensor([0.5], dtype=source.dtype),
        "img_ids": torch.zeros(1, 16, 4),
        "txt_ids": torch.zeros(1, 7, 4),
    }
    with torch.no_grad():
        out: torch.Tensor = module(**inputs, guidance=None, return_dict=False)[0].float()
    return out


@pytest.mark.parametrize("name", ["flux2-klein-4b/transformer", "flux1-schnell/text_encoder_2", "qwen3-vl-4b/model"])
def test_weights_for_float8_matmuls_are_made_in_host_memory(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Only the question whether the card has such matmuls is left out: there is none here."""
    monkeypatch.setattr("torchao.quantization.quant_api._check_hardware_support", lambda granularity: None)
    model, component = name.split("/")
    module = load(Source(find_model(model), component, tiny_models / model, "fp8", on_cpu=False))
    small = [weight for weight in linear_weights(module) if type(weight).__name__ == "Float8Tensor"]
    assert small
    assert all(weight.act_quant_kwargs is not None for weight in small)
    assert {weight.device.type for weight in small} == {"cpu"}


def test_float8_matmuls_without_such_a_card_are_a_failure_to_load(tiny_models: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this card may have them")
    with pytest.raises(ModelLoadError, match=r"8\.9") as error:
        load(Source(find_model(KLEIN_NAME), "transformer", tiny_models / KLEIN_NAME, "fp8", on_cpu=False))
    assert error.value.key == "model_load_reason"


def test_four_bits_are_made_in_host_memory_and_give_nearly_the_same(tiny_models: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="the extra nf4 is not installed")
    source = Source(find_model("flux2-klein-4b"), "transformer", tiny_models / "flux2-klein-4b", "nf4", on_cpu=True)
    module = load(source)
    assert {type(weight).__name__ for weight in linear_weights(module)} == {"Params4bit"}
    assert {parameter.device.type for parameter in module.parameters()} == {"cpu"}
    assert footprint(module) < 0.5 * footprint(load(dataclasses.replace(source, storage="bf16")))
    whole, small = (given(tiny_models, kind) for kind in ("bf16", "nf4"))
    assert 0 < (whole - small).norm() / whole.norm() < 0.2


def test_four_bits_leave_a_language_models_last_layer_as_it_is(tiny_models: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="the extra nf4 is not installed")
    module: Any = load(Source(find_model("qwen3-vl-4b"), "model", tiny_models / "qwen3-vl-4b", "nf4", on_cpu=True))
    assert {type(weight).__name__ for weight in linear_weights(module)} == {"Params4bit"}
    assert module.lm_head.weight.dtype == torch.bfloat16


def test_expected_bytes_come_from_the_files_at_hand(tiny_models: Path) -> None:
    for storage in ("full", "bf16"):
        for spec in load_catalogue().values():
            for name in spec.components:
                source = Source(spec, name, tiny_models / spec.name, storage, on_cpu=True)
                assert source.expected_bytes() < 100e6, source


@pytest.mark.parametrize("name", ["flux2-klein-4b/transformer", "flux2-klein-4b/vae", "qwen3-vl-4b/model"])
def test_expected_bytes_are_near_the_footprint(tiny_models: Path, name: str) -> None:
    model, component = name.split("/")
    source = Source(find_model(model), component, tiny_models / model, "full", on_cpu=True)
    assert source.expected_bytes() == pytest.approx(footprint(load(source)), rel=0.02)


def test_what_needs_digits_keeps_them() -> None:
    types = {name: compute_dtype(spec.component("model"), "bf16", on_cpu=False) for name, spec in singles().items()}
    assert types["birefnet"] == types["clip-vit-l14"] == torch.float16
    assert types["grounding-dino"] == types["sam2.1"] == torch.float32
    assert types["qwen3-vl-4b"] == torch.bfloat16
    assert {compute_dtype(s.component("model"), "full", on_cpu=True) for s in singles().values()} == {torch.float32}


def singles() -> dict[str, Any]:
    return {name: spec for name, spec in load_catalogue().items() if spec.flat}
