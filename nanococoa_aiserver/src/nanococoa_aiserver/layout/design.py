"""What an ad's text layer is made from: the brief, and the design the built-in designer answers with."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from nanococoa_aiserver.engines.ports import Analysis
from nanococoa_aiserver.imaging.types import Rgb, Rgba, Sprite
from nanococoa_aiserver.layout import colour
from nanococoa_aiserver.layout.select import Signals, StyleScore, best_three, mood_for, occasion_of, rank_styles
from nanococoa_aiserver.layout.styles.model import STYLES, load_style, source
from nanococoa_aiserver.layout.veil import busyness
from nanococoa_client.schemas import AdCopy, Brand
from nanococoa_client.schemas.requests import Position

LOGO_HEIGHT = 240  # px; the largest a logo is shown is 2 em of 5 rem


@dataclass(frozen=True, kw_only=True)
class DesignBrief:
    """Everything a designer may look at. ``scene`` is a small preview of the backdrop."""

    copy: AdCopy
    product: Sprite
    scene: Rgb
    scene_name: str = ""
    analysis: Analysis | None = None
    style_prompt: str = ""
    style: str | None = None
    mood: colour.Mood | None = None
    brand: Brand | None = None
    brand_logo: Rgba | None = None
    font_family: str | None = None
    font_weight: int | None = None
    text_color: str | None = None
    text_position: Position = "auto"
    text_size: float | None = None
    visible_label: bool = False
    locale: str = "ko"


class Design(BaseModel):
    """A finished decision, independent of any format: kept with the job, rendered as often as wished.

    ``palette`` is ``colour.palette``'s (and the occasion's) colours by name; ``logo`` is a PNG data URI.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: str
    alternatives: list[str] = []
    mood: colour.Mood = "normal"
    occasion: str = ""
    palette: dict[str, str]
    fields: AdCopy
    scene_chroma: float = 0.0
    scene_hue: float = 60.0
    logo: str = ""
    font_family: str | None = None
    font_weight: int | None = None
    text_color: str | None = None
    text_position: Position = "auto"
    text_size: float = Field(1.0, ge=0.5, le=2)
    visible_label: bool = False
    locale: str = "ko"
    reasons: list[str] = []

    @property
    def cast(self) -> colour.Hue:
        """The scene's cast, for veils."""
        return colour.Hue(0.5, self.scene_chroma, self.scene_hue)


def design(brief: DesignBrief) -> Design:
    """The built-in designer: picks the style that suits best (or the one named) and derives its colours."""
    signals = signals_of(brief)
    ranking = rank_styles(signals)
    chosen = _chosen(brief, ranking)
    mood = brief.mood or mood_for(signals, load_style(chosen.style).mood)
    others = [score.style for score in best_three(ranking) if score.style != chosen.style]
    return _design(brief, chosen, others[:2], mood, occasion_of(signals))


def restyled(design: Design, style: str, brief: DesignBrief) -> Design:
    """The same ad in another style. Raises ``KeyError`` for an unknown one."""
    mood = mood_for(signals_of(brief), load_style(style).mood)
    others = [name for name in (design.style, *design.alternatives) if name != style]
    fresh = _design(brief, StyleScore(style, 0.0, ("chosen",)), others[:3], mood, design.occasion)
    return fresh.model_copy(update={"fields": design.fields})


def signals_of(brief: DesignBrief) -> Signals:
    """The facts a style is chosen by."""
    busy = brief.analysis.busy if brief.analysis else 0.0
    return Signals(
        copy=brief.copy,
        prompt=brief.style_prompt,
        scene=brief.scene_name,
        busy=max(busy, busyness(brief.scene)),
        aspect=brief.product.aspect,
        position=brief.text_position,
    )


def occasion_colours(occasion: str) -> dict[str, str]:
    """The season style's ground, moon and seal."""
    return _occasions()[occasion or "other"]


def _chosen(brief: DesignBrief, ranking: list[StyleScore]) -> StyleScore:
    named = brief.style or brief.style_prompt.strip().lower()
    return next((score for score in ranking if score.style == named), ranking[0])


def _design(brief: DesignBrief, chosen: StyleScore, others: list[str], mood: colour.Mood, occasion: str) -> Design:
    cast = colour.scene_hue(brief.scene)
    brand = brief.brand.colors if brief.brand else []
    colours = colour.palette(colour.product_hue(brief.product), cast, mood, brand)
    return Design(
        style=chosen.style,
        alternatives=others,
        mood=mood,
        occasion=occasion,
        palette=colours | occasion_colours(occasion),
        fields=brief.copy,
        scene_chroma=round(cast.chroma, 4),
        scene_hue=round(cast.hue, 1),
        logo=_logo(brief.brand_logo),
        font_family=brief.font_family or (brief.brand.font_family if brief.brand else None),
        font_weight=brief.font_weight,
        text_color=brief.text_color,
        text_position=brief.text_position,
        text_size=brief.text_size or 1.0,
        visible_label=brief.visible_label,
        locale=brief.locale,
        reasons=list(chosen.why),
    )


def _logo(logo: Rgba | None) -> str:
    if logo is None:
        return ""
    share = min(1.0, LOGO_HEIGHT / logo.shape[0])
    size = (max(1, round(logo.shape[1] * share)), max(1, round(logo.shape[0] * share)))
    small = np.ascontiguousarray(cv2.resize(logo, size, interpolation=cv2.INTER_AREA))
    _, data = cv2.imencode(".png", cv2.cvtColor(small, cv2.COLOR_RGBA2BGRA))
    return "data:image/png;base64," + base64.b64encode(data.tobytes()).decode()


@lru_cache(1)
def _occasions() -> Mapping[str, dict[str, str]]:
    return tomllib.loads(source("season", "occasions.toml"))


__all__ = ["STYLES", "Design", "DesignBrief", "design", "occasion_colours", "restyled", "signals_of"]
