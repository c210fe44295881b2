"""What every family does alike: encode the prompt, lease the modules, denoise step by step, decode, and fit sizes.

Denoising and decoding are two calls under the memory ladder, so that running short in the decoder does not cost the
steps; a stopped job ends within one step and is not decoded.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch

from nanococoa_aiserver.engines.diffusion.generators.autoencoder import decoded, tiled
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas, Framing, covered
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache, Embeddings, moved
from nanococoa_aiserver.engines.diffusion.generators.pipelines import assembled
from nanococoa_aiserver.engines.diffusion.generators.repainting import merged, region, started, within
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint, Watch
from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.ports import Notes
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_client.errors import ModelUnavailable

DOES_ALL = "flux2-klein-4b"
"""What to choose where a model cannot do what is asked: it paints, repaints and edits, for commercial use too."""
EDIT_STRENGTH = 0.8
"""How much of a picture may go when a family without an editing pipeline edits it by repainting."""
FOCUS = (0.5, 0.62)
"""Where the standing place is asked for: what is kept of a painting that is longer than the model paints."""
TOKEN_VALUES = 24
"""Values of the transformer's width alive per token in a block: norms, query, key, value, both halves of the gated
feed-forward layer, attention's output and their concatenation."""
DECODER_BYTES = 2560
"""Per pixel in the decoder's last blocks: three maps of 256 and four of 128 channels in bf16."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a pipeline. ``inputs`` gives its pictures for the size (width, height) that is painted at;
    ``pictures`` is how many of that size the model looks at beside the one it paints."""

    operation: str
    pipeline: type
    size: tuple[int, int]
    inputs: Callable[[tuple[int, int]], dict[str, Any]]
    pictures: int = 0

    @property
    def activity(self) -> str:
        """Runs that take about the same memory have one name: by size for the few sizes that are painted, by area
        and pictures for what customers send."""
        if self.operation == "paint":
            return f"paint-{self.size[0]}x{self.size[1]}"
        quarters = math.ceil(self.size[0] * self.size[1] / 2**18)
        return f"{self.operation}-{self.pictures}-{quarters / 4}mp"


