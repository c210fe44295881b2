"""How much RAM this process may use: the machine's, or its container's when that is less.

Linux limits a container by control groups; ``psutil`` sees the machine alone. Both versions' files are read, for the
group itself and every one above it (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

GIB = 1024**3
_MASTERS_SHARE = 0.6
"""Of the RAM that is free at start: the rest is for decoding pictures, loading, and the operating system's cache."""


@dataclass(frozen=True, slots=True)
class Ram:
    """Bytes: what this process and its neighbours in the container may use at all, and what is left of it."""

    total: int
    available: int


@dataclass(frozen=True, slots=True)
class _Files:
    limit: str
    usage: str
    reclaimable: str


_V2 = _Files("memory.max", "memory.current", "inactive_file")
_V1 = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def ram(root: Path = Path("/")) -> Ram:
    """The least of the machine's memory and that of every control group this process is in."""
    machine = psutil.virtual_memory()
    groups = [found for folder, files in _groups(root) if (found := _group_ram(folder, files))]
    seen = [Ram(machine.total, machine.available), *groups]
    return Ram(min(one.total for one in seen), max(0, min(one.available for one in seen)))


def host_budget(limit_gb: float | None = None) -> int:
    """Bytes of RAM to keep weights in: a share of what is free now, and at most ``limit_gb`` GiB."""
    free = int(ram().available * _MASTERS_SHARE)
    return free if limit_gb is None else min(int(limit_gb * GIB), ram().available)


def _groups(root: Path) -> Iterator[tuple[Path, _Files]]:
    """Folders of this process' groups, innermost first; inside a container its own group is the mount's root."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from _with_parents(root / "sys/fs/cgroup", path, _V2)
        elif "memory" in controllers.split(","):
            yield from _with_parents(root / "sys/fs/cgroup/memory", path, _V1)


def _with_parents(mount: Path, path: str, files: _Files) -> Iterator[tuple[Path, _Files]]:
    relative = Path(path.lstrip("/"))
    for folder in (relative, *relative.parents):
        yield mount / folder, files


def _group_ram(folder: Path, files: _Files) -> Ram | None:
    """None when the group has no limit (``max``, or version 1's number near 2⁶³) or cannot be read."""
    try:
        limit = int((folder / files.limit).read_text())
        used = int((folder / files.usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    if limit >= 2**60:
        return None
    return Ram(limit, limit - used + int(stat.get(files.reclaimable, 0)))
