"""A component from its folder into host memory by the libraries' own ``from_pretrained``, quantized on the way.

What the libraries let pass is refused here: weights that a file lacks would be left at random values.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn

from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, ModelSpec, Storage
from nanococoa_aiserver.engines.diffusion.weights import check_component, count_parameters
from nanococoa_aiserver.gpu.memory import GIB, ram
from nanococoa_client.errors import ModelLoadError, ServiceError


def quiet_libraries() -> None:
    """No progress bars and no remarks in a worker's log; what matters is raised."""
    for library in ("diffusers", "transformers"):
        talk = importlib.import_module(f"{library}.utils.logging")
        talk.set_verbosity_error()
        talk.disable_progress_bar()


@dataclass(frozen=True, slots=True)
class Source:
    """One component as it is to be loaded: ``on_cpu`` says where it will run."""

    spec: ModelSpec
    name: str
    folder: Path
    storage: Storage
    on_cpu: bool

    @property
    def component(self) -> ComponentSpec:
        return self.spec.component(self.name)

    @property
    def dtype(self) -> torch.dtype:
        return compute_dtype(self.component, self.storage, on_cpu=self.on_cpu)

    def expected_bytes(self) -> int:
        """Bytes in host memory, from the numbers that the files say they hold."""
        share = count_parameters(self.spec, self.component, self.folder) / (self.component.parameters * 1e9)
        return round(self.component.bytes(self.storage) * share)


def compute_dtype(component: ComponentSpec, storage: Storage, *, on_cpu: bool) -> torch.dtype:
    """What the component computes in. Processors are slow at float16, or lack it."""
    if storage == "full" or (on_cpu and component.dtype == "float16"):
        return torch.float32
    dtype: torch.dtype = getattr(torch, component.dtype)
    return dtype


def load(source: Source) -> nn.Module:
    """The component in host memory, in evaluation, without gradients.

    Raises ModelLoadError, whose key says why: files missing or cut off, another architecture, too little memory.
    """
    check_component(source.spec, source.name, source.folder)
    _check_ram(source)
    with _explained(source):
        module = _load_nobg(source) if source.component.library == "nobg" else _load_pretrained(source)
    return module.eval().requires_grad_(False)


def _load_nobg(source: Source) -> nn.Module:
    from nanococoa_aiserver.engines.diffusion.birefnet.loading import load_birefnet

    return load_birefnet(source.folder / source.component.subfolder, source.dtype)


def _load_pretrained(source: Source) -> nn.Module:
    component = source.component
    cls = getattr(importlib.import_module(component.library), component.class_name)
    options: dict[str, Any] = {"dtype": source.dtype, "local_files_only": True, "output_loading_info": True}
    if component.subfolder:
        options["subfolder"] = component.subfolder
    if component.quantizable and (config := quantization(source.storage, component)) is not None:
        options["quantization_config"] = config
    if not source.spec.pickled:
        options["use_safetensors"] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries warn of their own futures
        module, info = cls.from_pretrained(source.folder, **options)
    _check_whole(source, info)
    loaded: nn.Module = module
    return _in_four_bits(source, loaded) if component.quantizable and source.storage == "nf4" else loaded


def _in_four_bits(source: Source, module: nn.Module) -> nn.Module:
    from nanococoa_aiserver.engines.diffusion.nf4 import quantize

    return quantize(module, source.dtype)


def quantization(storage: Storage, component: ComponentSpec) -> Any:
    """The library's own configuration for a way of storing weights; None where it is not quantized as it is read."""
    if storage in ("full", "bf16", "nf4"):
        return None
    return importlib.import_module(component.library).TorchAoConfig(_torchao_config(storage))


def _torchao_config(storage: Storage) -> Any:
    """Float8 by torch's own kernels: torchao's choice by the card would call the card's for weights in host memory."""
    from torchao import quantization as torchao
    from torchao.quantization.quantize_.common import KernelPreference

    if storage == "int8":
        return torchao.Int8WeightOnlyConfig()
    if storage == "fp8-weight":
        return torchao.Float8WeightOnlyConfig()
    return torchao.Float8DynamicActivationFloat8WeightConfig(
        granularity=torchao.PerRow(), kernel_preference=KernelPreference.TORCH
    )


def _check_whole(source: Source, info: dict[str, Any]) -> None:
    wrong = [*info.get("missing_keys", ()), *(str(key) for key in info.get("mismatched_keys", ()))]
    if wrong:
        raise ModelLoadError(
            "model_other_layout",
            model=source.spec.name,
            folder=str(source.folder),
            tensors=", ".join(sorted(wrong)[:3]),
        )


def _check_ram(source: Source) -> None:
    needed, free = source.expected_bytes(), ram().available
    if needed > free:
        raise _too_little_ram(source, needed, free)


def _too_little_ram(source: Source, needed: int, free: int) -> ModelLoadError:
    return ModelLoadError(
        "model_host_memory",
        model=source.spec.name,
        component=source.name,
        needed_gb=round(needed / GIB, 1),
        free_gb=round(free / GIB, 1),
    )


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    """What a loading library raises, as a ModelLoadError that tells what to do."""
    try:
        yield
    except ServiceError:
        raise
    except MemoryError as error:
        raise _too_little_ram(source, source.expected_bytes(), ram().available) from error
    except SafetensorError as error:
        raise ModelLoadError("model_files_damaged", model=source.spec.name, file=str(source.folder)) from error
    except (OSError, ValueError, TypeError, LookupError, RuntimeError, ImportError, AssertionError) as error:
        if "can't allocate memory" in str(error):
            raise _too_little_ram(source, source.expected_bytes(), ram().available) from error
        raise ModelLoadError(
            "model_load_reason", model=source.spec.name, component=source.name, reason=_one_line(error)
        ) from error


def _one_line(error: BaseException) -> str:
    said = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {said[0][:200]}"
