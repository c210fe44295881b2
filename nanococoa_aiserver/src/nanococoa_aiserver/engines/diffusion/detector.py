"""Grounding DINO (Liu et al., 2023): the box of what a phrase names, without a fixed list of things."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.diffusion.pixels import fitted
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Box, Rgb

FOUND_FROM = 0.3
"""Score from which a box counts: between 0.35, the authors' own for boxes, and 0.25, theirs for words and the default
of transformers. The phrase comes from an instruction about this very picture, so it is likely to be there."""

LARGEST_ASPECT = 6.0  # the model scales the short side to 800 px and the long one to 1333 at most
MOST_PIXELS = 1333 * 1333  # shown to its processor, which reduces further
LONGEST_PHRASE = 120  # characters
WORKSPACE = 3 << 30  # bytes beside the weights at 800 x 1333 px


@dataclass(frozen=True, slots=True)
class Detection:
    """A box in the picture's pixels and the model's score for it, 0..1."""

    box: Box
    score: float


class _Inputs(NamedTuple):
    tokenizer: Any
    pictures: Any


class GroundingDino:
    """Finds the best box for a phrase."""

    def __init__(
        self,
        host: ModelHost,
        *,
        lane: Lane = "heavy",
        model: str = "grounding-dino",
        found_from: float = FOUND_FROM,
    ) -> None:
        self._host, self._lane, self._model, self._found_from = host, lane, model, found_from

    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Detection | None:
        """The best match of ``phrase`` (English), None when none is good enough."""
        stop()
        text = spelled(phrase)
        if not text:
            return None
        shown = fitted(image, MOST_PIXELS, LARGEST_ASPECT)
        inputs = _Inputs(self._host.tokenizer(self._model), self._host.processor(self._model))
        with self._host.lease(
            self._model,
            ["model"],
            activity=f"{self._model}/find",
            workspace=WORKSPACE,
            lane=self._lane,
            stop=stop,
        ) as loaded:
            scores, boxes = loaded.run(lambda effort: _detected(loaded, inputs, shown.image, text, effort))
        seen = boxes / torch.tensor([shown.across, shown.down] * 2)
        return best(scores, seen, image.shape, self._found_from)


def spelled(phrase: str) -> str:
    """The phrase as the model was trained on it: lower case, one thing, a full stop. Empty when nothing is left."""
    words = re.sub(r"[^\w\s'-]+", " ", phrase.lower()).split()
    return " ".join(words)[:LONGEST_PHRASE].strip() + "." if words else ""


def best(scores: Tensor, boxes: Tensor, picture: tuple[int, ...], found_from: float) -> Detection | None:
    """The highest of ``scores`` (queries) with its box, when it reaches ``found_from`` and shows in the picture.

    ``boxes`` (queries, 4) are middle x, middle y, width, height as shares of the picture's own sides.
    """
    for query in torch.argsort(scores, descending=True, stable=True).tolist():
        if scores[query] < found_from:
            return None
        box = _in_pixels(boxes[query].tolist(), picture)
        if box is not None:
            return Detection(box, round(float(scores[query]), 4))
    return None


def _in_pixels(box: list[float], picture: tuple[int, ...]) -> Box | None:
    height, width = picture[:2]
    x, y, across, down = box
    left, top = max(0, round((x - across / 2) * width)), max(0, round((y - down / 2) * height))
    right, bottom = min(width, round((x + across / 2) * width)), min(height, round((y + down / 2) * height))
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _detected(loaded: Loaded, inputs: _Inputs, image: Rgb, text: str, effort: Effort) -> tuple[Tensor, Tensor]:
    """Scores (queries) and boxes (queries, 4) on the CPU; from a smaller picture when memory is short."""
    size = {"shortest_edge": 400, "longest_edge": 666} if effort.halved else None
    given = inputs.pictures(images=[Image.fromarray(image)], return_tensors="pt", **({"size": size} if size else {}))
    words = inputs.tokenizer(text, return_tensors="pt", return_token_type_ids=True)
    floats = {"pixel_values": given["pixel_values"].to(loaded.device, loaded.dtype)}
    whole = {"pixel_mask": given["pixel_mask"], **{name: words[name] for name in words}}
    with torch.inference_mode():
        found = loaded.modules["model"](**floats, **{name: tensor.to(loaded.device) for name, tensor in whole.items()})
        scores = found.logits[0].float().sigmoid().amax(-1)
        return scores.cpu(), found.pred_boxes[0].float().cpu()
