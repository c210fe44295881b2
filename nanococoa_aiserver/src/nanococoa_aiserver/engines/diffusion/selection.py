"""Which model does which work on this server, as the settings choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec, find_model
from nanococoa_aiserver.engines.diffusion.licences import check_licence
from nanococoa_aiserver.settings import Settings


@dataclass(frozen=True, slots=True)
class Selection:
    """One model per kind of work. An ad needs the first three; the others serve scores and local edits."""

    cutout: ModelSpec
    generator: ModelSpec
    vlm: ModelSpec
    clip: ModelSpec
    koclip: ModelSpec
    detector: ModelSpec
    sam: ModelSpec
    fill: ModelSpec

    @property
    def needed(self) -> tuple[ModelSpec, ...]:
        """Without these there is no diffusion engine."""
        return self.cutout, self.generator, self.vlm

    def all(self) -> Iterator[ModelSpec]:
        """Each model once."""
        models = (*self.needed, self.clip, self.koclip, self.detector, self.sam, self.fill)
        yield from {model.name: model for model in models}.values()


def select_models(settings: Settings) -> Selection:
    """Raises SettingsError for a name that is not known for its work, ModelUnavailable for a licence not accepted."""
    selection = Selection(
        cutout=find_model("birefnet"),
        generator=find_model(settings.generator_model, ("generator",), "GENERATOR_MODEL"),
        vlm=find_model(settings.vlm_model, ("vlm",), "VLM_MODEL"),
        clip=find_model("clip-vit-l14"),
        koclip=find_model("koclip-vit-l14"),
        detector=find_model("grounding-dino"),
        sam=find_model("sam2.1"),
        fill=find_model(settings.fill_model or settings.generator_model, ("generator", "fill"), "FILL_MODEL"),
    )
    for spec in selection.all():
        check_licence(spec, accept_noncommercial=settings.accept_noncommercial_models)
    return selection
