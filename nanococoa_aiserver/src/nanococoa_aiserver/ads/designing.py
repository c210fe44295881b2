"""Who designs the text: a language model where one is set up, the built-in designer otherwise and when that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from nanococoa_aiserver.ads.assisted import composed, gave_up, llm_for, suggested
from nanococoa_aiserver.ads.composing import Composition, Edits, Material
from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.pictures import get_picture, get_rgba
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.engines.ports import Analysis
from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.layout import fonts
from nanococoa_aiserver.layout.copy import parse_copy
from nanococoa_aiserver.layout.design import STYLES, Design, DesignBrief, design
from nanococoa_aiserver.layout.llm_client import LlmFailed
from nanococoa_aiserver.layout.llm_layout import LayoutSuggestion
from nanococoa_client.schemas import AdCopy, Brand

PREVIEW_SIDE = 256


def decide(ctx: StepContext, analysis: Mapping[str, Any], material: Material) -> dict[str, Any]:
    """The design for the request's copy, JSON-safe: a language model's suggestion with it, where there is one.

    Raises ``RenderFailed`` naming the packages to install when no font here draws Hangul.
    """
    fonts.require()
    brief = brief_of(ctx, analysis, material)
    if (llm := llm_for(ctx)) is not None:
        try:
            made, suggestion = suggested(llm, brief, ctx.request["formats"])
            return {"design": _kept(made), "suggestion": suggestion.model_dump(mode="json"), "warnings": []}
        except LlmFailed as error:
            return {"design": _kept(design(brief)), "warnings": [gave_up(ctx, error)]}
    return {"design": _kept(design(brief)), "warnings": []}


def compose_decided(
    ctx: StepContext, decided: Mapping[str, Any], brief: DesignBrief, compose: Callable[[Design, Edits], Composition]
) -> tuple[Design, Composition]:
    """Compose what was decided; a language model's layout is repaired by what was measured, or given up."""
    llm = llm_for(ctx)
    if llm is None or "suggestion" not in decided:
        made = Design.model_validate(decided["design"])
        return made, compose(made, {})
    suggestion = LayoutSuggestion.model_validate(decided["suggestion"])
    try:
        return composed(llm, brief, ctx.request["formats"], suggestion, compose)
    except LlmFailed as error:
        made = design(brief)
        composition = compose(made, {})
        return made, replace(composition, warnings=[*composition.warnings, gave_up(ctx, error)])


def brief_of(ctx: StepContext, analysis: Mapping[str, Any], material: Material) -> DesignBrief:
    """Everything the designers may look at."""
    request = ctx.request
    if (style := request.get("style")) is not None and style not in STYLES:
        raise InvalidParameter("style_unknown", field="style", name=style, known=", ".join(STYLES))
    brand = Brand.model_validate(request["brand"]) if request.get("brand") else None
    return DesignBrief(
        copy=copy_of(request),
        product=material.sprite,
        scene=preview_of(ctx.artifacts, material.scenes),
        scene_name=next(iter(material.scenes.values()))["scene"],
        analysis=_analysis(analysis),
        style_prompt=request.get("html_style_prompt", ""),
        style=style,
        brand=brand,
        brand_logo=get_rgba(ctx.artifacts, brand.logo) if brand and brand.logo else None,
        font_family=request.get("font_family"),
        font_weight=request.get("font_weight"),
        text_color=request.get("text_color"),
        text_position=request.get("text_position", "auto"),
        text_size=request.get("text_size"),
        visible_label=request.get("visible_label", False),
        locale=request.get("locale", "ko"),
    )


def copy_of(request: Mapping[str, Any]) -> AdCopy:
    """The copy by field: as given, else parsed from the text."""
    if request.get("fields"):
        return AdCopy.model_validate(request["fields"])
    return parse_copy(request["text_content"])


def preview_of(store: ArtifactStore, scenes: Mapping[str, Any]) -> Rgb:
    """A small copy of the first scene, for colours and busyness."""
    image, _ = get_picture(store, next(iter(scenes.values()))["artifact"])
    scale = min(1.0, PREVIEW_SIDE / max(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _kept(made: Design) -> dict[str, Any]:
    return made.model_dump(mode="json")


def _analysis(saved: Mapping[str, Any]) -> Analysis:
    return Analysis(**{**saved, "palette": tuple(saved["palette"])})
