"""One run: the plan from the options, section after section, the report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from bench.gpu.arithmetic import matmul_rate
from bench.gpu.chart import draw_gpu_chart
from bench.gpu.host import write_companions
from bench.gpu.interleaving import measure_interleaving
from bench.gpu.loads import measure_loads
from bench.gpu.report import write_report
from bench.gpu.rig import Plan, Rig, open_rig
from bench.gpu.stages import measure_encoding, measure_looking, measure_painting
from bench.gpu.variants import default_variants, measure_variant
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.settings import load_settings

SECTIONS = ("stages", "loads", "variants", "interleaving")


def run(options: argparse.Namespace) -> Path:
    """Measure and write the report; what fails is told in it, and the rest goes on."""
    with TemporaryDirectory() as folder:
        plan = _plan(options, Path(folder))
        write_companions(plan.companions, plan.models)
        report = _report(plan, options)
    file = write_report(options.out, report, quick=options.quick)
    draw_gpu_chart(report, file.with_suffix(".svg"))
    sys.stdout.write(f"  {file}\n  {file.with_suffix('.svg')}\n")
    return file


def _plan(options: argparse.Namespace, companions: Path) -> Plan:
    plan = Plan(
        device=options.device,
        generator=options.generator,
        vlm=options.vlm,
        companions=companions,
        models_dir=options.tiny or load_settings().models_dir,
        steps=options.steps,
        repeats=1 if options.quick else 3,
    )
    return plan if options.tiny is None else _tiny(plan)


def _tiny(plan: Plan) -> Plan:
    """The same code in seconds: pictures of a few tokens, tasks in quick succession."""
    return replace(
        plan,
        sizes=((64, 64), (64, 112)),
        canvas=Canvas(64 * 64, 16),
        repeats=1,
        interval=0.05,
        busy_seconds=0.5,
        answer_tokens=8,
        matmul=256,
    )


def _report(plan: Plan, options: argparse.Namespace) -> dict[str, Any]:
    wanted = options.sections.split(",") if options.sections else SECTIONS
    with open_rig(plan) as rig:
        rate = matmul_rate(rig.device.torch_device, plan.matmul)
        report = _head(rig, plan) | {"matmul_tflops": rate / 1e12}
        sections: dict[str, Any] = {}
        if "stages" in wanted:
            sections |= _stages(rig, rate)
        if "interleaving" in wanted:
            sections["interleaving"] = attempted("interleaving", lambda: measure_interleaving(rig))
        report["residency"] = rig.residency.state().to_json()
        capability = rig.device.capability
    if "loads" in wanted:
        sections["loads"] = attempted("loads", lambda: measure_loads(plan))
    if "variants" in wanted:
        names = options.variants.split(",") if options.variants else default_variants(capability)
        floor = _step_floor(sections)
        sections["variants"] = [_variant(plan, name, floor) for name in names]
    return report | {"sections": sections}


def _stages(rig: Rig, rate: float) -> dict[str, Any]:
    painting = []
    encoding = attempted("encoding", lambda: measure_encoding(rig, rate))
    for size in rig.plan.sizes:
        measured = attempted(f"painting {size[0]}x{size[1]}", partial(measure_painting, rig, size, rate))
        painting.append({"size": list(size)} | measured)
    looking = attempted("looking", lambda: measure_looking(rig, rate))
    return {"encoding": encoding, "painting": painting, "looking": looking}


def _step_floor(sections: dict[str, Any]) -> float | None:
    """Of one step at the first size, in the base precision: what the variants are held against."""
    painted = [one for one in sections.get("painting", []) if "step" in one][:1]
    return painted[0]["step"]["floor_seconds"] if painted else None


def _variant(plan: Plan, name: str, floor: float | None) -> dict[str, Any]:
    told = {"variant": name} | attempted(f"variant {name}", lambda: measure_variant(plan, name))
    if floor and "step_seconds" in told:
        told["times_floor"] = told["step_seconds"] / floor
    return told


def _head(rig: Rig, plan: Plan) -> dict[str, Any]:
    memory = rig.device.memory()
    choice = rig.host.precision
    return {
        "card": rig.device.name,
        "capability": rig.device.capability,
        "memory_gib": {"total": memory.total / GIB, "free": memory.room / GIB},
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "weights": {model: rig.host.origin(model) for model in plan.models},
        "precision": {"transformer": choice.transformer, "others": choice.others, "all_fit": choice.fits},
    }


def attempted(name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was measured, or why it could not be: one failure costs no other result."""
    sys.stdout.write(f"  {name}\n")
    sys.stdout.flush()
    try:
        return measure()
    except (ServiceError, RuntimeError, ValueError, TypeError, ImportError, OSError) as error:
        sys.stdout.write(f"    failed: {error}\n")
        return {"error": f"{type(error).__name__}: {error}"}
