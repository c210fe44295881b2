"""LoRA adapters on a leased transformer: put on when the lease begins, taken off when it ends.

Low-rank matrices run beside the model's linear layers and are added to what these give (Hu et al., 2021), so the
weights themselves, quantized or shared or swapped meanwhile, are never touched.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from torch import nn

from nanococoa_aiserver.engines.diffusion.catalogue import Family, ModelSpec
from nanococoa_aiserver.engines.ports import Adapter
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import InvalidParameter, ServiceError

FIELD: Final = "adapters"
BYTES_LIMIT: Final = 2 * 1024**3  # a rank 128 adapter of FLUX.1 is 0.7 GB; more is another model's weights
_NAME = re.compile(r"[\w.-]+")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_READERS: dict[Family, str] = {
    "flux1": "FluxPipeline",
    "flux2-klein": "Flux2KleinPipeline",
    "flux2": "Flux2Pipeline",
    "zimage": "ZImagePipeline",
    "sd3": "StableDiffusion3Pipeline",
}
"""Pipelines that read the ways such files are written (diffusers', kohya's, ComfyUI's) into one."""


class AdapterFiles:
    """Where adapters are: ``MODELS_DIR/adapters/<name>``, or the hub's repository of that id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def root(self) -> Path | None:
        return self._settings.models_dir / "adapters" if self._settings.models_dir else None

    def known(self) -> list[str]:
        """Names of the folders and files at hand."""
        root = self.root
        if root is None or not root.is_dir():
            return []
        return sorted(path.stem if path.is_file() else path.name for path in root.iterdir())

    def file(self, adapter: str) -> Path:
        """The adapter's safetensors file. Raises InvalidParameter when there is no such adapter."""
        for place in self._places(adapter):
            found = [place] if place.is_file() else sorted(place.glob("*.safetensors"))
            if found:
                return _sized(adapter, found[0])
        raise self._unknown(adapter)

    def _places(self, adapter: str) -> Iterator[Path]:
        if _NAME.fullmatch(adapter) and not adapter.startswith("."):
            if self.root is not None:
                yield self.root / f"{adapter}.safetensors"
                yield self.root / adapter
        elif _HUB_ID.fullmatch(adapter) and ".." not in adapter and not adapter.startswith("."):
            yield self._fetched(adapter)

    def _fetched(self, hub_id: str) -> Path:
        from nanococoa_aiserver.engines.diffusion import hub

        token = self._settings.hf_token
        try:
            return hub.fetch_adapter(hub_id, token.get_secret_value() if token else None, BYTES_LIMIT)
        except ServiceError as error:
            raise self._unknown(hub_id) from error

    def _unknown(self, adapter: str) -> InvalidParameter:
        return InvalidParameter("adapter_unknown", field=FIELD, id=adapter, known=", ".join(self.known()) or "–")


@contextmanager
def applied(
    transformer: nn.Module, spec: ModelSpec, adapters: Sequence[Adapter], files: AdapterFiles
) -> Iterator[None]:
    """``transformer`` with the adapters on, their scales as asked; without them again afterwards, whatever happened.

    Raises InvalidParameter when an adapter is unknown, unreadable or made for another model.
    """
    if not adapters:
        yield
        return
    try:
        names = [_put_on(transformer, spec, adapter, files, f"adapter{i}") for i, adapter in enumerate(adapters)]
        transformer.set_adapters(names, weights=[adapter.scale for adapter in adapters])
        transformer.requires_grad_(False)
        with torch.compiler.set_stance("force_eager"):  # other layers than those that were compiled
            yield
    finally:
        _take_off(transformer)


def _put_on(transformer: nn.Module, spec: ModelSpec, adapter: Adapter, files: AdapterFiles, name: str) -> str:
    path = files.file(adapter.id)
    try:
        state, options = _read(spec, path)
        _check_names(transformer, state, adapter)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft says that it could not merge: nothing is merged here
            transformer.load_lora_adapter(state, adapter_name=name, prefix="transformer", **options)
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        raise _other_shape(spec, adapter) from error
    if name not in getattr(transformer, "peft_config", {}):
        raise _other_shape(spec, adapter)
    return name


def _read(spec: ModelSpec, path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The adapter's tensors by diffusers' names, and what else the file says of them."""
    import diffusers

    reader = getattr(diffusers, _READERS[spec.family])
    kept = {"return_lora_metadata": True} | ({"return_alphas": True} if spec.family == "flux1" else {})
    found = reader.lora_state_dict(path.parent, weight_name=path.name, local_files_only=True, **kept)
    state, alphas, metadata = found if len(found) == 3 else (found[0], None, found[1])
    return state, {"network_alphas": alphas or None, "metadata": metadata or None}


def _check_names(transformer: nn.Module, state: dict[str, torch.Tensor], adapter: Adapter) -> None:
    """Layers that the model lacks, and halves of pairs, would be passed over in silence."""
    modules = {name for name, _ in transformer.named_modules()}
    first, second = (
        {key.removeprefix("transformer.").rsplit(half, 1)[0] for key in state if half in key}
        for half in (".lora_A", ".lora_B")
    )
    layers = first | second
    if not layers or first != second or not layers <= modules:
        raise ValueError(f"{adapter.id}: layers of another model: {sorted(layers - modules)[:3]}")


def _take_off(transformer: nn.Module) -> None:
    """Every layer is the very module it was before."""
    if getattr(transformer, "peft_config", None):
        transformer.unload_lora()


def _sized(adapter: str, path: Path) -> Path:
    if path.stat().st_size > BYTES_LIMIT:
        raise InvalidParameter("adapter_too_large", field=FIELD, id=adapter, limit_gb=round(BYTES_LIMIT / 1e9, 1))
    return path


def _other_shape(spec: ModelSpec, adapter: Adapter) -> InvalidParameter:
    return InvalidParameter("adapter_other_model", field=FIELD, id=adapter.id, model=spec.name)
