"""The one place where ports meet engines: ``ENGINE`` decides which implementations an ad is made with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

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
from nanococoa_aiserver.settings import Settings

if TYPE_CHECKING:
    from nanococoa_aiserver.engines.diffusion.assembly import DiffusionView

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engines:
    """What one worker makes ads with. ``name`` is what clients see as ``engine``, ``why`` what it says of the choice.

    ``sure_from`` is the least confidence of this segmenter's cut-outs that counts as sure, ``painters`` how many scenes
    are painted at a time, ``statistics`` an analyst that needs no model, ``source`` what finished pictures say of
    themselves. ``light`` is the same engine for the light lane, where that makes a difference.
    """

    name: str
    sure_from: float
    segmenter: Segmenter
    painter: BackgroundPainter
    analyst: ImageAnalyst
    statistics: ImageAnalyst | None = None
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

    def for_lane(self, lane: str) -> Engines:
        """The engines for jobs of a lane."""
        return self.light or self if lane == "light" else self


def build_engines(settings: Settings) -> Engines:
    """The engines of this worker. ``auto`` takes diffusion where its models can run at once, else studio, and says why.

    Raises ``ModelUnavailable`` when the diffusion engine was asked for by name and its packages are not installed.
    """
    if settings.engine == "studio":
        return studio_engines()
    missing = _what_diffusion_lacks(settings)
    if settings.engine == "auto" and missing:
        logger.info("ENGINE=auto: the studio engine makes the ads; no diffusion, since %s", missing)
        return replace(studio_engines(), why=missing)
    if find_spec("torch") is None:
        raise ModelUnavailable("engine_unavailable", model="diffusion", install="ENGINE=studio")
    return _diffusion(settings)


def studio_engines() -> Engines:
    """The engine without weights."""
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


def _what_diffusion_lacks(settings: Settings) -> str:
    """Why ``auto`` does not take diffusion here, in a few words; empty when it can."""
    if not _has_card():
        return "no NVIDIA card answers"
    if find_spec("torch") is None or find_spec("diffusers") is None:
        return "torch and diffusers are not installed (scripts/setup --diffusion)"
    from nanococoa_aiserver.engines.diffusion.assembly import what_is_missing

    return what_is_missing(settings)


def _has_card() -> bool:
    """Asked of the driver: importing torch for it would cost the studio engine seconds."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return int(pynvml.nvmlDeviceGetCount()) > 0
    except pynvml.NVMLError:
        return False


def _diffusion(settings: Settings) -> Engines:
    from nanococoa_aiserver.engines.diffusion.assembly import assemble
    from nanococoa_aiserver.engines.studio.analyst import StudioAnalyst

    built = assemble(settings, numbers=StudioAnalyst())
    heavy, light = (_engines_of(view, built.state) for view in (built.heavy, built.light))
    return replace(heavy, light=light)


def _engines_of(view: DiffusionView, state: Callable[[], dict[str, Any]]) -> Engines:
    return Engines(
        name="diffusion",
        sure_from=view.sure_from,
        segmenter=view.segmenter,
        painter=view.painter,
        analyst=view.analyst,
        statistics=view.statistics,
        refiner=view.refiner,
        editor=view.editor,
        finder=view.finder,
        scorer=view.scorer,
        vlm=view.vlm,
        source=SourceType.COMPOSITE_TRAINED,
        painters=1,
        state=state,
    )
