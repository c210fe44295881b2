"""BiRefNet as ZhengPeng7/BiRefNet publishes it: the original names of the tensors, half precision, one flat folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from nanococoa_aiserver.engines.diffusion.birefnet.architecture import architecture
from nanococoa_aiserver.engines.diffusion.tiny.files import write_json

_SIZES: dict[str, Any] = {
    "image_size": 64,
    "embed_dim": 8,
    "depths": [1, 1, 1, 1],
    "num_heads": [1, 1, 2, 2],
    "window_size": 4,
    "dec_channels_inter": 8,
}
_SWIN = (
    (r"^bb\.swin\.embeddings\.patch_embeddings\.projection", "bb.patch_embed.proj"),
    (r"^bb\.swin\.embeddings\.norm", "bb.patch_embed.norm"),
    (r"^bb\.swin\.encoder\.layers", "bb.layers"),
    (r"attention\.o_proj", "attn.proj"),
    (r"attention\.relative_position_bias\.", "attn."),
    (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"),
)
_DECODER = {
    "decoder_blocks": "decoder_block",
    "lateral_blocks": "lateral_block",
    "ipt_blks": "ipt_blk",
    "conv_ms_spvn": "conv_ms_spvn_",
    "gdt_convs_pred": "gdt_convs_pred_",
    "gdt_convs_attn": "gdt_convs_attn_",
    "gdt_convs": "gdt_convs_",
}


def save_birefnet(folder: Path) -> None:
    nobg = architecture()
    model = nobg.BiRefNet(nobg.BiRefNetConfig(**_SIZES)).half()
    _tell_dark_from_light(model)
    save_file(_original_names(model.state_dict()), folder / "model.safetensors", metadata={"format": "pt"})
    # The original names no sizes, since its code knows them; these stand in for that code.
    write_json(folder / "config.json", {"architectures": ["BiRefNet"], "bb_pretrained": False} | _SIZES)


def _tell_dark_from_light(model: Any) -> None:
    """Noise has neither an inside nor an outside. So the last layer reads the photo itself: dark pixels are product.

    The photo reaches it through the last injection, two convolutions of which one channel passes the red value on.
    """
    injection, last = model.decoder.ipt_blks[-1], model.decoder.conv_out1[0]
    with torch.no_grad():
        for layer in (injection.conv1, injection.conv_out):
            layer.weight[0], layer.bias[0] = 0, 0
            layer.weight[0, 0, 1, 1] = 1
        last.weight[:, -injection.conv_out.out_channels] = -6
        last.bias[:] = 6


def _original_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """nobg's names undone: query, key and value are one tensor, the decoder's blocks count downwards."""
    named: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if ".q_proj." in name:
            parts = [state[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            named[_original_name(name.replace("attention.q_proj", "attn.qkv"))] = torch.cat(parts)
        elif ".k_proj." not in name and ".v_proj." not in name:
            named[_original_name(name)] = tensor.contiguous()
    return named


def _original_name(name: str) -> str:
    if found := re.match(r"bb\.hidden_states_norms\.stage(\d)\.(.*)", name):
        return f"bb.norm{int(found[1]) - 1}.{found[2]}"
    if found := re.match(r"decoder\.(\w+)\.(\d)\.(.*)", name):
        return _decoder_name(*found.groups())
    for pattern, original in _SWIN:
        name = re.sub(pattern, original, name)
    return name


def _decoder_name(part: str, index: str, rest: str) -> str:
    """The blocks count 4, 3, 2, 1; injections 5 to 1; ``conv_out1`` is the same in both."""
    if part not in _DECODER:
        return f"decoder.{part}.{index}.{rest}"
    first = 5 if part == "ipt_blks" else 4
    return f"decoder.{_DECODER[part]}{first - int(index)}.{rest}"
