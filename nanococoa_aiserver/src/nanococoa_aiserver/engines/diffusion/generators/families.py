"""A generator for a model by its family."""

from __future__ import annotations

from collections.abc import Mapping

from nanococoa_aiserver.engines.diffusion.catalogue import Family
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache
from nanococoa_aiserver.engines.diffusion.generators.flux1 import Flux1
from nanococoa_aiserver.engines.diffusion.generators.flux2 import Flux2, Flux2Klein
from nanococoa_aiserver.engines.diffusion.generators.latent import LatentDiffusion
from nanococoa_aiserver.engines.diffusion.generators.sd3 import StableDiffusion3
from nanococoa_aiserver.engines.diffusion.generators.zimage import ZImage
from nanococoa_aiserver.engines.diffusion.host import ModelHost

FAMILIES: Mapping[Family, type[LatentDiffusion]] = {
    "flux1": Flux1,
    "flux2": Flux2,
    "flux2-klein": Flux2Klein,
    "zimage": ZImage,
    "sd3": StableDiffusion3,
}


def open_generator(
    host: ModelHost, model: str, cache: EmbeddingCache | None = None, canvas: Canvas | None = None
) -> LatentDiffusion:
    """The generator for ``model``, which needs no weights until it is asked for a picture.

    Raises SettingsError for a name that is in no catalogue. ``cache`` may be shared by several generators.
    """
    return FAMILIES[host.spec(model).family](host, model, cache or EmbeddingCache(), canvas or Canvas())
