"""How many bytes a module takes on the device: every parameter and buffer, exactly, each shared one once.

``get_memory_footprint()`` of the libraries is wrong for quantized weights: they count the shape that a tensor subclass
pretends to have. Here the plain tensors inside are counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from torch import Tensor, nn

from nanococoa_aiserver.gpu.tensors import parts


def footprint(module: nn.Module) -> int:
    """Bytes of all weights and buffers of ``module``, as ``Device.upload`` would allocate them."""
    return sum(tensor_bytes(tensor) for tensor in distinct_tensors(module))


def tensor_bytes(tensor: Tensor) -> int:
    return sum(part.numel() * part.element_size() for part in parts(tensor))


def distinct_tensors(module: nn.Module) -> Iterator[Tensor]:
    """Parameters and buffers in the order of the module tree, tied ones once."""
    seen = set()
    for owner in module.modules():
        for tensor in (*owner._parameters.values(), *owner._buffers.values()):
            if tensor is not None and (key := identity(tensor)) not in seen:
                seen.add(key)
                yield tensor


def identity(tensor: Tensor) -> Hashable:
    """Equal for tensors that are one in memory: the same bytes seen in the same shape, tied by object or by storage."""
    return tuple(
        (part.untyped_storage()._cdata, part.storage_offset(), part.shape, part.stride(), part.dtype)
        for part in parts(tensor)
    )
