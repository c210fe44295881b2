"""One small disk for everything that the suite keeps, as on a rented machine: a test can fill it and make room again.

A file with a file system of its own, mounted beside Docker's volumes, so that it stays when containers go.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SIZE: Final = 2 * 2**30
"""Bytes; the file is sparse, so only what is written takes room."""

VOLUMES: Final = ("customer_data", "aiserver_data", "backend_data", "homepage_data", "sites")
SERVICES_USER: Final = 1000


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """``override`` is a Compose file that puts every volume on it."""

    folder: Path
    override: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a block is left as long as this lasts."""
        filler = self.folder / "filler"
        try:
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.folder).free - 2**20)
                _to_the_last_block(file.fileno())
            yield
        finally:
            filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk | None]:
    """Mounted under ``folder``; None where this user may mount nothing."""
    image, mounted = folder / "disk.img", folder / "disk"
    with image.open("wb") as file:
        file.truncate(SIZE)
    mounted.mkdir()
    made = _did("mkfs.ext4", "-q", "-m", "0", str(image)) and _did("mount", "-o", "loop", str(image), str(mounted))
    if not made:
        yield None
        return
    try:
        yield SmallDisk(mounted, _override(folder, mounted))
    finally:
        _did("umount", str(mounted))
        image.unlink()


def _override(folder: Path, mounted: Path) -> Path:
    for name in VOLUMES:
        (mounted / name).mkdir()
        os.chown(mounted / name, SERVICES_USER, SERVICES_USER)
    bound = {name: {"driver_opts": _bind(mounted / name)} for name in VOLUMES}
    file = folder / "small-disk.json"
    file.write_text(json.dumps({"volumes": bound}), "utf-8")  # JSON is YAML
    return file


def _bind(folder: Path) -> dict[str, str]:
    return {"type": "none", "o": "bind", "device": str(folder)}


def _to_the_last_block(file: int) -> None:
    """What is left after the large piece, in small ones."""
    at = os.fstat(file).st_size
    for piece in (2**16, 2**12):
        try:
            while True:
                os.posix_fallocate(file, at, piece)
                at += piece
        except OSError:
            continue


def _did(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
