"""Text encoders that several generators share: CLIP's text tower, T5 and Qwen3."""

from __future__ import annotations

from typing import Any

from transformers import Qwen3Config, T5Config, T5EncoderModel


def clip_text_shape(tokenizer: Any, width: int = 32) -> dict[str, Any]:
    """The configuration of a CLIP text tower ``width`` channels wide."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": width,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": width,
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def t5_encoder(tokenizer: Any, width: int = 32) -> Any:
    """T5 v1.1's encoder: gated GELU."""
    shape = {"d_model": width, "d_ff": 64, "d_kv": 8, "num_layers": 2, "num_heads": 4}
    return T5EncoderModel(T5Config(vocab_size=len(tokenizer), feed_forward_proj="gated-gelu", **shape))


def qwen3_config(vocabulary: int, *, width: int, layers: int) -> Any:
    return Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
    )
