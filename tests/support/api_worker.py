"""A real worker whose steps answer like real ones, at once: ``python api_worker.py``, settings from the environment.

``bg_prompt`` says what else is to happen: ``hold STEP`` keeps a step running until it is stopped, ``fail STEP`` fails
it, ``doubt`` warns that the cut-out is uncertain. With ``ENGINE=diffusion`` edits are made by the product's own steps
with small engines: an instruction with ``hold`` in it keeps its first attempt running, once; each start of a step is a
line in ``DATA_DIR/steps``.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from nanococoa_aiserver.ads.context import Results, Step, StepContext
from nanococoa_aiserver.ads.pipeline import EDIT_STEPS
from nanococoa_aiserver.engines.ports import EditTask, Progress, StopCheck
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.errors import ModelUnavailable, RenderFailed
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.jobs.dummy import checker
from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_aiserver.jobs.pipeline import Pipeline
from nanococoa_aiserver.jobs.worker import run_worker
from nanococoa_aiserver.settings import Settings, load_settings
from nanococoa_client.fake_layer import layer_of, rendered
from nanococoa_client.schemas import AdCopy, AdLayer, RenderRequest
from support.fake_editing import FakeEditor, fake_engines

PICTURE = checker()
SMALL_PRINT = "국내산"


def act(name: str, ctx: StepContext, results: Results) -> dict[str, Any]:
    wish = ctx.request.get("bg_prompt", "")
    ctx.progress(f"{name} (1/2)", 0.5)
    while wish == f"hold {name}":
        ctx.progress(f"{name} (1/2)", 0.5)
        time.sleep(0.02)
    if wish == f"fail {name}":
        raise RenderFailed
    task: Callable[[StepContext, Results], dict[str, Any]] = globals().get(f"_{name}", _nothing)
    return task(ctx, results)


def _nothing(_ctx: StepContext, _results: Results) -> dict[str, Any]:
    return {}


def _segment(ctx: StepContext, _results: Results) -> dict[str, Any]:
    doubt = ctx.request["bg_prompt"] == "doubt"
    warnings = [["cutout_uncertain", {"confidence": 0.41}]] if doubt else []
    cutout = ctx.artifacts.put(PICTURE, "image/png")
    return {"cutout": cutout, "confidence": 0.41 if doubt else 0.97, "verdict": "ok", "warnings": warnings}


def _composite(ctx: StepContext, _results: Results) -> dict[str, Any]:
    picture = ctx.artifacts.put(PICTURE, "image/png")
    ctx.preview("step1_result", picture)
    return {"image": picture, "core_difference": 0}


def _render(ctx: StepContext, _results: Results) -> dict[str, Any]:
    picture = ctx.artifacts.put(PICTURE, "image/png")
    return {"images": dict.fromkeys(ctx.request["formats"], picture)}


def _export(ctx: StepContext, _results: Results) -> dict[str, Any]:
    picture = ctx.artifacts.put(PICTURE, "image/png")
    fields_ = {"headline": ctx.request["text_content"] or "", "small_print": SMALL_PRINT}
    legibility = {"passed": True, "glyphs": 12, "worst_contrast": 7.1}
    fidelity = {"core_difference": 0, "cutout_confidence": 0.97, "cutout_verdict": "ok"}
    return {
        "outputs": dict.fromkeys(ctx.request["formats"], picture),
        "layer": _layer(ctx, AdCopy(**fields_), picture).model_dump(mode="json"),
        "checks": {"legibility": legibility, "fidelity": fidelity},
    }


def _layer(ctx: StepContext, copy: AdCopy, picture: str) -> AdLayer:
    sizes = dict.fromkeys(ctx.request["formats"], (1080, 1080))
    return layer_of(copy, ctx.request["style"] or "shout", sizes, picture)


def cutout(ctx: StepContext) -> dict[str, Any]:
    picture = ctx.artifacts.put(PICTURE, "image/png")
    return {"cutout": picture, "confidence": 0.97, "verdict": "ok", "outputs": {"cutout": picture}, "warnings": []}


def render(ctx: StepContext) -> dict[str, Any]:
    picture = ctx.artifacts.put(PICTURE, "image/png")
    wishes = {name: ctx.request[name] for name in ("style", "fields", "edits", "formats")}
    layer = rendered(AdLayer.model_validate(ctx.request["layer"]), RenderRequest(job_id="", **wishes), {}, picture)
    return {"outputs": {"square": picture}, "layer": layer.model_dump(mode="json"), "checks": {}, "warnings": []}


def analyze(ctx: StepContext) -> dict[str, Any]:
    if ctx.request["question"] == "hold":
        act("analyze", cast(Any, _Holding(ctx)), {})
    if ctx.request["question"]:
        raise ModelUnavailable(model="Qwen3-VL", install="ENGINE=diffusion")
    return {"text": "밝은 갈색 바둑판", "palette": ["#6f4e37", "#f3e9dc"], "brightness": 0.6, "busy": 0.2}


def clip_score(ctx: StepContext) -> dict[str, Any]:
    raise ModelUnavailable(model="CLIP", install="ENGINE=diffusion")


class _Holding:
    """The same job, with the wish that its only step holds."""

    def __init__(self, ctx: StepContext) -> None:
        self.request = {"bg_prompt": "hold analyze"}
        self.progress = ctx.progress


class HoldingEditor(FakeEditor):
    """Holds once, whichever process asks first."""

    def edit(self, task: EditTask, progress: Progress, stop: StopCheck) -> Rgb:
        if "hold" in task.prompt and _first_time(Path(os.environ["DATA_DIR"]) / "held"):
            while True:
                stop()
                progress("flux_edit (1/4)", 0.25)
                time.sleep(0.02)
        return super().edit(task, progress, stop)


def _first_time(marker: Path) -> bool:
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def journalled(step: Step) -> Step:
    """The step, noting its start."""

    def run(ctx: StepContext, results: Results) -> dict[str, Any]:
        with (Path(os.environ["DATA_DIR"]) / "steps").open("a") as journal:
            journal.write(f"{ctx.job_id} {step.name}\n")
        return step.run(ctx, results)

    return replace(step, run=run)


def engines_of(settings: Settings) -> Engines:
    if settings.engine == "diffusion":
        return fake_engines(editor=HoldingEditor())
    return Engines("studio", 0.5, *[cast(Any, None)] * 3)


STEPS = tuple(Step(name, stage, partial(act, name)) for name, stage in AD_STEPS.items())
EDITING = tuple(map(journalled, EDIT_STEPS))
LIGHT = {"cutout": cutout, "render": render, "analyze": analyze, "clip_score": clip_score}

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run_worker(load_settings(), Pipeline(STEPS, lambda _request: STEPS, EDITING, LIGHT, engines_of))
