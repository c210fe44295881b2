"""Real model code on tiny checkpoints: made once, one thread each, never a word to the hub."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

HAS_TORCH = importlib.util.find_spec("torch") is not None
TINY_SOURCES = Path(__file__).parents[2] / "nanococoa_aiserver/src/nanococoa_aiserver/engines/diffusion/tiny"
LIBRARIES = ("torch", "diffusers", "transformers", "peft", "tokenizers", "safetensors")


class SkippedModule(pytest.Module):
    """Stands for a test file where torch is not installed."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip("torch is not installed: scripts/setup --tests brings it", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Where tests have to count (CI) a missing torch is a failure, elsewhere one clear reason to skip."""
    if HAS_TORCH or os.environ.get("CI"):
        return None
    module: SkippedModule = SkippedModule.from_parent(parent, path=module_path)
    return module


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tiny tensors gain nothing from threads, and the machine's cores are shared."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's library reads the variable once, when it is imported, so its constant is set, too."""
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def tiny_models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``MODELS_DIR`` with a tiny checkpoint of every model. Shared by all tests: copy what you want to change."""
    cache = getattr(request.config, "cache", None)
    folder = tmp_path_factory.mktemp("models") if cache is None else cache.mkdir("tiny-models")
    return _made(folder / _fingerprint())


def _made(target: Path) -> Path:
    """The folder, made beside its place and moved there: runs beside each other share it."""
    if target.exists():
        return target
    from nanococoa_aiserver.engines.diffusion.tiny import make_tiny

    draft = target.with_name(f"{target.name}-{os.getpid()}")
    make_tiny(draft)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)  # another run was quicker
    return target


def _fingerprint() -> str:
    """Changes with the code that makes the checkpoints and with the libraries that write them."""
    digest = hashlib.sha256()
    for source in sorted(TINY_SOURCES.glob("*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    digest.update(" ".join(version(library) for library in LIBRARIES).encode())
    return digest.hexdigest()[:16]
