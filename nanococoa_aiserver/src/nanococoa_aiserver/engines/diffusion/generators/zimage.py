"""Z-Image: a single-stream transformer that reads Qwen3's last but one layer."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import ZImageImg2ImgPipeline, ZImageInpaintPipeline, ZImagePipeline

from nanococoa_aiserver.engines.diffusion.generators.embeddings import Embeddings
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.lengths import chat_tokens
from nanococoa_aiserver.engines.diffusion.generators.request import Brief


class ZImage(LatentDiffusion):
    paints = encodes = ZImagePipeline
    transforms, inpaints = ZImageImg2ImgPipeline, ZImageInpaintPipeline
    width = 3840

    def contrasts(self, brief: Brief) -> bool:
        """The pipelines want a negative prompt whenever they are guided, be it empty; Turbo is not."""
        return self.guidance(brief) > 0

    def encoded(self, pipe: Any, text: str, summary: str, device: torch.device) -> Embeddings:
        words, _ = pipe.encode_prompt(
            text, device=device, do_classifier_free_guidance=False, max_sequence_length=self.spec.text_limit
        )
        return {"prompt_embeds": words}

    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        count = chat_tokens(self.host.tokenizer(self.model), brief.text, thinking=True)
        return [("prompt_cut", "Qwen3", count, self.spec.text_limit)]

    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        return latents / vae.config.scaling_factor + vae.config.shift_factor
