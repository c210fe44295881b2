"""SAM 2.1 as the hub has it: the video model, of which a single picture needs the encoder and the mask decoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import Sam2VideoConfig, Sam2VideoModel

from nanococoa_aiserver.engines.diffusion.tiny.files import write_json

_SIDE = 128
_WIDTH = 32


def save_sam(folder: Path) -> None:
    Sam2VideoModel(_config()).save_pretrained(folder)
    write_json(folder / "preprocessor_config.json", _processor())


def _config() -> Any:
    return Sam2VideoConfig(
        vision_config=_vision(),
        prompt_encoder_config={"hidden_size": _WIDTH, "image_size": _SIDE, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": _WIDTH,
            "mlp_dim": 32,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
        image_size=_SIDE,
        **_memory(),
    )


def _vision() -> dict[str, Any]:
    """Hiera. Its feature maps are a quarter, an eighth and a sixteenth of the picture."""
    hiera = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "image_size": [_SIDE, _SIDE],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2],
        "global_attention_blocks": [3],
    }
    return {
        "model_type": "sam2_vision_model",
        "backbone_config": hiera,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[_SIDE // part, _SIDE // part] for part in (4, 8, 16)],
        "fpn_hidden_size": _WIDTH,
    }


def _memory() -> dict[str, Any]:
    """What videos need; a picture leaves it unused."""
    return {
        "memory_attention_hidden_size": _WIDTH,
        "memory_attention_num_layers": 1,
        "memory_attention_feed_forward_hidden_size": 32,
        "memory_attention_rope_feat_sizes": [_SIDE // 16, _SIDE // 16],
        "memory_encoder_hidden_size": _WIDTH,
        "memory_encoder_output_channels": 8,
        "mask_downsampler_embed_dim": _WIDTH,
        "memory_fuser_num_layers": 1,
        "memory_fuser_embed_dim": _WIDTH,
        "memory_fuser_intermediate_dim": 32,
    }


def _processor() -> dict[str, Any]:
    return {
        "image_processor_type": "Sam2ImageProcessorFast",
        "processor_class": "Sam2VideoProcessor",
        "do_resize": True,
        "size": {"height": _SIDE, "width": _SIDE},
        "mask_size": {"height": _SIDE // 4, "width": _SIDE // 4},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
