"""Qwen-VL's inputs without torchvision: tokenizer, PIL picture processor, and the ChatML written out here.

``AutoProcessor`` would want torchvision for videos. The picture's placeholder is expanded to one token per merged
patch, and ``mm_token_type_ids`` marks them, as the model's own processor does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from nanococoa_aiserver.engines.diffusion.pixels import fitted
from nanococoa_aiserver.imaging.types import Rgb

IMAGE = "<|image_pad|>"
LARGEST_ASPECT = 20.0  # the model's own processor refuses more than 200, and a sliver of pixels shows nothing
TURN = "<|im_start|>{role}\n{content}<|im_end|>\n"


@dataclass(frozen=True, slots=True)
class QwenInputs:
    """Turns a question and a picture into tensors. ``ends`` are the tokens that end an answer."""

    tokenizer: Any
    pictures: Any

    @property
    def ends(self) -> list[int]:
        return [self.tokenizer.convert_tokens_to_ids(token) for token in ("<|im_end|>", "<|endoftext|>")]

    def encoded(self, system: str, question: str, image: Rgb | None, pixels: int) -> dict[str, Tensor]:
        """``input_ids``, ``attention_mask``, ``mm_token_type_ids`` (1, length) and the picture's patches, if any.

        The picture is shown at ``pixels`` at most. Marks of the chat's own format in the texts are taken out.
        """
        seen = {} if image is None else self._patches(image, pixels)
        places = sum(int(grid.prod()) // self.pictures.merge_size**2 for grid in seen.get("image_grid_thw", ()))
        shown = f"<|vision_start|>{IMAGE * places}<|vision_end|>" if places else ""
        text = TURN.format(role="system", content=self.disarmed(system))
        text += TURN.format(role="user", content=shown + self.disarmed(question))
        tokens = self.tokenizer(text + "<|im_start|>assistant\n", return_tensors="pt", add_special_tokens=False)
        ids = tokens["input_ids"]
        marks = (ids == self.tokenizer.convert_tokens_to_ids(IMAGE)).long()
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "mm_token_type_ids": marks, **seen}

    def disarmed(self, text: str) -> str:
        """``text`` without any of the tokenizer's special tokens, also none that taking another out would form."""
        while found := [token for token in self.tokenizer.get_added_vocab() if token in text]:
            for token in found:
                text = text.replace(token, "")
        return text

    def text(self, tokens: Tensor) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def _patches(self, image: Rgb, pixels: int) -> dict[str, Tensor]:
        shown = fitted(image, pixels, LARGEST_ASPECT).image
        seen = self.pictures(images=[Image.fromarray(shown)], return_tensors="pt")
        return {"pixel_values": seen["pixel_values"], "image_grid_thw": seen["image_grid_thw"]}
