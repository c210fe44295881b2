"""Weights in 4 bits (NormalFloat4: Dettmers et al., 2023, QLoRA) by bitsandbytes, made in host memory.

The libraries' own loading puts 4 bit weights straight onto the card, and diffusers' refuses without one. Here they are
made where every other component's are, so that the residency moves them like any other.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

LEFT_AS_THEY_ARE = ("lm_head",)
"""A language model's last layer decides between words: 4 bits there cost the most and save little."""


def quantize(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Every linear layer of ``module`` in 4 bits, computing in ``dtype``; changes ``module`` and gives it back."""
    linear = [(name, part) for name, part in module.named_modules() if isinstance(part, nn.Linear)]
    for name, part in linear:
        if not name.endswith(LEFT_AS_THEY_ARE):
            parent, _, last = name.rpartition(".")
            setattr(module.get_submodule(parent), last, _in_four_bits(part, dtype))
    return module


def _in_four_bits(layer: nn.Linear, dtype: torch.dtype) -> nn.Module:
    import bitsandbytes

    options: dict[str, Any] = {"bias": layer.bias is not None, "compute_dtype": dtype, "quant_type": "nf4"}
    small = bitsandbytes.nn.Linear4bit(layer.in_features, layer.out_features, device="meta", **options)
    weight = bitsandbytes.nn.Params4bit(layer.weight.data, requires_grad=False, quant_type="nf4", module=small)
    small.weight = weight.to("cpu")  # quantizes
    small.bias = layer.bias
    small.support_avx512bf16_for_cpu = False  # a processor's forward would repack the master's numbers in place
    quantized: nn.Module = small.eval()
    return quantized
