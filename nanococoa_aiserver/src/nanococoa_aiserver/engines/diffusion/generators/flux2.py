"""FLUX.2, klein and dev. Pictures are tokens like words, so editing and references need no weights of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from diffusers import Flux2KleinInpaintPipeline, Flux2KleinPipeline, Flux2Pipeline
from diffusers.pipelines.flux2.pipeline_flux2 import format_input

from nanococoa_aiserver.engines.diffusion.generators.canvas import Framing
from nanococoa_aiserver.engines.diffusion.generators.embeddings import Embeddings
from nanococoa_aiserver.engines.diffusion.generators.latent import Call, LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.lengths import chat_tokens
from nanococoa_aiserver.engines.diffusion.generators.pipelines import picture
from nanococoa_aiserver.engines.diffusion.generators.repainting import started
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint, Watch
from nanococoa_aiserver.imaging.types import Rgb

KLEIN_LAYERS = (9, 18, 27)
"""Of Qwen3: the hidden states that klein was trained to read, side by side."""
DEV_LAYERS = (10, 20, 30)
"""Of Mistral Small, for dev."""


class Flux2(LatentDiffusion):
    """dev: it has an editing pipeline and none that repaints, so it repaints by editing the picture itself."""

    paints = encodes = Flux2Pipeline
    width = 6144
    layers = DEV_LAYERS

    def edit(self, brief: Brief, images: Sequence[Rgb], watch: Watch) -> Rgb:
        height, width = images[0].shape[:2]
        framing = Framing.of(width, height, self.canvas)
        return framing.back(self.run(self.editing(images, framing), brief, watch))

    def editing(self, images: Sequence[Rgb], framing: Framing) -> Call:
        """``images``: the picture that lies on ``framing``, then its references, each in its own shape."""

        def inputs(size: tuple[int, int]) -> dict[str, Any]:
            pictures = [replace(framing, canvas=size).onto(images[0]), *map(self.reference, images[1:])]
            return {"image": [picture(one) for one in pictures]}

        return Call("edit", self.able(self.paints), framing.canvas, inputs, len(images))

    def reference(self, image: Rgb) -> Rgb:
        """A reference within the canvas' area."""
        return Framing.of(image.shape[1], image.shape[0], self.canvas).onto(image)

    def repainting(self, task: Repaint, framing: Framing) -> Call:
        return self.editing([task.image, *task.references], framing)

    def encoded(self, pipe: Any, text: str, summary: str, device: torch.device) -> Embeddings:
        words, _ = pipe.encode_prompt(
            text, device=device, max_sequence_length=self.spec.text_limit, text_encoder_out_layers=self.layers
        )
        return {"prompt_embeds": words}

    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        messages = format_input(prompts=[brief.text])[0]
        ids = self.host.tokenizer(self.model).apply_chat_template(messages, tokenize=True, return_dict=True)
        return [("prompt_cut", "Mistral", int(np.size(ids["input_ids"])), self.spec.text_limit)]

    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        """The pipeline leaves tokens in rows: back to a map, out of the normalisation, four channels to a 2 × 2."""
        cell = 2 ** len(vae.config.block_out_channels)
        tokens = latents.unflatten(1, (size[1] // cell, size[0] // cell)).permute(0, 3, 1, 2)
        mean, variance = (value.view(1, -1, 1, 1).to(tokens) for value in (vae.bn.running_mean, vae.bn.running_var))
        spread = torch.sqrt(variance + vae.config.batch_norm_eps)
        return Flux2Pipeline._unpatchify_latents(tokens * spread + mean)


class Flux2Klein(Flux2):
    paints = encodes = Flux2KleinPipeline
    inpaints = Flux2KleinInpaintPipeline
    width = 3072
    layers = KLEIN_LAYERS

    def config(self) -> dict[str, Any]:
        """The pipelines would take a distilled model for one that is guided by a second, negative run."""
        return {"is_distilled": self.spec.distilled}

    def repainting(self, task: Repaint, framing: Framing) -> Call:
        """The inpainting pipeline shows the model the picture itself as a reference, and more of them on request.

        Without a mask all of the picture is repainted: there is no pipeline of FLUX.2 that only adds noise to it.
        """
        whole = task if task.mask is not None else replace(task, mask=np.ones(task.image.shape[:2], np.float32))

        def inputs(size: tuple[int, int]) -> dict[str, Any]:
            arguments = started(whole, replace(framing, canvas=size))
            if task.references:
                arguments["image_reference"] = [picture(self.reference(one)) for one in task.references]
            return arguments

        return Call("repaint", Flux2KleinInpaintPipeline, framing.canvas, inputs, 1 + len(task.references))

    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        count = chat_tokens(self.host.tokenizer(self.model), brief.text, thinking=False)
        return [("prompt_cut", "Qwen3", count, self.spec.text_limit)]

    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        """klein's pipelines have done it already."""
        return latents
