"""Grounding DINO: Swin looks at the picture, BERT reads the phrase, queries find what it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import BertConfig, GroundingDinoConfig, GroundingDinoForObjectDetection, SwinConfig

from nanococoa_aiserver.engines.diffusion.tiny.files import write_json
from nanococoa_aiserver.engines.diffusion.tiny.text import bert_tokenizer


def save_grounding_dino(folder: Path) -> None:
    tokenizer = bert_tokenizer()
    GroundingDinoForObjectDetection(_config(len(tokenizer))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_json(folder / "preprocessor_config.json", _processor())


def _config(vocabulary: int) -> Any:
    width, heads = {"d_model": 32}, {"encoder_attention_heads": 4, "decoder_attention_heads": 4}
    layers = {"encoder_layers": 1, "decoder_layers": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    return GroundingDinoConfig(
        backbone_config=_swin(), text_config=_bert(vocabulary), num_queries=8, **width, **heads, **layers
    )


def _swin() -> Any:
    return SwinConfig(
        image_size=64,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_indices=[2, 3, 4],
    )


def _bert(vocabulary: int) -> Any:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
    )


def _processor() -> dict[str, Any]:
    return {
        "image_processor_type": "GroundingDinoImageProcessor",
        "processor_class": "GroundingDinoProcessor",
        "format": "coco_detection",
        "do_resize": True,
        "size": {"shortest_edge": 96, "longest_edge": 160},  # a square of 64 px would be one value per channel
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
        "do_pad": True,
    }
