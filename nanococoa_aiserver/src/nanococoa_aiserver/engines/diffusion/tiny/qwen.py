"""Qwen3-VL and Qwen2-VL: the model, the tokenizer with its chat template, the picture processor's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

from nanococoa_aiserver.engines.diffusion.tiny.files import write_json
from nanococoa_aiserver.engines.diffusion.tiny.text import qwen_tokenizer

_MERGE = 2
_MOST_TOKENS = 64
"""Of a picture: a tiny model's answer is to take a moment, whatever the photo's size."""


def save_qwen3_vl_4b(folder: Path) -> None:
    _save_qwen3_vl(folder, tied=True)


def save_qwen3_vl_8b(folder: Path) -> None:
    _save_qwen3_vl(folder, tied=False)


def save_qwen2_vl(folder: Path) -> None:
    tokenizer = qwen_tokenizer()
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 4, "mlp_ratio": 2, "patch_size": 14}
    text = _text(tokenizer) | {"rope_parameters": _rope(1e6, [1, 1, 2])}
    config = Qwen2VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **_marks(tokenizer))
    _save(folder, Qwen2VLForConditionalGeneration(config), tokenizer)
    edges = {"min_pixels": 4 * 28**2, "max_pixels": _MOST_TOKENS * 28**2}
    write_json(folder / "preprocessor_config.json", _processor("Qwen2VLProcessor", 14) | edges)


def _save_qwen3_vl(folder: Path, *, tied: bool) -> None:
    tokenizer = qwen_tokenizer()
    rope = _rope(5e6, [2, 1, 1]) | {"mrope_interleaved": True}
    text = _text(tokenizer) | {"head_dim": 8, "rope_parameters": rope, "tie_word_embeddings": tied}
    config = Qwen3VLConfig(
        text_config=text, vision_config=_qwen3_vision(), tie_word_embeddings=tied, **_marks(tokenizer)
    )
    _save(folder, Qwen3VLForConditionalGeneration(config), tokenizer)
    edges = {"size": {"shortest_edge": 4 * 32**2, "longest_edge": _MOST_TOKENS * 32**2}}
    write_json(folder / "preprocessor_config.json", _processor("Qwen3VLProcessor", 16) | edges)


def _save(folder: Path, model: Any, tokenizer: Any) -> None:
    model.generation_config = GenerationConfig(**_generation(tokenizer))
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _text(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 32768,
        "initializer_range": 0.5,  # at the usual 0.02 it repeats the last token for ever
        "bos_token_id": tokenizer.convert_tokens_to_ids("<|endoftext|>"),
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _qwen3_vision() -> dict[str, Any]:
    return {
        "depth": 2,
        "hidden_size": 32,
        "out_hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 4,
        "patch_size": 16,
        "spatial_merge_size": _MERGE,
        "temporal_patch_size": 2,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0, 1],
    }


def _rope(theta: float, sections: list[int]) -> dict[str, Any]:
    """``sections``: how many of half a head's channels turn with time, height and width."""
    return {"rope_type": "default", "rope_theta": theta, "mrope_section": sections}


def _marks(tokenizer: Any) -> dict[str, int]:
    number = tokenizer.convert_tokens_to_ids
    return {
        "image_token_id": number("<|image_pad|>"),
        "video_token_id": number("<|video_pad|>"),
        "vision_start_token_id": number("<|vision_start|>"),
        "vision_end_token_id": number("<|vision_end|>"),
    }


def _generation(tokenizer: Any) -> dict[str, Any]:
    """As on the hub: it samples unless told otherwise."""
    return {
        "do_sample": True,
        "temperature": 0.7,
        "top_p": 0.8,
        "top_k": 20,
        "eos_token_id": [tokenizer.eos_token_id, tokenizer.pad_token_id],
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.pad_token_id,
    }


def _processor(processor: str, patch: int) -> dict[str, Any]:
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": processor,
        "patch_size": patch,
        "temporal_patch_size": 2,
        "merge_size": _MERGE,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
