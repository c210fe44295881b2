"""Stable Diffusion 3 medium: two CLIP towers and T5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from nanococoa_aiserver.engines.diffusion.tiny.autoencoders import LATENTS, autoencoder
from nanococoa_aiserver.engines.diffusion.tiny.encoders import clip_text_shape, t5_encoder
from nanococoa_aiserver.engines.diffusion.tiny.text import clip_tokenizer, t5_tokenizer

_CLIP_WIDTH = 16


def save_sd3_medium(folder: Path) -> None:
    tokenizer, tokenizer_2, tokenizer_3 = clip_tokenizer(), clip_tokenizer(), t5_tokenizer()
    StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(scaling=1.5305, shift=0.0609),
        text_encoder=_clip(tokenizer),
        tokenizer=tokenizer,
        text_encoder_2=_clip(tokenizer_2),
        tokenizer_2=tokenizer_2,
        text_encoder_3=t5_encoder(tokenizer_3, width=2 * _CLIP_WIDTH),
        tokenizer_3=tokenizer_3,
        transformer=_transformer(),
    ).to(torch.bfloat16).save_pretrained(folder)


def _clip(tokenizer: Any) -> Any:
    return CLIPTextModelWithProjection(CLIPTextConfig(**clip_text_shape(tokenizer, _CLIP_WIDTH)))


def _transformer() -> Any:
    """Both CLIP embeddings side by side are at most as wide as T5's, and their pooled halves make one vector."""
    return SD3Transformer2DModel(
        sample_size=32,
        patch_size=2,
        in_channels=LATENTS,
        out_channels=LATENTS,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=2 * _CLIP_WIDTH,
        caption_projection_dim=16,
        pooled_projection_dim=2 * _CLIP_WIDTH,
        pos_embed_max_size=128,
    )
