"""The product's host of models, with random weights for those that are not at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from torch import nn

from bench.gpu.random_weights import random_module
from bench.gpu.shapes import Build, published
from nanococoa_aiserver.engines.diffusion.compiling import channels_last, compile_blocks
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.tiny import make_tiny
from nanococoa_aiserver.engines.diffusion.tiny.make import MARK
from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.residency import Component, Residency
from nanococoa_aiserver.settings import Settings

Origin: TypeAlias = Literal["real", "random", "tiny"]

PICTURES: Mapping[str, Mapping[str, Any]] = {
    "qwen3-vl-4b": {"size": {"shortest_edge": 65536, "longest_edge": 16777216}},
    "qwen3-vl-8b": {"size": {"shortest_edge": 65536, "longest_edge": 16777216}},
    "qwen2-vl-7b": {"min_pixels": 3136, "max_pixels": 12845056},
    "clip-vit-l14": {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}},
}
"""The published sizes of pictures, instead of the tiny checkpoints' own."""


def write_companions(folder: Path, models: Sequence[str]) -> None:
    """Tokenizers, schedulers and picture processors of ``models``, as the tiny checkpoints have them."""
    make_tiny(folder, models)
    for model in models:
        if model in PICTURES:
            file = folder / model / "preprocessor_config.json"
            file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | PICTURES[model]), "utf-8")


def image_marks(folder: Path) -> dict[str, int]:
    """The numbers by which a tiny vision-language model knows a picture's place in a text."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return {name: config[name] for name in config if name.endswith("_token_id") and name.split("_")[0] in _MARKED}


_MARKED = ("image", "video", "vision")


class BenchHost(ModelHost):
    """``ModelHost`` for a card without weights. ``companions`` is a folder by ``write_companions``."""

    def __init__(
        self,
        settings: Settings,
        device: Device,
        residency: Residency,
        companions: Path,
        shapes: Mapping[str, Build] | None = None,
    ) -> None:
        super().__init__(settings, device, residency)
        self._companions = companions
        self._shapes = shapes if shapes is not None else published(image_marks(companions / settings.vlm_model))

    def origin(self, model: str) -> Origin:
        if not self.available(model):
            return "random"
        tiny = self._settings.models_dir is not None and (self._settings.models_dir / MARK).exists()
        return "tiny" if tiny else "real"

    def folder(self, model: str) -> Path:
        return self._companions / model if self.origin(model) == "random" else super().folder(model)

    def _add(self, model: str, components: Sequence[str]) -> dict[str, str]:
        if self.origin(model) != "random":
            return super()._add(model, components)
        spec = self.spec(model)
        for short in components:
            size = spec.component(short).bytes(self.precision.storage(short, spec.component(short)))
            self._residency.add(Component(f"{model}/{short}", self._random(model, short), size))
        return dict(zip(components, self.names(model, components), strict=True))

    def _random(self, model: str, short: str) -> Callable[[], nn.Module]:
        component, dtype = self.spec(model).component(short), self.dtype(model, short)
        storage = self.precision.storage(short, component)

        def made() -> nn.Module:
            build = self._shapes[f"{model}/{short}"]
            module = random_module(build, component, storage, dtype, self._device.torch_device)
            if short == "transformer" and self._settings.compile:
                compile_blocks(module)
            return channels_last(module) if short == "vae" else module

        return made
