"""``fake_worker`` with a GPU that fails: its first ``background`` runs a module call that raises a CUDA error."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import torch

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.residency import Component, Residency
from nanococoa_aiserver.jobs.pipeline import Pipeline
from nanococoa_aiserver.jobs.worker import run_worker
from nanococoa_aiserver.settings import load_settings
from support import fake_worker

RESIDENCY = Residency(CpuDevice(), host_bytes=1 << 20)
RESIDENCY.add(Component("model/linear", lambda: torch.nn.Linear(4, 4), 80))


def background(ctx: StepContext, results: Results) -> dict[str, Any]:
    done = fake_worker.act("background", ctx, results)
    if len(fake_worker.starts_of(ctx.job_id, "background")) == 1:
        with RESIDENCY.lease(
            ["model/linear"], activity="test", workspace=0, lane="heavy", stop=ctx.check_stop
        ) as lease:
            lease.run(_illegal_access)
    return done


def _illegal_access(_effort: Effort) -> None:
    raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")


STEPS = tuple(replace(step, run=background) if step.name == "background" else step for step in fake_worker.STEPS)

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    pipeline = Pipeline(STEPS, lambda _: STEPS, fake_worker.EDITING, fake_worker.LIGHT, fake_worker.no_engines)
    run_worker(load_settings(), pipeline)
