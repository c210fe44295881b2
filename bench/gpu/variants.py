"""The generator in other precisions and compiled: seconds of a picture, its peak, and what the first one costs."""

from __future__ import annotations

from typing import Any, cast, get_args

import torch

from bench.gpu.rig import Plan, Rig, never_stopped, open_rig
from bench.gpu.stages import encode, paint, repeated_painting
from nanococoa_aiserver.engines.diffusion.precision import FP8_MATMUL
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.settings import Precision

COMPILED = "+compile"


def default_variants(capability: tuple[int, int] | None) -> tuple[str, ...]:
    """Compiling tiny checkpoints on a processor shows nothing."""
    if capability is None:
        return ("auto", "int8")
    float8 = ("fp8", "fp8+compile") if capability >= FP8_MATMUL else ()
    return ("bf16", "bf16+compile", *float8, "int8", "int8+compile")


def measure_variant(plan: Plan, variant: str) -> dict[str, Any]:
    """One of ``bf16``, ``bf16+compile``, … on an empty device, at the first size. Raises ValueError for another."""
    precision = variant.removesuffix(COMPILED)
    if precision not in get_args(Precision):
        raise ValueError(f"no such precision: {precision}")
    compiled = variant.endswith(COMPILED)
    if compiled:
        torch.compiler.reset()  # what an earlier variant compiled is nothing to this one
    with open_rig(plan, cast(Precision, precision), compiled=compiled) as rig:
        encode(rig)
        first = paint(rig, plan.sizes[0])
        seconds = repeated_painting(rig, plan.sizes[0])
        told = {"first_seconds": first["total"], **_named(seconds), **_weights(rig)}
        return told | {"compiled": _is_compiled(rig)}  # last, since its lease begins a new peak


def _is_compiled(rig: Rig) -> bool:
    """Where the compiler failed, the product has gone on without it."""
    model = rig.plan.generator
    with rig.host.lease(model, ["transformer"], activity="bench/compiled", stop=never_stopped) as loaded:
        return any(part._compiled_call_impl is not None for part in loaded.modules["transformer"].modules())


def _named(seconds: dict[str, float]) -> dict[str, float]:
    return {f"{name}_seconds": value for name, value in seconds.items()}


def _weights(rig: Rig) -> dict[str, Any]:
    parts = {one.name: one.bytes / GIB for one in rig.residency.state().components}
    return {"gib": parts, "peak_gib": rig.device.peak_bytes() / GIB, "stored": rig.host.precision.transformer}
