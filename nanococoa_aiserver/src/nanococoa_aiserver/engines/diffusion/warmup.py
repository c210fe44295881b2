"""The first run of each size, before a customer waits for it.

It loads the weights, chooses and compiles kernels, and measures the memory of activations.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Generator, Watch
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.settings import Settings

logger = logging.getLogger(__name__)

WORDS = "An empty table in soft daylight"


def warm_up(
    settings: Settings, device: Device, generator: Generator, sizes: Sequence[tuple[int, int]], stop: StopCheck
) -> dict[str, float]:
    """Paint each size (width, height px) once, with a single step; seconds by size.

    Does nothing without a card, where there is nothing to compile, or without ``WARM_UP``. Raises what ``stop``
    raises.
    """
    if not settings.warm_up or device.torch_device.type != "cuda":
        return {}
    return {f"{width}x{height}": _painted(generator, (width, height), stop) for width, height in sizes}


def _painted(generator: Generator, size: tuple[int, int], stop: StopCheck) -> float:
    started = time.perf_counter()
    generator.paint(Brief(WORDS, steps=1), size, Watch("warm_up", lambda name, share: None, stop))
    seconds = round(time.perf_counter() - started, 2)
    logger.info("warmed up for %d×%d pixels in %.2f s", *size, seconds)
    return seconds
