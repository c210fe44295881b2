"""The diffusion engine put together: one device, one residency, one host of models, and the ports in two views.

The heavy view's leases wait their turn; the light view's are served between the heavy ones' denoising steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from nanococoa_aiserver.engines.diffusion.clip import ClipScorer
from nanococoa_aiserver.engines.diffusion.detector import GroundingDino
from nanococoa_aiserver.engines.diffusion.editor import DiffusionEditor
from nanococoa_aiserver.engines.diffusion.files import ModelFiles
from nanococoa_aiserver.engines.diffusion.finder import GroundingDinoFinder
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache
from nanococoa_aiserver.engines.diffusion.generators.families import open_generator
from nanococoa_aiserver.engines.diffusion.generators.request import Generator
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.lookahead import Lookahead
from nanococoa_aiserver.engines.diffusion.painter import DiffusionPainter
from nanococoa_aiserver.engines.diffusion.refiner import DiffusionRefiner
from nanococoa_aiserver.engines.diffusion.sam import Sam2
from nanococoa_aiserver.engines.diffusion.segmenter import SURE_FROM, BiRefNetSegmenter
from nanococoa_aiserver.engines.diffusion.selection import Selection, select_models
from nanococoa_aiserver.engines.diffusion.vlm.analyst import DiffusionAnalyst
from nanococoa_aiserver.engines.diffusion.vlm.model import QwenVision
from nanococoa_aiserver.engines.diffusion.warmup import warm_up
from nanococoa_aiserver.engines.ports import ImageAnalyst, StopCheck
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.gpu.device import open_device
from nanococoa_aiserver.gpu.memory import host_budget
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.settings import Settings, SettingsError

Lane: TypeAlias = Literal["heavy", "light"]
WarmUp: TypeAlias = Callable[[Sequence[tuple[int, int]], StopCheck], None]


@dataclass(frozen=True, slots=True)
class DiffusionView:
    """The ports for one lane."""

    sure_from: float
    segmenter: BiRefNetSegmenter
    painter: DiffusionPainter
    analyst: DiffusionAnalyst
    statistics: ImageAnalyst
    refiner: DiffusionRefiner
    editor: DiffusionEditor
    finder: GroundingDinoFinder
    scorer: ClipScorer
    vlm: QwenVision


@dataclass(frozen=True, slots=True)
class Assembly:
    """Both views, what the residency tells of itself, and the warm-up."""

    heavy: DiffusionView
    light: DiffusionView
    state: Callable[[], dict[str, Any]]
    warm_up: WarmUp
    ahead: Callable[[Sequence[str]], None]


def assemble(settings: Settings, *, statistics: ImageAnalyst) -> Assembly:
    """Open the device and know the models; weights are read when they are first leased.

    Raises ``SettingsError`` (unknown model), ``ModelUnavailable`` (licence), ``ModelLoadError`` (card, driver, memory).
    """
    selection = select_models(settings)
    device = open_device(settings.gpu_memory_gb)
    residency = Residency(device, host_bytes=host_budget(settings.host_memory_gb))
    host = ModelHost(settings, device, residency)
    cache = EmbeddingCache()
    generator = open_generator(host, selection.generator.name, cache)
    same = selection.fill.name == selection.generator.name
    filler = generator if same else open_generator(host, selection.fill.name, cache)
    heavy = _heavy(host, selection, statistics, generator, filler)

    def warm(sizes: Sequence[tuple[int, int]], stop: StopCheck) -> None:
        warm_up(settings, device, generator, sizes, stop)

    light = _seeing(host, selection, statistics, "light")
    ahead = Lookahead(host, residency, selection)
    return Assembly(heavy, replace(heavy, **light), lambda: residency.state().to_json(), warm, ahead)


def what_is_missing(settings: Settings) -> str:
    """Why these models cannot run here at once, without asking the network; empty when they can."""
    try:
        selection = select_models(settings)
    except (ServiceError, SettingsError) as error:
        return str(error)
    files = ModelFiles(settings)
    absent = [spec.name for spec in selection.needed if not files.available(spec)]
    return f"weights are not here: {', '.join(absent)} (nanococoa models download)" if absent else ""


def _heavy(
    host: ModelHost, selection: Selection, statistics: ImageAnalyst, generator: Generator, filler: Generator
) -> DiffusionView:
    seeing = _seeing(host, selection, statistics, "heavy")
    vlm = seeing["vlm"]
    return DiffusionView(
        sure_from=SURE_FROM,
        painter=DiffusionPainter(generator, vlm),
        refiner=DiffusionRefiner(generator, vlm),
        editor=DiffusionEditor(generator, filler, vlm),
        **seeing,
    )


def _seeing(host: ModelHost, selection: Selection, statistics: ImageAnalyst, lane: Lane) -> dict[str, Any]:
    """The ports that look at pictures, waiting their turn in ``lane``."""
    return {
        "segmenter": BiRefNetSegmenter(host, lane=lane, model=selection.cutout.name),
        "analyst": DiffusionAnalyst(host, selection.vlm.name, statistics, lane=lane),
        "statistics": statistics,
        "vlm": QwenVision(host, selection.vlm.name, lane=lane),
        "scorer": ClipScorer(host, lane=lane, models={"openai": selection.clip.name, "koclip": selection.koclip.name}),
        "finder": GroundingDinoFinder(
            GroundingDino(host, lane=lane, model=selection.detector.name),
            Sam2(host, lane=lane, model=selection.sam.name),
        ),
    }
