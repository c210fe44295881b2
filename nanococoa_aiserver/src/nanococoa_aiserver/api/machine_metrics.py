"""CPU, memory and GPU of this machine, read at most once a second and never while a request waits.

A reading that has grown old is answered as it is and renewed by a thread, so that ``/status`` stays cheap.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import psutil
import pynvml

from nanococoa_client.schemas import GpuInfo, SystemMetrics

MAX_AGE = 1.0
GIB = 2**30
MIB = 2**20


class MachineMetrics:
    """Thread-safe. ``close`` gives the GPU's management library back."""

    def __init__(self) -> None:
        self._gpus = _open_gpus()
        self._renewing = threading.Lock()
        psutil.cpu_percent()
        self._latest = self._read()
        self._read_at = time.monotonic()

    def latest(self) -> SystemMetrics:
        """The last reading; one older than a second is renewed in the background."""
        latest = self._latest
        if time.monotonic() - self._read_at > MAX_AGE and self._renewing.acquire(blocking=False):
            threading.Thread(target=self._renew, daemon=True).start()
        return latest

    def close(self) -> None:
        if self._gpus:
            with suppress(pynvml.NVMLError):
                pynvml.nvmlShutdown()

    def _renew(self) -> None:
        try:
            self._latest = self._read()
            self._read_at = time.monotonic()
        finally:
            self._renewing.release()

    def _read(self) -> SystemMetrics:
        memory = psutil.virtual_memory()
        return SystemMetrics(
            cpu_percent=psutil.cpu_percent(),
            ram_used_gb=round((memory.total - memory.available) / GIB, 2),
            ram_total_gb=round(memory.total / GIB, 2),
            ram_percent=memory.percent,
            gpu_info=[_gpu(index) for index in range(self._gpus)],
        )


def _open_gpus() -> int:
    """How many GPUs there are; none where the driver is missing."""
    try:
        pynvml.nvmlInit()
        return int(pynvml.nvmlDeviceGetCount())
    except pynvml.NVMLError:
        return 0


def _gpu(index: int) -> GpuInfo:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return GpuInfo(
        index=index,
        name=_text(pynvml.nvmlDeviceGetName(handle)),
        vram_used_mb=round(int(memory.used) / MIB, 1),
        vram_total_mb=round(int(memory.total) / MIB, 1),
        vram_percent=round(100 * int(memory.used) / int(memory.total), 1),
        utilization=float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu),
    )


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
