"""FLUX.1 schnell and dev: CLIP gives the prompt's direction, T5 its words."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import FluxImg2ImgPipeline, FluxInpaintPipeline, FluxPipeline

from nanococoa_aiserver.engines.diffusion.generators.embeddings import Embeddings
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.lengths import CLIP_LIMIT, tokens
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Watch

AWAY_FROM_NEGATIVE = 2.0
"""``true_cfg_scale`` beside the embedded guidance, which stays: 1 would do nothing, past 4 colours burn."""


class Flux1(LatentDiffusion):
    paints = encodes = FluxPipeline
    transforms, inpaints = FluxImg2ImgPipeline, FluxInpaintPipeline
    width = 3072

    def guided(self, brief: Brief, watch: Watch) -> dict[str, Any]:
        scale = {"true_cfg_scale": AWAY_FROM_NEGATIVE} if self.contrasts(brief) else {}
        return super().guided(brief, watch) | scale

    def encoded(self, pipe: Any, text: str, summary: str, device: torch.device) -> Embeddings:
        limit = self.spec.text_limit
        words, pooled, _ = pipe.encode_prompt(summary, prompt_2=text, device=device, max_sequence_length=limit)
        return {"prompt_embeds": words, "pooled_prompt_embeds": pooled}

    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        clip, t5 = self.host.tokenizer(self.model), self.host.tokenizer(self.model, "tokenizer_2")
        return [
            ("prompt_summary_cut", "CLIP", tokens(clip, brief.summary or brief.text), CLIP_LIMIT),
            ("prompt_cut", "T5", tokens(t5, brief.text), self.spec.text_limit),
        ]

    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        scale = 2 ** (len(vae.config.block_out_channels) - 1)
        unpacked = FluxPipeline._unpack_latents(latents, size[1], size[0], scale)
        return unpacked / vae.config.scaling_factor + vae.config.shift_factor
