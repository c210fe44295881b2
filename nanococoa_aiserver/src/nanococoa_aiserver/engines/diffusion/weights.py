"""Whether a folder holds a model whole, told without loading it: shards counted, lengths held against the headers.

A safetensors file begins with the length of its header (8 bytes, little-endian) and the header (JSON), which says where
each tensor ends: https://huggingface.co/docs/safetensors/index#format. So a file cut off anywhere is found in
microseconds.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, ModelSpec
from nanococoa_client.errors import ModelLoadError

_STEMS = {"diffusers": "diffusion_pytorch_model", "transformers": "model", "nobg": "model"}
_HEADER_LIMIT = 100_000_000  # the format's own: a longer header is not read
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "spiece.model")


def check_model(spec: ModelSpec, folder: Path) -> None:
    """Raises ModelLoadError naming the first file that is missing, cut off or another model's."""
    for name in spec.components:
        check_component(spec, name, folder)
    for place in _companions(spec, folder):
        if not place.is_file():
            raise _missing(spec, place)


def check_component(spec: ModelSpec, name: str, folder: Path) -> None:
    """As ``check_model``, for one component."""
    component = spec.component(name)
    part = folder / component.subfolder
    _check_class(spec, component, part / "config.json")
    for path in weight_files(spec, component, folder):
        if path.suffix == ".safetensors":
            _read_header(spec, path)


def count_parameters(spec: ModelSpec, component: ComponentSpec, folder: Path) -> int:
    """Numbers in the component's files, whatever their type; pickled ones are float32.

    Raises ModelLoadError as ``check_component`` does.
    """
    return sum(_count(spec, path) for path in weight_files(spec, component, folder))


def _count(spec: ModelSpec, path: Path) -> int:
    if path.suffix != ".safetensors":
        return path.stat().st_size // 4
    return sum(math.prod(tensor["shape"]) for tensor in _read_header(spec, path).values())


def weight_files(spec: ModelSpec, component: ComponentSpec, folder: Path) -> list[Path]:
    """The files that hold a component's weights; all exist. Raises ModelLoadError naming one that does not."""
    part = folder / component.subfolder
    whole = part / f"{_STEMS[component.library]}.safetensors"
    index = part / f"{whole.name}.index.json"
    pickled = part / "pytorch_model.bin"
    if index.is_file():
        files = [part / name for name in sorted(set(_json(spec, index).get("weight_map", {}).values()))]
    else:
        files = [pickled] if spec.pickled and pickled.is_file() and not whole.is_file() else [whole]
    for path in files:
        if not path.is_file():
            raise _missing(spec, path)
        if path.stat().st_size == 0:
            raise ModelLoadError("model_truncated", model=spec.name, file=str(path), found=0, expected="?")
    return files


def _check_class(spec: ModelSpec, component: ComponentSpec, path: Path) -> None:
    """``config.json`` names the class it was saved from; BiRefNet's original names its own."""
    if not path.is_file():
        raise _missing(spec, path)
    config = _json(spec, path)
    named = [config["_class_name"]] if "_class_name" in config else config.get("architectures") or []
    if named and not {component.class_name, *component.also} & set(named):
        raise ModelLoadError(
            "model_other_architecture",
            model=spec.name,
            folder=str(path.parent),
            found=", ".join(named),
            expected=component.class_name,
        )


def _read_header(spec: ModelSpec, path: Path) -> dict[str, Any]:
    """The tensors a safetensors file says it holds, by name; its length agrees with them."""
    found = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 8 * found
        if length > min(found, _HEADER_LIMIT):
            raise ModelLoadError("model_truncated", model=spec.name, file=str(path), found=found, expected="?")
        tensors = _header_json(spec, path, file.read(length))
    expected = 8 + length + max((tensor["data_offsets"][1] for tensor in tensors.values()), default=0)
    if expected != found:
        raise ModelLoadError("model_truncated", model=spec.name, file=str(path), found=found, expected=expected)
    return tensors


def _header_json(spec: ModelSpec, path: Path, header: bytes) -> dict[str, Any]:
    try:
        tensors: dict[str, Any] = json.loads(header)
    except ValueError:
        raise ModelLoadError("model_files_damaged", model=spec.name, file=str(path)) from None
    tensors.pop("__metadata__", None)
    return tensors


def _companions(spec: ModelSpec, folder: Path) -> Iterator[Path]:
    """Small files that a model is no good without: the scheduler's settings, one tokenizer per text encoder."""
    if spec.flat:
        if spec.languages:
            yield _tokenizer(folder)
        return
    yield folder / "scheduler" / "scheduler_config.json"
    for name in spec.components:
        if name.startswith("text_encoder"):
            yield _tokenizer(folder / name.replace("text_encoder", "tokenizer"))


def _tokenizer(folder: Path) -> Path:
    found = (folder / name for name in _TOKENIZER_FILES)
    return next((path for path in found if path.is_file()), folder / _TOKENIZER_FILES[0])


def _json(spec: ModelSpec, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelLoadError("model_files_damaged", model=spec.name, file=str(path)) from None
    if not isinstance(content, dict):
        raise ModelLoadError("model_files_damaged", model=spec.name, file=str(path))
    return content


def _missing(spec: ModelSpec, path: Path) -> ModelLoadError:
    return ModelLoadError("model_files_missing", model=spec.name, file=str(path))
