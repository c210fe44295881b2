"""nobg's BiRefNet classes, imported for their architecture alone.

``import nobg`` pulls in SAM 3 and torchvision's image processing, and torchvision has no build for a CPU torch. So the
package's files are loaded under a private name, and only their own import statements see stand-ins for what the
architecture doesn't need: nothing is put in the place of torchvision for anybody else.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from nanococoa_client.errors import ModelLoadError

from .deform import best_deform_conv2d

PRIVATE = f"{__package__}._nobg"
NEEDED = ("utils", "loss", "mixin", "birefnet.modeling_birefnet")  # in the order they import each other


@cache
def architecture() -> Any:
    """The module with ``BiRefNet`` and ``BiRefNetConfig``. Raises ModelLoadError when nobg isn't installed."""
    folder = _installed()
    for package in ("", ".birefnet"):
        _add_package(PRIVATE + package, folder / package.lstrip("."))
    stand_ins = {
        "torchvision.ops": SimpleNamespace(deform_conv2d=best_deform_conv2d()),
        "image_processing_birefnet": SimpleNamespace(BiRefNetImageProcessor=None),
    }
    return [_loaded(name, folder, stand_ins) for name in NEEDED][-1]


class _ScopedLoader(SourceFileLoader):
    """Executes one file whose import statements get ``stand_ins`` for the modules named there."""

    def __init__(self, name: str, path: str, stand_ins: dict[str, SimpleNamespace]) -> None:
        super().__init__(name, path)
        self._stand_ins = stand_ins

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
        super().exec_module(module)

    def _import(self, name: str, *context: Any, **named: Any) -> Any:
        return self._stand_ins.get(name) or builtins.__import__(name, *context, **named)


def _installed() -> Path:
    """nobg's folder, found without running any of its code."""
    spec = importlib.util.find_spec("nobg")
    if spec is None or not spec.submodule_search_locations:
        raise ModelLoadError("model_package_missing", package="nobg", model="birefnet")
    return Path(spec.submodule_search_locations[0])


def _add_package(name: str, folder: Path) -> None:
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    package.__spec__ = ModuleSpec(name, None, is_package=True)
    sys.modules[name] = package


def _loaded(name: str, folder: Path, stand_ins: dict[str, SimpleNamespace]) -> ModuleType:
    full, path = f"{PRIVATE}.{name}", folder.joinpath(*name.split(".")).with_suffix(".py")
    loader = _ScopedLoader(full, str(path), stand_ins)
    spec = importlib.util.spec_from_file_location(full, path, loader=loader)
    if spec is None or not path.is_file():
        raise ModelLoadError("model_package_missing", package="nobg==0.3.1", model="birefnet")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    loader.exec_module(module)
    return module
