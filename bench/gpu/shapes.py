"""The published architectures, built without weights: the numbers of the hub's ``config.json`` files.

``tests/diffusion/test_bench_gpu.py`` holds their parameters against the catalogue's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import diffusers
import transformers
from torch import nn

from nanococoa_aiserver.engines.diffusion.birefnet.architecture import architecture

Build: TypeAlias = Callable[[], nn.Module]

KLEIN = {
    "num_layers": 5,
    "num_single_layers": 20,
    "num_attention_heads": 24,
    "joint_attention_dim": 7680,
    "guidance_embeds": False,
}
AUTOENCODER = {
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "latent_channels": 16,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
}
T5_XXL = {
    "vocab_size": 32128,
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}
CLIP_L_TEXT = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
}
CLIP_L_VISION = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 224,
    "patch_size": 14,
    "projection_dim": 768,
}
QWEN3_4B = {
    "vocab_size": 151936,
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "tie_word_embeddings": True,
}
QWEN3_8B = QWEN3_4B | {"hidden_size": 4096, "intermediate_size": 12288, "tie_word_embeddings": False}
QWEN3_ROPE = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True}
QWEN3_VISION = {"num_heads": 16, "patch_size": 16, "num_position_embeddings": 2304}
QWEN3_4B_VISION = QWEN3_VISION | {
    "depth": 24,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "out_hidden_size": 2560,
    "deepstack_visual_indexes": [5, 11, 17],
}
QWEN3_8B_VISION = QWEN3_VISION | {
    "depth": 27,
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "out_hidden_size": 4096,
    "deepstack_visual_indexes": [8, 16, 24],
}
QWEN2_7B = {
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
}
QWEN2_VISION = {"depth": 32, "embed_dim": 1280, "hidden_size": 3584, "num_heads": 16, "mlp_ratio": 4}

MISTRAL_SMALL = {
    "model_type": "mistral",
    "vocab_size": 131072,
    "hidden_size": 5120,
    "intermediate_size": 32768,
    "num_hidden_layers": 40,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
}
PIXTRAL = {
    "model_type": "pixtral",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 1540,
    "patch_size": 14,
}


def published(marks: Mapping[str, int]) -> dict[str, Build]:
    """By ``<model>/<component>``. ``marks`` are the tokenizer's numbers for a picture's place in a text."""
    return {**_flux2(), **_flux1(), **_zimage(), **_qwen_vl(marks), **_small()}


def _flux2() -> dict[str, Build]:
    return {
        "flux2-klein-4b/transformer": lambda: diffusers.Flux2Transformer2DModel(**KLEIN),
        "flux2-klein-4b/vae": lambda: diffusers.AutoencoderKLFlux2(),
        "flux2-klein-4b/text_encoder": lambda: transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**QWEN3_4B)),
        "flux2-dev/transformer": lambda: diffusers.Flux2Transformer2DModel(),
        "flux2-dev/vae": lambda: diffusers.AutoencoderKLFlux2(),
        "flux2-dev/text_encoder": lambda: transformers.Mistral3ForConditionalGeneration(
            transformers.Mistral3Config(text_config=MISTRAL_SMALL, vision_config=PIXTRAL, tie_word_embeddings=False)
        ),
    }


def _flux1() -> dict[str, Build]:
    def parts(model: str, guidance_embeds: bool) -> dict[str, Build]:
        return {
            f"{model}/transformer": lambda: diffusers.FluxTransformer2DModel(guidance_embeds=guidance_embeds),
            f"{model}/vae": lambda: diffusers.AutoencoderKL(**AUTOENCODER),
            f"{model}/text_encoder": lambda: transformers.CLIPTextModel(transformers.CLIPTextConfig(**CLIP_L_TEXT)),
            f"{model}/text_encoder_2": lambda: transformers.T5EncoderModel(transformers.T5Config(**T5_XXL)),
        }

    return parts("flux1-schnell", False) | parts("flux1-dev", True)


def _zimage() -> dict[str, Build]:
    return {
        "z-image-turbo/transformer": lambda: diffusers.ZImageTransformer2DModel(),
        "z-image-turbo/vae": lambda: diffusers.AutoencoderKL(**AUTOENCODER),
        "z-image-turbo/text_encoder": lambda: transformers.Qwen3Model(transformers.Qwen3Config(**QWEN3_4B)),
    }


def _qwen_vl(marks: Mapping[str, int]) -> dict[str, Build]:
    def qwen3(text: dict[str, Any], vision: dict[str, Any]) -> Build:
        config = {"text_config": text | {"rope_parameters": QWEN3_ROPE}, "vision_config": vision}
        tied = {"tie_word_embeddings": text["tie_word_embeddings"]}
        return lambda: transformers.Qwen3VLForConditionalGeneration(
            transformers.Qwen3VLConfig(**config, **tied, **marks)
        )

    return {
        "qwen3-vl-4b/model": qwen3(QWEN3_4B, QWEN3_4B_VISION),
        "qwen3-vl-8b/model": qwen3(QWEN3_8B, QWEN3_8B_VISION),
        "qwen2-vl-7b/model": lambda: transformers.Qwen2VLForConditionalGeneration(
            transformers.Qwen2VLConfig(
                text_config=QWEN2_7B, vision_config=QWEN2_VISION, tie_word_embeddings=False, **marks
            )
        ),
    }


def _small() -> dict[str, Build]:
    return {
        "birefnet/model": lambda: architecture().BiRefNet(architecture().BiRefNetConfig()),
        "clip-vit-l14/model": lambda: transformers.CLIPModel(
            transformers.CLIPConfig(text_config=CLIP_L_TEXT, vision_config=CLIP_L_VISION, projection_dim=768)
        ),
    }
