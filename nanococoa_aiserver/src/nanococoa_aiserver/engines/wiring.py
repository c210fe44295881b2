"""The one place where ports meet engines: ``ENGINE`` decides which implementations an ad is made with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
    StopCheck,
    VisionLanguageModel,
)
from nanococoa_aiserver.engines.unable import Unable
from nanococoa_aiserver.errors import ModelUnavailable, ServiceError
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
    themselves. ``light`` is the same engine for the light lane, where that makes a difference; ``warm_up`` is called
    once by a worker that is ready for jobs, ``ahead`` with the present step and those that follow.
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
    warm_up: Callable[[Sequence[tuple[int, int]], StopCheck], None] = lambda sizes, stop: None
    ahead: Callable[[Sequence[str]], None] | None = None

    def for_lane(self, lane: str) -> Engines:
        """The engines for jobs of a lane."""
        return self.light or self if lane == "light" else self


def build_engines(settings: Settings) -> Engines:
    """The engines of this worker. ``auto`` takes diffusion where its models can run at once, else studio, and says why.

    Where diffusion was asked for by name and cannot run, each job fails with the reason. Raises ``SettingsError`` for
    the name of a model that is not known.
    """
    if settings.engine == "studio":
        return studio_engines()
    missing = _what_diffusion_lacks(settings) if settings.engine == "auto" else ""
    if missing:
        return _fallen_back(missing)
    try:
        return _diffusion(settings)
    except ServiceError as error:
        if settings.engine == "auto":
            return _fallen_back(error.message("en"))
        logger.critical("the diffusion engine cannot run, every job will fail: %s", error)
        return _unable(error)


def _fallen_back(reason: str) -> Engines:
    logger.info("ENGINE=auto: the studio engine makes the ads; no diffusion, since %s", reason)
    return replace(studio_engines(), why=reason)


def _unable(error: ServiceError) -> Engines:
    port = Unable(error)
    return Engines("diffusion", 0.5, port, port, port, None, port, port, port, port, port, why=error.message("en"))


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
    """Raises ``ModelUnavailable`` when its packages are not installed, ``ModelLoadError`` when it cannot run here."""
    if find_spec("torch") is None or find_spec("diffusers") is None:
        raise ModelUnavailable("engine_unavailable", model="diffusion", install="scripts/setup --diffusion")
    from nanococoa_aiserver.gpu import prepare_allocator

    prepare_allocator()
    from nanococoa_aiserver.engines.diffusion.assembly import assemble

    built = assemble(settings, statistics=studio_engines().analyst)
    heavy, light = (_engines_of(view, built.state) for view in (built.heavy, built.light))
    return replace(heavy, light=light, warm_up=built.warm_up, ahead=built.ahead)


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
