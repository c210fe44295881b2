"""A real worker with the product's own steps and the simulated engine: ``python -m bench.stress.worker``.

Settings, ``STRESS_JOURNAL`` and ``STRESS_PACE`` come from the
environment. Each step that was done is a line in the journal, written before its checkpoint.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from bench.stress.engine import Journal, simulated_engines
from bench.stress.pace import Pace, parse_pace
from nanococoa_aiserver.ads.context import Results, Step, StepContext
from nanococoa_aiserver.jobs.pipeline import LightTask, Pipeline, ads_pipeline
from nanococoa_aiserver.jobs.worker import run_worker
from nanococoa_aiserver.settings import load_settings


def simulated_pipeline(pace: Pace, journal: Journal) -> Pipeline:
    own = ads_pipeline()
    ad, edit = (tuple(_told(step, journal) for step in steps) for steps in (own.ad, own.edit))
    light = {kind: _light_told(kind, task, journal) for kind, task in own.light.items()}
    return replace(own, ad=ad, edit=edit, light=light, engines=lambda _settings: simulated_engines(pace, journal))


def _told(step: Step, journal: Journal) -> Step:
    return replace(step, run=partial(_run, step.name, step.run, journal))


def _run(
    name: str,
    run: Callable[[StepContext, Results], dict[str, Any]],
    journal: Journal,
    ctx: StepContext,
    results: Results,
) -> dict[str, Any]:
    result = run(ctx, results)
    journal.note("step", job=ctx.job_id, step=name)
    return result


def _light_told(kind: str, task: LightTask, journal: Journal) -> LightTask:
    def run(ctx: StepContext) -> dict[str, Any]:
        result = task(ctx)
        journal.note("step", job=ctx.job_id, step=kind)
        return result

    return run


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    torch.set_num_threads(1)
    pace = parse_pace(os.environ["STRESS_PACE"])
    run_worker(load_settings(), simulated_pipeline(pace, Journal(Path(os.environ["STRESS_JOURNAL"]))))


if __name__ == "__main__":
    main()
