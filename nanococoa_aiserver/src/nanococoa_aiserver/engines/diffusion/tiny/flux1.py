"""FLUX.1 schnell and dev: CLIP and T5 as text encoders; dev is told how strongly to follow the prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from transformers import CLIPTextConfig, CLIPTextModel

from nanococoa_aiserver.engines.diffusion.tiny.autoencoders import LATENTS, autoencoder
from nanococoa_aiserver.engines.diffusion.tiny.encoders import clip_text_shape, t5_encoder
from nanococoa_aiserver.engines.diffusion.tiny.text import clip_tokenizer, t5_tokenizer


def save_schnell(folder: Path) -> None:
    _save(folder, guidance_embeds=False, scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0))


def save_dev(folder: Path) -> None:
    shifting = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    _save(folder, guidance_embeds=True, scheduler=shifting)


def _save(folder: Path, *, guidance_embeds: bool, scheduler: Any) -> None:
    tokenizer, tokenizer_2 = clip_tokenizer(), t5_tokenizer()
    FluxPipeline(
        scheduler=scheduler,
        vae=autoencoder(scaling=0.3611, shift=0.1159),
        text_encoder=CLIPTextModel(CLIPTextConfig(**clip_text_shape(tokenizer))),
        tokenizer=tokenizer,
        text_encoder_2=t5_encoder(tokenizer_2),
        tokenizer_2=tokenizer_2,
        transformer=_transformer(guidance_embeds),
    ).to(torch.bfloat16).save_pretrained(folder)


def _transformer(guidance_embeds: bool) -> Any:
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * LATENTS,  # 2 x 2 latent pixels make one token
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=guidance_embeds,
    )
