"""CLIPScore (Hessel et al., 2021) in its percent form: how well a picture fits a text, by CLIP or a Korean CLIP.

CLIP reads 77 tokens. A longer text is read in windows of whole words and the cosines are averaged by the windows'
lengths, so that no word is silently left out; a text that fits gives the plain score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from nanococoa_aiserver.engines.diffusion.clip_bands import interpretation
from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.ports import ClipModel, StopCheck
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_client.messages import Locale

MODELS: Mapping[ClipModel, str] = {"openai": "clip-vit-l14", "koclip": "koclip-vit-l14"}
LONGEST_TEXT = 4000  # characters; an ad's prompts have 2000 at most
WORKSPACE = 256 << 20
MOST_WINDOWS = 64
"""A text of nothing but emoji may be this many windows long; one batch of them stays small."""


class Window(NamedTuple):
    """A piece of a text and how many tokens it has, both ends included."""

    text: str
    tokens: int


class ClipScorer:
    """``engines.ports.AlignmentScorer``; each model is leased when it is asked for."""

    def __init__(
        self,
        host: ModelHost,
        *,
        lane: Lane = "heavy",
        models: Mapping[ClipModel, str] = MODELS,
    ) -> None:
        self._host, self._lane, self._models = host, lane, models

    def score(self, image: Rgb, prompt: str, model: ClipModel, stop: StopCheck) -> float:
        """``max(100 x cosine, 0)``, two decimals."""
        stop()
        name = self._models[model]
        tokenizer, pixels = self._host.tokenizer(name), _patches(self._host.processor(name), image)
        with self._host.lease(
            name, ["model"], activity=f"{name}/score", workspace=WORKSPACE, lane=self._lane, stop=stop
        ) as loaded:
            windows = _windows(tokenizer, prompt[:LONGEST_TEXT], _positions(loaded.modules["model"]))
            cosine = loaded.run(lambda effort: _cosine(loaded, tokenizer, pixels, windows, effort))
        return round(max(100 * cosine, 0.0), 2)

    def interpretation(self, score: float, model: ClipModel, locale: Locale) -> str:
        """What ``score`` means for this model, in a sentence."""
        return interpretation(score, model, locale)


def _patches(pictures: Any, image: Rgb) -> Tensor:
    """(1, 3, side, side). The processor keeps the middle square; what lies far outside it is left out beforehand,
    since a sliver's short side would be blown up to 224 pixels and its long side with it."""
    height, width = image.shape[:2]
    short = min(height, width)
    top, left = max(0, height - 2 * short) // 2, max(0, width - 2 * short) // 2
    middle = np.ascontiguousarray(image[top : top + 2 * short, left : left + 2 * short])
    seen: Tensor = pictures(images=[Image.fromarray(middle)], return_tensors="pt")["pixel_values"]
    return seen


def _positions(model: Any) -> int:
    """How many tokens the text tower reads, both ends included."""
    return min(int(model.config.text_config.max_position_embeddings), 77)


def _windows(tokenizer: Any, text: str, positions: int) -> list[Window]:
    """The text in pieces of whole words that fit, each with its number of tokens; one empty piece for no text."""
    pieces = [""]
    for word in text.split():
        for part in _fitting(tokenizer, word, positions):
            joined = f"{pieces[-1]} {part}".strip()
            if _length(tokenizer, joined) <= positions:
                pieces[-1] = joined
            else:
                pieces.append(part)
    return [Window(piece, _length(tokenizer, piece)) for piece in pieces[:MOST_WINDOWS]]


def _fitting(tokenizer: Any, word: str, positions: int) -> list[str]:
    """``word`` itself, or its parts when it is longer than a window (an address, a row of emoji)."""
    if len(word) < 2 or _length(tokenizer, word) <= positions:
        return [word]
    middle = len(word) // 2
    return [*_fitting(tokenizer, word[:middle], positions), *_fitting(tokenizer, word[middle:], positions)]


def _length(tokenizer: Any, text: str) -> int:
    """Tokens with both ends."""
    return len(tokenizer(text, verbose=False)["input_ids"])


def _cosine(loaded: Loaded, tokenizer: Any, pixels: Tensor, windows: list[Window], effort: Effort) -> float:
    """One window after the other when memory is short, else all at once."""
    model, step = loaded.modules["model"], 1 if effort.halved else len(windows)
    with torch.inference_mode():
        seen = _embedding(model.get_image_features(pixel_values=pixels.to(loaded.device, loaded.dtype)))
        read = [_read(loaded, tokenizer, windows[start : start + step]) for start in range(0, len(windows), step)]
        cosines = functional.cosine_similarity(torch.cat(read), seen)
    weights = torch.tensor([window.tokens for window in windows], dtype=torch.float32)
    return float((cosines.cpu() * weights).sum() / weights.sum())


def _read(loaded: Loaded, tokenizer: Any, windows: list[Window]) -> Tensor:
    """(windows, channels), float32."""
    batch = tokenizer([window.text for window in windows], padding=True, return_tensors="pt").to(loaded.device)
    given = {name: batch[name] for name in ("input_ids", "attention_mask")}
    return _embedding(loaded.modules["model"].get_text_features(**given))


def _embedding(output: Any) -> Tensor:
    """transformers gives the projected embedding as ``pooler_output``, older classes the tensor itself."""
    tensor = output if isinstance(output, Tensor) else output.pooler_output
    return tensor.float()
