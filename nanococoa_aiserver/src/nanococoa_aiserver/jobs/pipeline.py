"""What a worker can do, handed to it from outside: the real steps of ``ads/``, or a test's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from nanococoa_aiserver.ads.context import Step, StepContext
from nanococoa_aiserver.engines.wiring import Engines, build_engines
from nanococoa_aiserver.jobs.names import AD_STEPS, EDIT_STEPS
from nanococoa_aiserver.settings import Settings

LightTask: TypeAlias = Callable[[StepContext], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The ad's steps and which of them a request needs, an edit's steps (it needs all), the light tasks by kind, and
    the engines they are done with."""

    ad: tuple[Step, ...]
    needed: Callable[[Mapping[str, Any]], tuple[Step, ...]]
    edit: tuple[Step, ...]
    light: Mapping[str, LightTask]
    engines: Callable[[Settings], Engines] = build_engines

    def __post_init__(self) -> None:
        for steps, published in ((self.ad, AD_STEPS), (self.edit, EDIT_STEPS)):
            if {step.name: step.stage for step in steps} != published:
                raise ValueError(f"the steps are not those of jobs/names.py: {[step.name for step in steps]}")

    def steps(self, kind: str, request: Mapping[str, Any]) -> list[tuple[Step, bool]]:
        """Every step of a job of ``kind`` in order, and whether this request needs it."""
        if kind == "ad":
            needed = {step.name for step in self.needed(request)}
            return [(step, step.name in needed) for step in self.ad]
        if kind == "edit":
            return [(step, True) for step in self.edit]
        task = self.light[kind]
        return [(Step(kind, "", lambda ctx, _results: task(ctx)), True)]


def ads_pipeline() -> Pipeline:
    """The product's own steps."""
    from nanococoa_aiserver.ads.light import LIGHT_TASKS
    from nanococoa_aiserver.ads.pipeline import AD_STEPS as STEPS
    from nanococoa_aiserver.ads.pipeline import EDIT_STEPS as EDITING
    from nanococoa_aiserver.ads.pipeline import steps_for

    return Pipeline(STEPS, steps_for, EDITING, LIGHT_TASKS)
