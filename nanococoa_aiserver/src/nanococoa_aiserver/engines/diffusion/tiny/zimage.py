"""Z-Image-Turbo: one stream of text and picture tokens, Qwen3 as its text encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
from transformers import Qwen3ForCausalLM

from nanococoa_aiserver.engines.diffusion.tiny.autoencoders import LATENTS, autoencoder
from nanococoa_aiserver.engines.diffusion.tiny.encoders import qwen3_config
from nanococoa_aiserver.engines.diffusion.tiny.files import name_in_index
from nanococoa_aiserver.engines.diffusion.tiny.text import qwen_tokenizer

_WIDTH = 16


def save_zimage(folder: Path) -> None:
    tokenizer = qwen_tokenizer()
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(scaling=0.3611, shift=0.1159),
        text_encoder=Qwen3ForCausalLM(qwen3_config(len(tokenizer), width=_WIDTH, layers=2)),
        tokenizer=tokenizer,
        transformer=_transformer(),
    ).to(torch.bfloat16).save_pretrained(folder)
    name_in_index(folder, "text_encoder", "Qwen3Model")  # the hub's files have the language model's names


def _transformer() -> Any:
    return ZImageTransformer2DModel(
        in_channels=LATENTS,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=_WIDTH,
        axes_dims=[4, 4, 8],
    )
