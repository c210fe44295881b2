"""CLIP ViT-L/14: both towers, the tokenizer and the picture processor's settings. The Korean one has the same shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import CLIPConfig, CLIPModel

from nanococoa_aiserver.engines.diffusion.tiny.encoders import clip_text_shape
from nanococoa_aiserver.engines.diffusion.tiny.files import write_json
from nanococoa_aiserver.engines.diffusion.tiny.text import clip_tokenizer

_SIDE = 32
_MEAN, _DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def save_clip(folder: Path) -> None:
    tokenizer = clip_tokenizer()
    CLIPModel(_config(tokenizer)).save_pretrained(folder)
    _save_inputs(folder, tokenizer)


def save_koclip(folder: Path) -> None:
    """The Korean one's weights are a pickle on the hub."""
    tokenizer = clip_tokenizer()
    model = CLIPModel(_config(tokenizer))
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    model.config.architectures = ["CLIPModel"]
    model.config.save_pretrained(folder)
    _save_inputs(folder, tokenizer)


def _save_inputs(folder: Path, tokenizer: Any) -> None:
    tokenizer.save_pretrained(folder)
    write_json(folder / "preprocessor_config.json", _processor())


def _config(tokenizer: Any) -> Any:
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": _SIDE,
        "patch_size": 8,
        "projection_dim": 32,
    }
    return CLIPConfig(text_config=clip_text_shape(tokenizer), vision_config=vision, projection_dim=32)


def _processor() -> dict[str, Any]:
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": _SIDE},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": _SIDE, "width": _SIDE},
        "do_convert_rgb": True,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(_MEAN),
        "image_std": list(_DEVIATION),
    }
