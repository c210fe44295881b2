"""``COMPILE=1``: a transformer's repeated blocks compiled once and shared (regional compilation), or left as they are.

https://docs.pytorch.org/tutorials/recipes/regional_compilation.html: most of the gain of compiling the whole model, in
a seventh of the time. What cannot be compiled is run as before and said in the log once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

T = TypeVar("T")
_log = logging.getLogger(__name__)


def compile_blocks(transformer: nn.Module, backend: str = "inductor") -> bool:
    """Mark the repeated blocks for compilation at their first call; False where the model has none."""
    if not getattr(transformer, "_repeated_blocks", None):
        _log.info("%s names no repeated blocks: it runs uncompiled", type(transformer).__name__)
        return False
    transformer.compile_repeated_blocks(fullgraph=True, backend=backend)
    return True


def run_compiled(call: Callable[[], T], transformer: nn.Module) -> T:
    """``call``, and once more without compiled blocks where the compiler fails.

    Out of memory is the caller's to handle, also when it comes out of compiled code.
    """
    try:
        return call()
    except Exception as error:
        if not _from_the_compiler(error) or not undo_compiling(transformer):
            raise
        _log.warning("%s runs uncompiled: %s", type(transformer).__name__, str(error).strip().splitlines()[0])
    return call()


def undo_compiling(module: nn.Module) -> bool:
    """Whether anything was compiled."""
    compiled = [part for part in module.modules() if part._compiled_call_impl is not None]
    for part in compiled:
        part._compiled_call_impl = None
    return bool(compiled)


def _from_the_compiler(error: Exception) -> bool:
    """Among them that it found nothing to compile, which is a plain RuntimeError."""
    if isinstance(error, torch.OutOfMemoryError):
        return False
    if str(error).startswith("torch.compile with fullgraph=True"):
        return True
    return type(error).__module__.startswith(("torch._dynamo", "torch._inductor", "torch._functorch", "triton"))


def channels_last(vae: nn.Module) -> nn.Module:
    """Convolutions are quickest with the channels innermost (cuDNN's and oneDNN's own order)."""
    last: nn.Module = vae.to(memory_format=torch.channels_last)
    return last
