"""A device of any size on the CPU, for tests of what happens when a card is full."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import torch
from torch import Tensor

from nanococoa_aiserver.gpu.device import Memory

_ALIGNMENT = 64


class FakeDevice:
    """Counts the bytes of every upload until nobody refers to the copy any more.

    Raises torch.OutOfMemoryError as CUDA's allocator would when an upload or ``allocate`` does not fit.
    """

    name = "fake card"
    torch_device = torch.device("cpu")
    capability = None
    unified = False

    def __init__(self, total_bytes: int) -> None:
        self.total_bytes = total_bytes
        self.most_bytes = 0
        self.uploads = 0
        self.flushes = 0
        self.freed_while_copying = 0
        self._copying: set[int] = set()
        self._allocated = 0
        self._peak = 0
        self._lock = threading.RLock()

    def memory(self) -> Memory:
        with self._lock:
            return Memory(self.total_bytes, self.total_bytes - self._allocated, self._allocated, self._allocated)

    def upload(self, tensor: Tensor) -> Tensor:
        self.uploads += 1
        copy = self._block(tensor.numel() * tensor.element_size(), copying=True).view(tensor.dtype)
        dense = torch.ops.aten.is_non_overlapping_and_dense(tensor)
        return (copy.as_strided(tensor.shape, tensor.stride()) if dense else copy.view(tensor.shape)).copy_(tensor)

    def allocate(self, size: int) -> Tensor:
        """``size`` bytes, counted as long as any tensor shares their storage."""
        return self._block(size)

    def synchronize(self) -> None:
        self._copying.clear()

    def flush(self) -> None:
        self.flushes += 1
        gc.collect()

    def reset_peak(self) -> None:
        with self._lock:
            self._peak = self._allocated

    def peak_bytes(self) -> int:
        return self._peak

    def _block(self, size: int, copying: bool = False) -> Tensor:
        self._take(size)
        block = np.zeros(size + _ALIGNMENT, dtype=np.uint8)
        if copying:
            self._copying.add(id(block))
        weakref.finalize(block, self._give, size, id(block))
        start = -block.ctypes.data % _ALIGNMENT
        return torch.frombuffer(block, dtype=torch.uint8)[start : start + size]

    def _take(self, size: int) -> None:
        with self._lock:
            if self._allocated + size > self.total_bytes:
                raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size / 2**20:.2f} MiB.")
            self._allocated += size
            self._peak = max(self._peak, self._allocated)
            self.most_bytes = max(self.most_bytes, self._allocated)

    def _give(self, size: int, block: int) -> None:
        with self._lock:
            self._allocated -= size
            self.freed_while_copying += block in self._copying
            self._copying.discard(block)
