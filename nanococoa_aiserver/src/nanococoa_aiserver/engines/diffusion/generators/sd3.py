"""Stable Diffusion 3 as the classic fill: two CLIP encoders and T5, guided away from a negative prompt."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import StableDiffusion3InpaintPipeline

from nanococoa_aiserver.engines.diffusion.generators.embeddings import Embeddings
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.lengths import CLIP_LIMIT, tokens
from nanococoa_aiserver.engines.diffusion.generators.request import Brief


class StableDiffusion3(LatentDiffusion):
    """Decoding here adds the shift that the inpainting pipeline's own decoding leaves out (diffusers 0.42)."""

    encodes = inpaints = StableDiffusion3InpaintPipeline
    width = 1536

    def contrasts(self, brief: Brief) -> bool:
        """The pipeline wants a negative prompt whenever it is guided, be it empty."""
        return self.guidance(brief) > 1

    def encoded(self, pipe: Any, text: str, summary: str, device: torch.device) -> Embeddings:
        words, _, pooled, _ = pipe.encode_prompt(
            summary,
            prompt_2=summary,
            prompt_3=text,
            device=device,
            do_classifier_free_guidance=False,
            max_sequence_length=self.spec.text_limit,
        )
        return {"prompt_embeds": words, "pooled_prompt_embeds": pooled}

    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        clip, t5 = self.host.tokenizer(self.model), self.host.tokenizer(self.model, "tokenizer_3")
        return [
            ("prompt_summary_cut", "CLIP", tokens(clip, brief.summary or brief.text), CLIP_LIMIT),
            ("prompt_cut", "T5", tokens(t5, brief.text), self.spec.text_limit),
        ]

    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        return latents / vae.config.scaling_factor + vae.config.shift_factor
