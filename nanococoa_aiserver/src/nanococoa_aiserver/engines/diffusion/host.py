"""Models by name on top of the residency of components: what a lease of a model gives, and the small files beside."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import torch
from torch import nn

from nanococoa_aiserver.engines.diffusion.adapters import AdapterFiles, applied
from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec, find_model
from nanococoa_aiserver.engines.diffusion.compiling import channels_last, compile_blocks, run_compiled
from nanococoa_aiserver.engines.diffusion.files import ModelFiles
from nanococoa_aiserver.engines.diffusion.loading import Source, compute_dtype, load, quiet_libraries
from nanococoa_aiserver.engines.diffusion.precision import PrecisionChoice, choose
from nanococoa_aiserver.engines.diffusion.selection import select_models
from nanococoa_aiserver.engines.ports import Adapter, StopCheck
from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.residency import Component, Effort, Lease, Residency
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import ModelLoadError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model's leased components, on the device, by their short names; ``dtype`` is what they compute in."""

    modules: Mapping[str, nn.Module]
    device: torch.device
    dtype: torch.dtype
    _lease: Lease

    def offer(self) -> None:
        """Between denoising steps: lets waiting light work run first, and raises what ``stop`` raises."""
        self._lease.offer()

    def run(self, call: Callable[[Effort], T]) -> T:
        """One model call under the ladder of out-of-memory rescues; uncompiled where the compiler fails."""
        transformer = self.modules.get("transformer")
        if transformer is None:
            return self._lease.run(call)
        return self._lease.run(lambda effort: run_compiled(lambda: call(effort), transformer))


class ModelHost:
    """The models of one worker. Components are named ``<model>/<component>`` in the residency."""

    def __init__(self, settings: Settings, device: Device, residency: Residency) -> None:
        """Raises ModelLoadError when the models chosen by the settings cannot run on this device at all."""
        quiet_libraries()
        self._settings, self._device, self._residency = settings, device, residency
        self._files, self._adapters = ModelFiles(settings), AdapterFiles(settings)
        self.precision: PrecisionChoice = choose(
            settings.precision,
            device.capability,
            device.memory().room,
            select_models(settings).needed,
            device.name,
        )
        self._lock = Lock()
        self._folders: dict[str, Path] = {}
        self._known: set[str] = set()
        self._small: dict[tuple[str, str, str], Any] = {}

    def spec(self, model: str) -> ModelSpec:
        """Raises SettingsError naming the known models."""
        return find_model(model)

    def available(self, model: str) -> bool:
        """Whether the model's files are at hand and whole; asks no network."""
        return self._files.available(self.spec(model))

    def folder(self, model: str) -> Path:
        """The model's folder; downloads it at the pinned revision when it is not at hand and that is allowed."""
        found = self._folders.get(model)
        if found is None:
            found = self._folders[model] = self._files.folder(self.spec(model))
        return found

    @contextmanager
    def lease(
        self,
        model: str,
        components: Sequence[str],
        *,
        activity: str,
        workspace: int = 0,
        lane: Lane = "heavy",
        stop: StopCheck,
        adapters: Sequence[Adapter] = (),
    ) -> Iterator[Loaded]:
        """``components`` of a model on the device, with ``adapters`` on its transformer.

        Raises ModelUnavailable (licence), ModelLoadError, GpuOutOfMemory, InvalidParameter (adapters), and what
        ``stop`` raises.
        """
        spec, names = self.spec(model), self._add(model, components)
        with ExitStack() as stack:
            lease = stack.enter_context(
                self._residency.lease(
                    list(names.values()), activity=activity, workspace=workspace, lane=lane, stop=stop
                )
            )
            modules = {short: lease.modules[name] for short, name in names.items()}
            if adapters:
                stack.enter_context(applied(modules["transformer"], spec, adapters, self._adapters))
            yield Loaded(modules, lease.device, self.dtype(model, components[0]), lease)

    def known(self, model: str, components: Sequence[str]) -> tuple[str, ...]:
        """Makes components known to the residency; their names there."""
        return tuple(self._add(model, components).values())

    def names(self, model: str, components: Sequence[str]) -> tuple[str, ...]:
        """The residency's names of a model's components, for ``Residency.expect``."""
        return tuple(f"{model}/{component}" for component in components)

    def dtype(self, model: str, component: str) -> torch.dtype:
        """What a component computes in on this device."""
        spec = self.spec(model).component(component)
        return compute_dtype(spec, self.precision.storage(component, spec), on_cpu=self._on_cpu)

    def tokenizer(self, model: str, subfolder: str = "tokenizer") -> Any:
        """The tokenizer in ``subfolder``, in the folder itself where weights lie there too."""
        return self._once(model, "" if self.spec(model).flat else subfolder, _tokenizer)

    def processor(self, model: str, subfolder: str = "") -> Any:
        """The image processor, by Pillow and NumPy: torchvision is not needed."""
        return self._once(model, subfolder, _image_processor)

    def scheduler(self, model: str) -> Any:
        """A scheduler of its own for each piece of work: they keep their place in the denoising."""
        config = self._once(model, "scheduler", _scheduler_config)
        cls = getattr(importlib.import_module("diffusers"), config["_class_name"])
        return cls.from_config(config)

    @property
    def _on_cpu(self) -> bool:
        return bool(self._device.torch_device.type == "cpu")

    def _add(self, model: str, components: Sequence[str]) -> dict[str, str]:
        """Short names → names in the residency, which is told how to load them."""
        spec, names = self.spec(model), dict(zip(components, self.names(model, components), strict=True))
        for short in [short for short, name in names.items() if name not in self._known]:
            storage = self.precision.storage(short, spec.component(short))
            source = Source(spec, short, self.folder(model), storage, self._on_cpu)
            self._residency.add(Component(names[short], self._loader(source), source.expected_bytes()))
            self._known.add(names[short])
        return names

    def _loader(self, source: Source) -> Callable[[], nn.Module]:
        def loaded() -> nn.Module:
            module = load(source)
            if source.name == "transformer" and self._settings.compile:
                compile_blocks(module)
            return channels_last(module) if source.name == "vae" else module

        return loaded

    def _once(self, model: str, subfolder: str, read: Callable[[Path], Any]) -> Any:
        """Small files are read once; they are used, never changed."""
        key, folder = (model, subfolder, read.__name__), self.folder(model)
        with self._lock:
            if key not in self._small:
                self._small[key] = self._read(model, folder / subfolder, read)
            return self._small[key]

    def _read(self, model: str, place: Path, read: Callable[[Path], Any]) -> Any:
        try:
            return read(place)
        except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
            raise ModelLoadError("model_files_damaged", model=model, file=str(place)) from error


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _image_processor(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    return AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)


def _scheduler_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / "scheduler_config.json").read_text("utf-8"))
    return config
