"""LoRA adapters in diffusers' layout."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import Flux2KleinPipeline
from peft import LoraConfig, get_peft_model_state_dict

from nanococoa_aiserver.engines.diffusion.tiny.flux2 import klein_transformer


def save_warm_light(folder: Path) -> None:
    """For the tiny klein transformer. Its weights are not zero, so what it does can be seen."""
    transformer = klein_transformer()
    lora = LoraConfig(r=4, lora_alpha=4, init_lora_weights=False, target_modules=["to_q", "to_k", "to_v", "to_out.0"])
    transformer.add_adapter(lora)
    layers = {name: tensor.to(torch.bfloat16) for name, tensor in get_peft_model_state_dict(transformer).items()}
    Flux2KleinPipeline.save_lora_weights(folder, transformer_lora_layers=layers)
