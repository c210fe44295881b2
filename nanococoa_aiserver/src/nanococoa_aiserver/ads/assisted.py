"""A design by a language model: suggested from the customer's own words, drawn, measured, repaired, or given up.

Whatever fails ends with the built-in designer's ad and a warning: no ad is lost to a model's bad day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Any

import structlog

from nanococoa_aiserver.ads.composing import Composition, Edits
from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.layout.design import Design, DesignBrief, design
from nanococoa_aiserver.layout.llm_client import LlmFailed, LlmOptions
from nanococoa_aiserver.layout.llm_designer import LlmDesigner, Violations
from nanococoa_aiserver.layout.llm_layout import LayoutRequest, LayoutSuggestion


def llm_for(ctx: StepContext) -> LlmDesigner | None:
    """The model that designs, when one is set up and the request does not decline it."""
    settings = ctx.settings
    if not ctx.request.get("use_llm_html", True) or not (settings.openai_api_key or settings.openai_base_url):
        return None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return LlmDesigner(LlmOptions(key, settings.openai_base_url, settings.openai_model))


def suggested(llm: LlmDesigner, brief: DesignBrief, formats: list[str]) -> tuple[Design, LayoutSuggestion]:
    """A design as the model wants it. Raises ``LlmFailed``."""
    suggestion = llm.suggest(layout_request(brief, formats))
    return adopted(brief, suggestion), suggestion


def adopted(brief: DesignBrief, suggestion: LayoutSuggestion) -> Design:
    """The suggestion as a design; what the customer fixed (style, position, size) stays the customer's."""
    asked = brief.text_position != "auto"
    return design(
        replace(
            brief,
            copy=suggestion.copy_fields(),
            style=brief.style or suggestion.style,
            mood=suggestion.mood,
            text_position=brief.text_position if asked else suggestion.text_position,
            text_size=brief.text_size or suggestion.text_size,
        )
    )


def composed(
    llm: LlmDesigner,
    brief: DesignBrief,
    formats: list[str],
    suggestion: LayoutSuggestion,
    compose: Callable[[Design, Edits], Composition],
) -> tuple[Design, Composition]:
    """Compose the suggestion and have it repaired from what was measured. Raises ``LlmFailed`` when it stays faulty."""
    best: list[tuple[Design, Composition]] = []

    def measured(layout: LayoutSuggestion) -> Violations:
        made = adopted(brief, layout)
        best[:] = [(made, compose(made, layout.edits()))]
        return best[0][1].violations

    llm.mend(layout_request(brief, formats), suggestion, measured)
    return best[0]


def gave_up(ctx: StepContext, error: LlmFailed) -> list[Any]:
    """The warning for an ad that the built-in designer made after all; the reason goes to the log."""
    structlog.get_logger().warning("llm_designer_failed", job_id=ctx.job_id, reason=str(error)[:200])
    return ["llm_failed", {}]


def layout_request(brief: DesignBrief, formats: list[str]) -> LayoutRequest:
    """What the model is told of this ad."""
    return LayoutRequest(
        copy=brief.copy,
        styles=_purposes(),
        formats=tuple(formats),
        wish=brief.style_prompt,
        scene=brief.scene_name,
        analysis=brief.analysis.text if brief.analysis else "",
    )


@lru_cache(1)
def _purposes() -> Mapping[str, str]:
    folder = resources.files("nanococoa_aiserver.layout")
    return tomllib.loads(folder.joinpath("data", "style_purposes.toml").read_text("utf-8"))
