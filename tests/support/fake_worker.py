"""A real worker whose steps are small: ``python fake_worker.py``, settings and ``JOURNAL`` from the environment.

A request says what its steps do: ``seconds``, ``fail`` and ``bytes`` to store by step name; ``hold`` names a step that
does not end when it runs for the first time. Each start of a step is a line in the journal.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from nanococoa_aiserver.ads.context import Results, Step, StepContext
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.errors import CutoutUncertain
from nanococoa_aiserver.jobs.names import AD_STEPS, EDIT_STEPS
from nanococoa_aiserver.jobs.pipeline import Pipeline
from nanococoa_aiserver.jobs.worker import run_worker
from nanococoa_aiserver.settings import Settings, load_settings

HELD_SECONDS = 300.0


def act(name: str, ctx: StepContext, results: Results) -> dict[str, Any]:
    """Do as the request says, and return a few references as a real step would."""
    write(name, ctx)
    fail(ctx.request.get("fail", {}).get(name), name, ctx)
    work(name, ctx)
    data = f"{ctx.request.get('words', '')} {name} {ctx.job_id if ctx.request.get('own_files') else ''}".encode()
    image = ctx.artifacts.put(data + os.urandom(ctx.request.get("bytes", {}).get(name, 0)), "image/png")
    if name == "composite":
        ctx.preview("step1_result", image)
    done: dict[str, Any] = {"image": image, "words": ctx.request.get("words"), "saw": sorted(results)}
    return done | ({"outputs": {"square": image}, "checks": {}} if name == "export" else {})


def write(name: str, ctx: StepContext) -> None:
    where = {"pid": os.getpid(), "host": os.uname().nodename}
    line = json.dumps({"job": ctx.job_id, "step": name, **where, "at": time.time()})
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as journal:
        journal.write(line + "\n")


def work(name: str, ctx: StepContext) -> None:
    """Like a denoising loop: short pieces, telling progress after each."""
    seconds = ctx.request.get("seconds", {}).get(name, 0.0)
    if ctx.request.get("hold") == name and len(starts_of(ctx.job_id, name)) == 1:
        seconds = HELD_SECONDS
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        ctx.progress(f"{name} under way", 1 - left / seconds)
        time.sleep(min(0.02, left))


def fail(how: str | None, name: str, ctx: StepContext) -> None:
    """``once`` fails the first time only."""
    if how == "uncertain":
        raise CutoutUncertain(confidence=0.2)
    if how == "bug":
        raise RuntimeError("a bug in a step")
    if how == "flaky" and len(starts_of(ctx.job_id, name)) < 3:
        raise ConnectionError("the store did not answer")
    if how == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "once" and len(starts_of(ctx.job_id, name)) == 1:
        raise CutoutUncertain(confidence=0.2)


def starts_of(job: str, step: str) -> list[dict[str, Any]]:
    lines = Path(os.environ["JOURNAL"]).read_text("utf-8").splitlines()
    return [line for line in map(json.loads, lines) if (line["job"], line["step"]) == (job, step)]


def needed(request: Mapping[str, Any]) -> tuple[Step, ...]:
    skipped = set(request.get("skip", ()))
    return tuple(step for step in STEPS if step.name not in skipped)


STEPS = tuple(Step(name, stage, partial(act, name)) for name, stage in AD_STEPS.items())
EDITING = tuple(Step(name, stage, partial(act, name)) for name, stage in EDIT_STEPS.items())
LIGHT = {kind: partial(act, kind, results={}) for kind in ("cutout", "render", "analyze", "clip_score")}


def no_engines(_settings: Settings) -> Engines:
    """The steps use none."""
    return Engines("fake", 0.5, *[cast(Any, None)] * 3)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run_worker(load_settings(), Pipeline(STEPS, needed, EDITING, LIGHT, no_engines))
