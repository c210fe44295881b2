"""FLUX.2: klein (distilled, Qwen3 as its text encoder) and dev (Mistral Small)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Pipeline,
    Flux2Transformer2DModel,
)
from transformers import Mistral3Config, Mistral3ForConditionalGeneration, Qwen3ForCausalLM

from nanococoa_aiserver.engines.diffusion.tiny.encoders import qwen3_config
from nanococoa_aiserver.engines.diffusion.tiny.files import name_in_index, write_json
from nanococoa_aiserver.engines.diffusion.tiny.text import mistral_tokenizer, qwen_tokenizer

_LATENTS = 4
# The prompt's embedding is three layers' hidden states side by side: 9, 18, 27 in klein and 10, 20, 30 in dev.
_WIDTH, _KLEIN_LAYERS, _DEV_LAYERS = 16, 28, 31


def save_klein(folder: Path) -> None:
    tokenizer = qwen_tokenizer()
    config = qwen3_config(len(tokenizer), width=_WIDTH, layers=_KLEIN_LAYERS)
    Flux2KleinPipeline(
        scheduler=_scheduler(),
        vae=_autoencoder(),
        text_encoder=Qwen3ForCausalLM(config),
        tokenizer=tokenizer,
        transformer=klein_transformer(),
        is_distilled=True,
    ).to(torch.bfloat16).save_pretrained(folder)


def save_dev(folder: Path) -> None:
    tokenizer = mistral_tokenizer()
    Flux2Pipeline(
        scheduler=_scheduler(),
        vae=_autoencoder(),
        text_encoder=Mistral3ForConditionalGeneration(_mistral(tokenizer)),
        tokenizer=tokenizer,
        transformer=_transformer(guidance_embeds=True),
    ).to(torch.bfloat16).save_pretrained(folder)
    _name_pixtral(folder)


def klein_transformer() -> Any:
    return _transformer(guidance_embeds=False)


def _transformer(*, guidance_embeds: bool) -> Any:
    return Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * _LATENTS,  # 2 x 2 latent pixels make one token
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * _WIDTH,
        timestep_guidance_channels=256,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guidance_embeds,
    )


def _autoencoder() -> Any:
    """Eight pixels to one latent pixel, as the real one."""
    return AutoencoderKLFlux2(
        sample_size=32,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=_LATENTS,
        norm_num_groups=1,
    )


def _scheduler() -> Any:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)


def _mistral(tokenizer: Any) -> Any:
    text = {
        "model_type": "mistral",
        "vocab_size": len(tokenizer),
        "hidden_size": _WIDTH,
        "intermediate_size": 16,
        "num_hidden_layers": _DEV_LAYERS,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
        "max_position_embeddings": 2048,
    }
    vision = {
        "model_type": "pixtral",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "head_dim": 8,
        "image_size": 56,
        "patch_size": 14,
    }
    image_token = tokenizer.convert_tokens_to_ids("[IMG]")
    return Mistral3Config(text_config=text, vision_config=vision, image_token_index=image_token)


def _name_pixtral(folder: Path) -> None:
    """On the hub the tokenizer is part of a picture processor, which can't be built without torchvision."""
    name_in_index(folder, "tokenizer", "PixtralProcessor")
    picture = {"image_processor_type": "PixtralImageProcessor", "patch_size": 14, "size": {"longest_edge": 56}}
    tokens = {"image_token": "[IMG]", "image_break_token": "[IMG_BREAK]", "image_end_token": "[IMG_END]"}
    processor = {"processor_class": "PixtralProcessor", "patch_size": 14, "spatial_merge_size": 2} | tokens
    write_json(folder / "tokenizer" / "processor_config.json", processor | {"image_processor": picture})