class LatentDiffusion(ABC):
    """``Generator`` for one model. A family says which pipelines it has, and how they take words and give latents."""

    paints: ClassVar[type | None] = None
    encodes: ClassVar[type]
    inpaints: ClassVar[type | None] = None
    transforms: ClassVar[type | None] = None
    width: ClassVar[int]

    def __init__(self, host: ModelHost, model: str, cache: EmbeddingCache, canvas: Canvas) -> None:
        self.host, self.model, self.spec = host, model, host.spec(model)
        self.cache, self.canvas = cache, canvas

    # what a generator does

    def paint(self, brief: Brief, size: tuple[int, int], watch: Watch) -> Rgb:
        painted = self.run(
            Call("paint", self.able(self.paints), self.canvas.painted(*size), lambda size: {}), brief, watch
        )
        return covered(painted, *size, FOCUS)

    def repaint(self, brief: Brief, task: Repaint, watch: Watch) -> Rgb:
        if task.strength <= 0 or (task.mask is not None and not task.mask.any()):
            return task.image
        box = region(task)
        framing = Framing.of(box.width, box.height, self.canvas)
        painted = self.run(self.repainting(within(task, box), framing), brief, watch)
        return merged(task.image, framing.back(painted), box, task.mask)

    def edit(self, brief: Brief, images: Sequence[Rgb], watch: Watch) -> Rgb:
        """By repainting: following an instruction and taking references is FLUX.2's."""
        return self.repaint(brief, Repaint(images[0], EDIT_STRENGTH, references=images[1:]), watch)

    def notes(self, brief: Brief) -> Notes:
        cuts = [(key, encoder, tokens, limit) for key, encoder, tokens, limit in self.lengths(brief) if tokens > limit]
        return tuple((key, {"encoder": name, "tokens": count, "limit": limit}) for key, name, count, limit in cuts)

    # what a family says

    @abstractmethod
    def encoded(self, pipe: Any, text: str, summary: str, device: torch.device) -> Embeddings:
        """A prompt by the names of the pipelines' arguments."""

    @abstractmethod
    def lengths(self, brief: Brief) -> list[tuple[str, str, int, int]]:
        """For each text encoder: the note's key, its name, the prompt's tokens, how many it reads."""

    @abstractmethod
    def decodable(self, latents: torch.Tensor, size: tuple[int, int], vae: Any) -> torch.Tensor:
        """The pipelines' latents as the autoencoder takes them."""

    def config(self) -> dict[str, Any]:
        """The pipelines' own settings beside their parts."""
        return {}

    def contrasts(self, brief: Brief) -> bool:
        """Whether the model is run a second time, away from the negative prompt."""
        return self.spec.negative and bool(brief.negative)

    def guided(self, brief: Brief, watch: Watch) -> dict[str, Any]:
        """The pipelines' arguments for the words and how closely to follow them; tensors still on the host."""
        arguments = {**self.embeddings(brief.text, brief.summary, watch), "guidance_scale": self.guidance(brief)}
        if self.contrasts(brief):
            against = self.embeddings(brief.negative, "", watch)
            arguments |= {f"negative_{name}": value for name, value in against.items()}
        return arguments

    def repainting(self, task: Repaint, framing: Framing) -> Call:
        if task.references:
            raise ModelUnavailable("model_without_references", model=self.model, choose=DOES_ALL)
        pipeline = self.able(self.transforms if task.mask is None else self.inpaints)
        return Call("repaint", pipeline, framing.canvas, lambda size: started(task, replace(framing, canvas=size)), 1)

    # how it runs

    def run(self, call: Call, brief: Brief, watch: Watch) -> Rgb:
        """The picture of one call, at the call's size or, where memory was short, half of it."""
        watch.stop()
        words = self.guided(brief, watch)
        with self.host.lease(
            self.model,
            ("transformer", "vae"),
            activity=f"{self.model}/{call.activity}",
            workspace=self.workspace(call.size, call.pictures),
            stop=watch.stop,
            adapters=brief.adapters,
        ) as loaded:
            latents = loaded.run(lambda effort: self._denoised(loaded, call, brief, words, watch, effort))
            return loaded.run(lambda effort: _pixels(loaded, latents, effort))

    def embeddings(self, text: str, summary: str, watch: Watch) -> Embeddings:
        """``text`` as the pipelines take it, on the host, from the cache where it was met before. Adapters change the
        transformer alone, so they make no other prompt."""
        key = (self.model, self.host.precision, text, summary, self.spec.text_limit)
        return self.cache.get(key, lambda: self._encode(text, summary or text, watch))

    def guidance(self, brief: Brief) -> float:
        """The request's guidance, or the model's own where there is none or the model knows only one."""
        return float(self.spec.guidance if self.spec.distilled or brief.guidance is None else brief.guidance)

    def workspace(self, size: tuple[int, int], pictures: int = 0) -> int:
        """Bytes of activations beside the weights: the larger of a transformer block over all tokens (16 × 16 px
        each, the prompt's, and those of ``pictures`` looked at) and the autoencoder over all pixels. An estimate for
        the first time; after it what was measured counts."""
        pixels = size[0] * size[1]
        tokens = pixels // 256 * (1 + pictures) + self.spec.text_limit
        return max(tokens * self.width * TOKEN_VALUES * 2, pixels * DECODER_BYTES)

    def able(self, pipeline: type | None) -> type:
        """``pipeline``, where the family has one. Raises ``ModelUnavailable``."""
        if pipeline is None:
            raise ModelUnavailable("model_only_fills", model=self.model, choose=DOES_ALL)
        return pipeline

    def _encode(self, text: str, summary: str, watch: Watch) -> Embeddings:
        encoders = [name for name in self.spec.components if name.startswith("text_encoder")]
        names = [name.replace("text_encoder", "tokenizer") for name in encoders]
        tokenizers = {name: self.host.tokenizer(self.model, name) for name in names}
        activity, workspace = f"{self.model}/encode", self.workspace((0, 0))
        with (
            self.host.lease(self.model, encoders, activity=activity, workspace=workspace, stop=watch.stop) as loaded,
            torch.no_grad(),
        ):
            pipe = assembled(self.encodes, {**loaded.modules, **tokenizers}, **self.config())
            return loaded.run(lambda effort: self.encoded(pipe, text, summary, loaded.device))

    def _denoised(
        self, loaded: Loaded, call: Call, brief: Brief, words: dict[str, Any], watch: Watch, effort: Effort
    ) -> torch.Tensor:
        size = self.canvas.halved(call.size) if effort.halved else call.size
        parts = {**loaded.modules, "scheduler": self.host.scheduler(self.model)}
        pipe = assembled(call.pipeline, parts, **self.config())
        with tiled(loaded.modules["vae"], effort.tiled):
            latents = pipe(
                **moved(words, loaded.device),
                **call.inputs(size),
                width=size[0],
                height=size[1],
                num_inference_steps=brief.steps or self.spec.steps,
                generator=torch.Generator("cpu").manual_seed(brief.seed),
                callback_on_step_end=_each_step(loaded, watch),
                callback_on_step_end_tensor_inputs=[],
                output_type="latent",
                return_dict=False,
            )[0]
        return self.decodable(latents, size, loaded.modules["vae"])


def _each_step(loaded: Loaded, watch: Watch) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
    """Tell the step, let light work go first, end when the job was stopped."""

    def done(pipe: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        watch.step(index + 1, pipe.num_timesteps)
        loaded.offer()
        return {}

    return done


def _pixels(loaded: Loaded, latents: torch.Tensor, effort: Effort) -> Rgb:
    vae = loaded.modules["vae"]
    with tiled(vae, effort.tiled):
        return decoded(vae, latents)
