"""The device models run on: its memory, copies to it, and how much of it a run took.

What it may use is ``driver_free + reserved − allocated``, within a cap: what the allocator has reserved and not handed
out is free too. The CUDA allocator should be told ``PYTORCH_ALLOC_CONF=expandable_segments:True`` before torch is
imported (``prepare_allocator`` in ``gpu/__init__.py``), or swapping models of different sizes leaves holes.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil
import torch
from torch import Tensor

from nanococoa_aiserver.gpu.memory import GIB, ram

_LATER_KERNELS = GIB // 4
"""CUDA loads kernels when they are first called; this much of the card is left for them."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: of the device, free for the driver, handed out by the allocator, and reserved by it."""

    total: int
    free: int
    allocated: int
    reserved: int

    @property
    def room(self) -> int:
        """What can still be allocated."""
        return self.free + self.reserved - self.allocated


class Device(Protocol):
    """Where models run. ``unified``: its memory is the host's, so an upload copies nothing."""

    @property
    def name(self) -> str: ...

    @property
    def torch_device(self) -> torch.device: ...

    @property
    def capability(self) -> tuple[int, int] | None:
        """CUDA's compute capability; None without CUDA."""
        ...

    @property
    def unified(self) -> bool: ...

    def memory(self) -> Memory: ...

    def upload(self, tensor: Tensor) -> Tensor:
        """A copy on the device, asynchronous where it can be: whole only after ``synchronize``."""
        ...

    def synchronize(self) -> None:
        """Waits for the uploads."""
        ...

    def flush(self) -> None:
        """Gives back what nobody refers to."""
        ...

    def reset_peak(self) -> None: ...

    def peak_bytes(self) -> int:
        """The most that was allocated at once since ``reset_peak``."""
        ...


class CpuDevice:
    """The processor with the RAM that its container leaves."""

    unified = True
    capability = None

    def __init__(self, limit_gb: float | None = None) -> None:
        self.name = "cpu"
        self.torch_device = torch.device("cpu")
        self._limit = None if limit_gb is None else int(limit_gb * GIB)
        self._process = psutil.Process()

    def memory(self) -> Memory:
        """``allocated`` is all that this process has in RAM."""
        seen, own = ram(), self._process.memory_info().rss
        total = min(seen.total, self._limit or seen.total)
        return Memory(total, max(0, min(seen.available, total - own)), own, own)

    def upload(self, tensor: Tensor) -> Tensor:
        return tensor

    def synchronize(self) -> None:
        pass

    def flush(self) -> None:
        gc.collect()

    def reset_peak(self) -> None:
        """Linux forgets the highest RSS when told 5 (man 5 proc, clear_refs)."""
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            return

    def peak_bytes(self) -> int:
        try:
            lines = Path("/proc/self/status").read_text().splitlines()
        except OSError:
            return int(self._process.memory_info().rss)
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


class CudaDevice:
    """One card, used up to ``limit_gb`` GiB. Uploads run on a stream of their own, beside what is computed."""

    unified = False

    def __init__(self, limit_gb: float | None = None, index: int = 0) -> None:
        self.torch_device = torch.device("cuda", index)
        properties = torch.cuda.get_device_properties(self.torch_device)
        self.name: str = properties.name
        self.capability: tuple[int, int] | None = (properties.major, properties.minor)
        self._limit = None if limit_gb is None else int(limit_gb * GIB)
        self._uploads = torch.cuda.Stream(self.torch_device)

    def memory(self) -> Memory:
        driver_free, total = torch.cuda.mem_get_info(self.torch_device)
        reserved = torch.cuda.memory_reserved(self.torch_device)
        total = min(total, self._limit or total)
        free = min(driver_free - _LATER_KERNELS, total - reserved)
        return Memory(total, max(0, free), torch.cuda.memory_allocated(self.torch_device), reserved)

    def upload(self, tensor: Tensor) -> Tensor:
        """The memory comes from the computing stream's pool, where activations find it again once it is freed."""
        with torch.cuda.device(self.torch_device):
            copy = torch.empty_like(tensor, device=self.torch_device)
            self._uploads.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._uploads):
                copy.copy_(tensor, non_blocking=True)
        return copy

    def synchronize(self) -> None:
        self._uploads.synchronize()

    def flush(self) -> None:
        gc.collect()
        torch.cuda.empty_cache()

    def reset_peak(self) -> None:
        torch.cuda.reset_peak_memory_stats(self.torch_device)

    def peak_bytes(self) -> int:
        return int(torch.cuda.max_memory_allocated(self.torch_device))


def open_device(limit_gb: float | None = None) -> Device:
    """The card when there is one, else the processor; at most ``limit_gb`` GiB of it.

    Raises ModelLoadError when the card's driver is too old or it has too little memory left; warns in the log when
    others take much of it.
    """
    from nanococoa_aiserver.gpu.card_check import check_driver, check_free

    if not torch.cuda.is_available():
        check_driver()
        return CpuDevice(limit_gb)
    device = CudaDevice(limit_gb)
    check_free(device)
    return device
