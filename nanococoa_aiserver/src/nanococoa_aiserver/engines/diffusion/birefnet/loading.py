"""BiRefNet from a folder: ``config.json`` and ``model.safetensors`` as ZhengPeng7/BiRefNet publishes them.

nobg's own ``from_origin`` leaves what a file lacks at random values, which would cut out noise; here every tensor must
be found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.initialization import no_init_weights

from nanococoa_client.errors import ModelLoadError

from .architecture import architecture

ORIGINAL_KEY = "bb.patch_embed.proj.weight"  # the original Swin's name; nobg's own files have transformers' names
WEIGHTS, CONFIG = "model.safetensors", "config.json"


def load_birefnet(folder: Path, dtype: torch.dtype) -> nn.Module:
    """The network in ``dtype`` on the CPU, in evaluation, without gradients; (N, 3, H, W) → {"logits": (N, 1, H, W)}.

    Raises ModelLoadError when a file is missing, damaged or another model's.
    """
    return from_origin(folder).to(dtype)


def from_origin(folder: Path) -> nn.Module:
    """As ``load_birefnet``, in float32 whatever the file's type is."""
    nobg = architecture()
    state = _weights(folder / WEIGHTS)
    if ORIGINAL_KEY in state:
        state = nobg._remap_legacy_state_dict(state)
    with no_init_weights():
        model: nn.Module = nobg.BiRefNet(_config(folder / CONFIG, nobg))
    _check(model.state_dict(), state, folder)
    model.load_state_dict(state, strict=False)
    return model.float().eval().requires_grad_(False)


def _config(path: Path, nobg: Any) -> Any:
    """The original's file names no sizes: then they are the published ones, Swin-L at 1024 pixels."""
    try:
        given = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelLoadError("model_files_damaged", model="birefnet", file=str(path)) from error
    known = {field.name for field in fields(nobg.BiRefNetConfig)} - {"nobg_version"}
    values = {name: value for name, value in given.items() if name in known}
    if "depths" in values:
        values["num_layers"] = len(values["depths"])
    return nobg.BiRefNetConfig(**values)


def _weights(path: Path) -> dict[str, Tensor]:
    try:
        state: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelLoadError("model_files_damaged", model="birefnet", file=str(path)) from error
    return state


def _check(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], folder: Path) -> None:
    """What a file has too much does no harm; older ones lack the batch norms' counters, which only training reads."""
    needed = {name: tensor for name, tensor in wanted.items() if not name.endswith("num_batches_tracked")}
    wrong = [name for name, tensor in needed.items() if name not in given or given[name].shape != tensor.shape]
    if wrong:
        raise ModelLoadError("model_other_layout", model="birefnet", folder=str(folder), tensors=", ".join(wrong[:3]))
