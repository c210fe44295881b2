"""What NVIDIA's management library says of the card at start: too little memory left, or a driver too old."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pynvml
import torch

from nanococoa_aiserver.gpu.device import CudaDevice
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_client.errors import ModelLoadError

LEAST_FREE = 2 * GIB
"""Below this not even one step of the smallest generator's decoder runs."""
_MUCH_TAKEN = 0.2
"""Of the card by others: worth a warning."""

logger = logging.getLogger(__name__)


def check_driver() -> None:
    """Why torch sees no card although there is one. Raises ModelLoadError when the driver is too old for this torch."""
    with _nvml() as library:
        if library is None or library.nvmlDeviceGetCount() == 0:
            return
        card = library.nvmlDeviceGetName(library.nvmlDeviceGetHandleByIndex(0))
        if torch.version.cuda is None:
            logger.warning("there is a %s, but this PyTorch is built for the processor: models run there", card)
            return
        raise _driver_error(library, card)


def check_free(device: CudaDevice) -> None:
    """Raises ModelLoadError when too little of the card is free; warns when others take much of it."""
    memory = device.memory()
    taken = _taken_by_others(device)
    total, free = _gib(memory.total), _gib(memory.room)
    if memory.room < LEAST_FREE:
        raise ModelLoadError("gpu_too_full", card=device.name, free=free, total=total, needed=_gib(LEAST_FREE))
    if taken:
        logger.warning("%s: %s GiB of %s GiB free, taken by %s", device.name, free, total, taken)
    else:
        logger.info("%s: %s GiB of %s GiB free", device.name, free, total)


def _driver_error(library: Any, card: str) -> ModelLoadError:
    driver = library.nvmlSystemGetDriverVersion()
    supported = library.nvmlSystemGetCudaDriverVersion()
    supports = f"{supported // 1000}.{supported % 1000 // 10}"
    if int(torch.version.cuda.partition(".")[0]) > supported // 1000:
        return ModelLoadError("gpu_driver_too_old", card=card, driver=driver, has=supports, needs=torch.version.cuda)
    return ModelLoadError("gpu_unusable", card=card, driver=driver, reason=_cuda_reason())


def _cuda_reason() -> str:
    """torch says why in the error that its first use of CUDA raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.cuda.init()
        except (RuntimeError, AssertionError) as error:
            return str(error).partition("\n")[0]
    return "torch.cuda.is_available() is false"


def _taken_by_others(device: CudaDevice) -> str:
    """Processes that hold much of the card, e.g. ``python (pid 812, 9.5 GiB)``; empty when it is not much."""
    with _nvml() as library:
        if library is None:
            return ""
        try:
            handle = library.nvmlDeviceGetHandleByUUID(_uuid(device))
            whole = library.nvmlDeviceGetMemoryInfo(handle)
            running = library.nvmlDeviceGetComputeRunningProcesses(handle)
        except pynvml.NVMLError as error:
            logger.info("%s: NVML does not say who uses it (%s)", device.name, error)
            return ""
    if whole.used < _MUCH_TAKEN * whole.total:
        return ""
    own = psutil.Process().pid
    return ", ".join(_who(process) for process in running if process.pid != own) or "processes that cannot be seen"


def _uuid(device: CudaDevice) -> str:
    return f"GPU-{torch.cuda.get_device_properties(device.torch_device).uuid}"


def _who(process: Any) -> str:
    try:
        name = psutil.Process(process.pid).name()
    except psutil.Error:
        name = "?"
    used = process.usedGpuMemory
    return f"{name} (pid {process.pid}{'' if used is None else f', {_gib(used)} GiB'})"


def _gib(size: int) -> float:
    return round(size / GIB, 1)


@contextmanager
def _nvml() -> Iterator[Any]:
    """The library, or None where there is no driver."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()
