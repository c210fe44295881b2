"""Which tiny checkpoint is made how, and writing the folder of them so that nothing half-made is ever seen."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import torch
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from nanococoa_aiserver.engines.diffusion.tiny import (
    adapters,
    birefnet,
    clip,
    detector,
    flux1,
    flux2,
    qwen,
    sam,
    sd3,
    zimage,
)
from nanococoa_client.errors import InvalidParameter

MAKERS: Mapping[str, Callable[[Path], None]] = {
    "birefnet": birefnet.save_birefnet,
    "flux2-klein-4b": flux2.save_klein,
    "flux1-schnell": flux1.save_schnell,
    "flux1-dev": flux1.save_dev,
    "flux2-dev": flux2.save_dev,
    "z-image-turbo": zimage.save_zimage,
    "sd3-medium": sd3.save_sd3_medium,
    "qwen3-vl-4b": qwen.save_qwen3_vl_4b,
    "qwen3-vl-8b": qwen.save_qwen3_vl_8b,
    "qwen2-vl-7b": qwen.save_qwen2_vl,
    "clip-vit-l14": clip.save_clip,
    "koclip-vit-l14": clip.save_koclip,
    "grounding-dino": detector.save_grounding_dino,
    "sam2.1": sam.save_sam,
    "adapters/warm-light": adapters.save_warm_light,
}
ALL = tuple(MAKERS)
MARK = ".nanococoa-tiny"
"""Names the folder as one of ours, so that writing into it again can't touch anybody's weights."""


def make_tiny(folder: Path, names: Sequence[str] = ALL) -> None:
    """Write ``folder/<name>/`` for each name, replacing what an earlier run made there.

    The same bytes every time. Raises InvalidParameter for a folder with anything else in it or an unknown name.
    """
    makers = {name: _maker(name) for name in names}
    _claim(folder)
    for name, save in makers.items():
        _write(folder / name, save, seed=zlib.crc32(name.encode()))


def _maker(name: str) -> Callable[[Path], None]:
    if name not in MAKERS:
        raise InvalidParameter("tiny_unknown", name=name, known=", ".join(MAKERS))
    return MAKERS[name]


def _claim(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise InvalidParameter("tiny_folder_taken", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def _write(target: Path, save: Callable[[Path], None], seed: int) -> None:
    """The model appears whole or not at all: it is written beside its place and moved there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with _seeded(seed), _quiet():
            save(draft)
        draft.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's generator is put back afterwards: nobody else's numbers change."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no remarks about weights that are random on purpose."""
    libraries = (diffusers_logging, transformers_logging)
    verbosities = [logging.get_verbosity() for logging in libraries]
    bars = transformers_logging.is_progress_bar_enabled()
    for logging in libraries:
        logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        for logging, verbosity in zip(libraries, verbosities, strict=True):
            logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()
