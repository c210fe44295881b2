"""What it takes to have a model on the device: from its files, from host memory, and when it is there already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.gpu.rig import Plan, Rig, never_stopped, open_rig
from nanococoa_aiserver.gpu.memory import GIB


def measure_loads(plan: Plan) -> dict[str, Any]:
    """By model, all of its components at once."""
    return {model: _measure_model(plan, model) for model in plan.models}


def _measure_model(plan: Plan, model: str) -> dict[str, Any]:
    """Random weights have no files: then there is no time to read them."""
    with open_rig(plan) as rig:
        origin = rig.host.origin(model)
        dropped = origin == "real" and _drop_from_cache(rig.host.folder(model))
        first = _lease(rig, model)
        after_load = [one for one in rig.residency.state().components if one.name.startswith(f"{model}/")]
        rig.residency.release_idle()
        again = _lease(rig, model)
        resident = _lease(rig, model)
        unified = rig.device.unified
    return {
        "weights": origin,
        "gib": sum(one.bytes for one in after_load) / GIB,
        "disk_seconds": None if origin == "random" else first,
        "disk_cache_dropped": dropped,
        "pinned": all(one.pinned for one in after_load),
        "host_seconds": None if unified else again,
        "resident_seconds": resident,
    }


def _lease(rig: Rig, model: str) -> float:
    """Seconds until all of the model is on the device."""

    def leased() -> None:
        with rig.host.lease(model, list(rig.host.spec(model).components), activity="bench/load", stop=never_stopped):
            pass

    return rig.timed(leased)[1]


def _drop_from_cache(folder: Path) -> bool:
    """Let the operating system forget the weights' files, so that they are read from the disk; Linux only."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for file in _weights(folder):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return True


def _weights(folder: Path) -> Iterator[Path]:
    for pattern in ("*.safetensors", "*.bin"):
        yield from folder.rglob(pattern)
