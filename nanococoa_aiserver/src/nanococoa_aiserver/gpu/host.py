"""A component's weights: one read-only master in host memory, and copies of it on the device.

Loading copies the master asynchronously; unloading points the module back to it, so nothing is ever copied back. Whole
tensors are swapped in the module's own dictionaries, never ``.data``, so that quantized ones survive and the module
stays the same object all its life, in host memory, on the device and when its weights are on disk alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import mmap

import torch
from torch import Tensor, nn

from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.footprint import distinct_tensors, identity, tensor_bytes
from nanococoa_aiserver.gpu.tensors import parts, rebuild

_ALIGNMENT = 256
"""Bytes: what CUDA's own allocations are aligned to."""

logger = logging.getLogger(__name__)


class Weights:
    """All parameters and buffers of ``module``, shared ones once. Not thread-safe."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module.eval().requires_grad_(False)
        self._master: list[Tensor] | None = list(distinct_tensors(module))
        self._places = _places(module, self._master)
        self._arena: _PinnedArena | None = None
        self.bytes = sum(map(tensor_bytes, self._master))
        self.on_device = False

    @property
    def in_host(self) -> bool:
        return self._master is not None

    @property
    def pinned(self) -> bool:
        return self._arena is not None

    def pin(self) -> None:
        """Moves the master into page-locked memory, which copies asynchronously and several times as fast.

        Each tensor's old memory is free before the next is copied. Without page-locked memory it stays as it is.
        """
        if self._master is None or self._arena is not None:
            return
        try:
            arena = _PinnedArena(self._master)
        except OSError as error:
            logger.warning("no room to page-lock %d MiB of weights: %s", self.bytes >> 20, error)
            return
        for index, tensor in enumerate(self._master):
            self._master[index] = rebuild(tensor, arena.keep)
            self._point(index, self._master[index])
        self._arena = arena if arena.lock() else None

    def upload(self, device: Device) -> None:
        """Copies the master to the device and points the module to the copies; on failure it stays as it was.

        Even then the copies begun are waited for: their memory is handed out again at once.
        """
        if self._master is None:
            raise RuntimeError("these weights are on disk alone")
        begun: list[Tensor] = []

        def upload(part: Tensor) -> Tensor:
            begun.append(device.upload(part))
            return begun[-1]

        try:
            copies = [rebuild(tensor, upload) for tensor in self._master]
        finally:
            device.synchronize()
        self._point_all(copies)
        self.on_device = True

    def evict(self) -> None:
        """Drops the copies on the device; without a master the weights are then on disk alone."""
        self.on_device = False
        self._point_all(self._master or [_absent(tensor) for tensor in self._now()])

    def forget(self) -> None:
        """Drops the master."""
        if not self.on_device:
            self._point_all([_absent(tensor) for tensor in self._now()])
        self._master = None
        if self._arena is not None:
            self._arena.unlock()
            self._arena = None

    def adopt(self, module: nn.Module) -> None:
        """Takes the weights of ``module``, loaded anew from the same source, as master."""
        fresh = Weights(module)
        if [len(each) for each in fresh._places] != [len(each) for each in self._places]:
            raise ValueError("the weights loaded anew have another structure")
        self._master, self.bytes = fresh._master, fresh.bytes
        if not self.on_device:
            self._point_all(self._master or [])

    def _point_all(self, tensors: list[Tensor]) -> None:
        for index, tensor in enumerate(tensors):
            self._point(index, tensor)

    def _point(self, index: int, tensor: Tensor) -> None:
        for owner, name in self._places[index]:
            owner[name] = tensor

    def _now(self) -> list[Tensor]:
        return [owner[name] for (owner, name), *_ in self._places]


_Place = tuple[dict[str, Tensor], str]


def _places(module: nn.Module, tensors: list[Tensor]) -> list[list[_Place]]:
    """For each tensor the dictionaries and names it is found by; tied ones have several."""
    index = {identity(tensor): number for number, tensor in enumerate(tensors)}
    places: list[list[_Place]] = [[] for _ in tensors]
    for owner in module.modules():
        for held in (owner._parameters, owner._buffers):
            for name, tensor in held.items():
                if tensor is not None:
                    places[index[identity(tensor)]].append((held, name))
    return places


def _absent(tensor: Tensor) -> Tensor:
    """Holds a tensor's place without its bytes; using it is an error."""
    empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    return nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty


class _PinnedArena:
    """One page-locked block for all tensors of a component.

    torch's own pinned allocator rounds each tensor up to a power of two, which wastes a third of the RAM on weights;
    locking memory that exists (``cudaHostRegister``) wastes none and needs one call.
    """

    def __init__(self, tensors: list[Tensor]) -> None:
        size = sum(_aligned(part.numel() * part.element_size()) for tensor in tensors for part in parts(tensor))
        self._bytes = torch.frombuffer(mmap.mmap(-1, max(size, mmap.PAGESIZE)), dtype=torch.uint8)
        self._used = 0

    def keep(self, part: Tensor) -> Tensor:
        """A copy of a plain tensor in the block, of the same strides where they are dense."""
        size = part.numel() * part.element_size()
        block = self._bytes[self._used : self._used + size].view(part.dtype)
        self._used += _aligned(size)
        dense = torch.ops.aten.is_non_overlapping_and_dense(part)
        copy = block.as_strided(part.shape, part.stride()) if dense else block.view(part.shape)
        return copy.copy_(part)

    def lock(self) -> bool:
        if not torch.cuda.is_available():
            return False
        code = torch.cuda.cudart().cudaHostRegister(self._bytes.data_ptr(), self._bytes.numel(), 0)
        if int(code) == 0:
            return True
        _forget_cuda_error()
        logger.warning("%d MiB of weights could not be page-locked (%s)", self._bytes.numel() >> 20, code)
        return False

    def unlock(self) -> None:
        torch.cuda.cudart().cudaHostUnregister(self._bytes.data_ptr())


def _forget_cuda_error() -> None:
    """The runtime would report a refusal again at the next kernel's launch, as if the context were lost."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(f"libcudart.so.{torch.version.cuda.partition('.')[0]}").cudaGetLastError()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
