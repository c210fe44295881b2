"""Errors after which CUDA answers nothing more in this process: it ends, and a fresh one takes its job over."""

from __future__ import annotations

import logging
import os
from typing import NoReturn

import torch

from nanococoa_aiserver.gpu.oom import is_out_of_memory

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h; the supervisor starts a worker anew whatever its code."""
_SIGNS = (
    "CUDA error",
    "CUDA driver error",
    "CUBLAS_STATUS_",
    "CUDNN_STATUS_",
    "cuDNN error",
    "CUSOLVER_STATUS_",
    "CUFFT_",
    "device-side assert",
    "NCCL error",
)

logger = logging.getLogger(__name__)


def is_poison(error: BaseException) -> bool:
    """Whether the CUDA context must be taken for lost; running out of memory is not that."""
    if is_out_of_memory(error):
        return False
    if isinstance(error, torch.AcceleratorError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


def end_process(error: BaseException) -> NoReturn:
    """At once and without clean-up: every further CUDA call, destructors' included, could fail or hang."""
    logger.critical("the GPU failed, this worker ends and its job goes on in another: %s", _first_line(error))
    logging.shutdown()
    os._exit(EXIT_CODE)


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
