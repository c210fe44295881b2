"""Random weights in the published shapes, made on the device: no file, no download, and the arithmetic is the same.

They stand for the time and memory of a model, not for what it paints. Zeros would not do: a card draws less power on
them and clocks higher.
"""

from __future__ import annotations

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn

from bench.gpu.shapes import Build
from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, Storage
from nanococoa_aiserver.engines.diffusion.loading import quantization

SPREAD = 0.02
"""Standard deviation, as these architectures are initialised: activations stay finite."""


def random_module(
    build: Build, component: ComponentSpec, storage: Storage, dtype: torch.dtype, device: torch.device
) -> nn.Module:
    """The component in host memory with random weights in ``dtype``, quantized as the loader would quantize it.

    Only one tensor at a time is on the device, except where the whole is quantized there.
    """
    with init_empty_weights(include_buffers=False):
        module = build()
    quantized = quantization(storage, component) if component.quantizable else None
    _fill(module, dtype, device, kept_on=torch.device("cpu") if quantized is None else device)
    if quantized is not None:
        from torchao.quantization import quantize_

        quantize_(module, quantized.quant_type, _is_quantized)
    return module.to("cpu").eval().requires_grad_(False)


def _is_quantized(module: nn.Module, name: str) -> bool:
    """The libraries leave the head of a language model as it is: it is tied to the embedding or feeds a choice."""
    return isinstance(module, nn.Linear) and not name.endswith("lm_head")


def _fill(module: nn.Module, dtype: torch.dtype, device: torch.device, kept_on: torch.device) -> None:
    generator = torch.Generator(device).manual_seed(0)
    lasting = set(module.state_dict())
    for prefix, owner in module.named_modules():
        for name, parameter in list(owner.named_parameters(recurse=False)):
            values = _values(name, parameter.shape, dtype, device, generator)
            setattr(owner, name, nn.Parameter(values.to(kept_on), requires_grad=False))
        for name, buffer in list(owner.named_buffers(recurse=False)):
            # Tables made in the constructor (rotary frequencies) keep their own type; what a file would hold does not.
            cast = buffer.is_floating_point() and f"{prefix}.{name}".lstrip(".") in lasting
            setattr(owner, name, buffer.to(kept_on, dtype if cast else buffer.dtype))
    if hasattr(module, "tie_weights"):
        module.tie_weights()


def _values(
    name: str, shape: torch.Size, dtype: torch.dtype, device: torch.device, generator: torch.Generator
) -> Tensor:
    """Norms pass their input on, biases are 0, matrices are normal."""
    if len(shape) < 2:
        return torch.full(shape, 1.0 if name.endswith("weight") else 0.0, dtype=dtype, device=device)
    return torch.empty(shape, dtype=dtype, device=device).normal_(0.0, SPREAD, generator=generator)
