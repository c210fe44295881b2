"""The ad as named steps in order. ``jobs/`` makes each durable; the command line runs them in its own process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nanococoa_aiserver.ads import checking, export, stage1, stage2
from nanococoa_aiserver.ads.context import Step
from nanococoa_aiserver.ads.editing import steps as editing

STAGE_1 = "step1_background"
STAGE_2 = "step2_html_rendering"

AD_STEPS: tuple[Step, ...] = (
    Step("segment", STAGE_1, stage1.segment),
    Step("background", STAGE_1, stage1.background),
    Step("composite", STAGE_1, stage1.composite),
    Step("refine", STAGE_1, stage1.refine),
    Step("self_check", STAGE_1, checking.check),
    Step("analyse", STAGE_2, stage2.analyse),
    Step("design", STAGE_2, stage2.design),
    Step("render", STAGE_2, stage2.render),
    Step("export", STAGE_2, export.export),
)

EDIT_STEPS: tuple[Step, ...] = (
    Step("look", "", editing.look),
    Step("locate", "", editing.locate),
    Step("edit", "", editing.edit),
    Step("check", "", editing.check),
    Step("finish", "", editing.finish),
)


def steps_for(request: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps this request needs: no text, no text steps; starting at stage 2, no painting."""
    skipped: set[str] = set()
    if request.get("start_step") == 2:
        skipped |= {"segment", "background", "composite", "refine", "self_check"}
    if not wants_text(request):
        skipped |= {"analyse", "design", "render"}
    return tuple(step for step in AD_STEPS if step.name not in skipped)


def wants_text(request: Mapping[str, Any]) -> bool:
    """False when only the picture without text was asked for."""
    return request.get("text_content") is not None or request.get("fields") is not None
