"""The one place where ports meet engines: ``ENGINE`` decides which implementations an ad is made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from nanococoa_aiserver.engines.ports import (
    AlignmentScorer,
    BackgroundPainter,
    ImageAnalyst,
    ImageEditor,
    Refiner,
    RegionFinder,
    Segmenter,
    VisionLanguageModel,
)
from nanococoa_aiserver.errors import ModelUnavailable
from nanococoa_aiserver.imaging.disclosure import SourceType

EngineName: TypeAlias = Literal["auto", "studio", "diffusion"]


@dataclass(frozen=True, slots=True)
class Engines:
    """What one worker makes ads with. ``name`` is what clients see as ``engine``, ``why`` what it says of the choice.

    ``sure_from`` is the least confidence of this segmenter's cut-outs that counts as sure, ``painters`` how many scenes
    are painted at a time, ``source`` what finished pictures say of themselves. ``light`` is the same engine for the
    light lane, where that makes a difference.
    """

    name: str
    sure_from: float
    segmenter: Segmenter
    painter: BackgroundPainter
    analyst: ImageAnalyst
    refiner: Refiner | None = None
    editor: ImageEditor | None = None
    finder: RegionFinder | None = None
    scorer: AlignmentScorer | None = None
    vlm: VisionLanguageModel | None = None
    source: SourceType = SourceType.COMPOSITE
    painters: int = 2
    why: str = ""
    light: Engines | None = None
    state: Callable[[], dict[str, Any]] = dict


def build_engines(engine: EngineName) -> Engines:
    """The engines of this worker; ``auto`` takes what can run here.

    Raises ``ModelUnavailable`` when the engine asked for by name has no models here.
    """
    if engine == "diffusion":
        raise ModelUnavailable("engine_unavailable", model="diffusion", install="ENGINE=studio")
    return _studio()


def _studio() -> Engines:
    from nanococoa_aiserver.engines.studio.analyst import StudioAnalyst
    from nanococoa_aiserver.engines.studio.cutout import VERDICT_THRESHOLD, StudioSegmenter
    from nanococoa_aiserver.engines.studio.painter import StudioPainter

    return Engines(
        name="studio",
        sure_from=VERDICT_THRESHOLD,
        segmenter=StudioSegmenter(),
        painter=StudioPainter(),
        analyst=StudioAnalyst(),
    )
