"""FLUX.2: klein (Qwen3 as its text encoder, distilled)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
)
from transformers import Qwen3Config, Qwen3ForCausalLM

from nanococoa_aiserver.engines.diffusion.tiny.text import qwen_tokenizer

_LATENTS = 4
_KLEIN_WIDTH = 16
# The prompt's embedding is the hidden states after layers 9, 18 and 27 side by side.
_KLEIN_LAYERS = 28


def save_klein(folder: Path) -> None:
    tokenizer = qwen_tokenizer()
    Flux2KleinPipeline(
        scheduler=scheduler(),
        vae=autoencoder(),
        text_encoder=_qwen3(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=transformer(3 * _KLEIN_WIDTH, guidance_embeds=False),
        is_distilled=True,
    ).to(torch.bfloat16).save_pretrained(folder)


def transformer(text_width: int, *, guidance_embeds: bool) -> Any:
    """``text_width`` is that of the prompt embeddings."""
    return Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * _LATENTS,  # 2 x 2 latent pixels make one token
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=text_width,
        timestep_guidance_channels=256,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guidance_embeds,
    )


def autoencoder() -> Any:
    """Eight pixels to one latent pixel, as the real one."""
    return AutoencoderKLFlux2(
        sample_size=32,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=_LATENTS,
        norm_num_groups=1,
    )


def scheduler() -> Any:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True, time_shift_type="exponential")


def _qwen3(vocabulary: int) -> Any:
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=vocabulary,
            hidden_size=_KLEIN_WIDTH,
            intermediate_size=16,
            num_hidden_layers=_KLEIN_LAYERS,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
        )
    )
