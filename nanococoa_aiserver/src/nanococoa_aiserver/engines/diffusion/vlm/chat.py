"""Questions put to a leased Qwen-VL: one lease for as many questions as belong together, stoppable between tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Rgb

from .answers import ANSWER_LIMIT, cleaned
from .inputs import QwenInputs

PIXELS = 768 * 768  # shown of a picture: 576 tokens for Qwen3-VL, 752 for Qwen2-VL
LETTERS_PER_TOKEN = 8  # more than any language has; an answer of spaces or dots may have more
REPETITION_PENALTY = 1.05  # Qwen2-VL's own; greedy answers without one may run in circles
WORKSPACE = 1 << 30  # bytes beside the weights; measured peaks replace it


class QwenChat:
    """A vision-language model on a host."""

    def __init__(self, host: ModelHost, model: str, lane: Lane) -> None:
        self._host, self._model, self._lane = host, model, lane

    @contextmanager
    def open(self, purpose: str, stop: StopCheck) -> Iterator[Dialogue]:
        """A dialogue while the model is leased. ``purpose`` names the activity whose memory is measured."""
        stop()
        inputs = QwenInputs(self._host.tokenizer(self._model), self._host.processor(self._model))
        with self._host.lease(
            self._model,
            ["model"],
            activity=f"{self._model}/{purpose}",
            workspace=WORKSPACE,
            lane=self._lane,
            stop=stop,
        ) as loaded:
            yield Dialogue(loaded, inputs)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Each question stands alone: the model remembers none of the others."""

    loaded: Loaded
    inputs: QwenInputs

    def answer(self, system: str, question: str, image: Rgb | None, tokens: int) -> str:
        """The most likely answer, at most ``tokens`` long, as plain text (empty when there is none).

        Raises whatever the lease's ``stop`` raises, between two tokens.
        """
        answer = self.loaded.run(lambda effort: self._generated(system, question, image, tokens, effort))
        return cleaned(answer, max(ANSWER_LIMIT, LETTERS_PER_TOKEN * tokens))

    def _generated(self, system: str, question: str, image: Rgb | None, tokens: int, effort: Effort) -> str:
        """With a picture of half the pixels when memory is short."""
        given = self.inputs.encoded(system, question, image, PIXELS // (2 if effort.halved else 1))
        model = self.loaded.modules["model"]
        written = model.generate(
            **{name: self._sent(tensor) for name, tensor in given.items()},
            generation_config=self._greedy(tokens),
            stopping_criteria=StoppingCriteriaList([_BetweenTokens(self.loaded.offer)]),
        )
        return self.inputs.text(written[0, given["input_ids"].shape[1] :])

    def _sent(self, tensor: Tensor) -> Tensor:
        floating = tensor.is_floating_point()
        return tensor.to(self.loaded.device, self.loaded.dtype if floating else tensor.dtype)

    def _greedy(self, tokens: int) -> Any:
        """The checkpoint's own settings sample; every one of them is overruled, so that answers repeat."""
        return GenerationConfig(
            do_sample=False,
            num_beams=1,
            temperature=1.0,
            top_p=1.0,
            top_k=50,
            repetition_penalty=REPETITION_PENALTY,
            max_new_tokens=tokens,
            eos_token_id=self.inputs.ends,
            pad_token_id=self.inputs.ends[-1],
        )


class _BetweenTokens(StoppingCriteria):  # type: ignore[misc]
    """Never ends an answer: it gives others their turn, and lets a stop through as an exception."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call

    def __call__(self, input_ids: Tensor, scores: Tensor, **_: Any) -> Tensor:
        self._call()
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
