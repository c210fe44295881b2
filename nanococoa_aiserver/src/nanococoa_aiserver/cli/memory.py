"""A process that gives memory back: glibc's malloc told so at start."""

from __future__ import annotations

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Numbers of glibc's malloc.h."""


def give_memory_back(large: int) -> None:
    """Map blocks of ``large`` bytes and more by themselves, so that freeing them shrinks the process; two arenas.

    By default glibc raises that size to 32 MB by itself and keeps eight arenas a core: each thread that decodes uploads
    would keep its own high tide. Not for a worker: mapping every picture plane anew cost 12 % of an ad's time. Does
    nothing with another C library.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, large), (_TRIM_THRESHOLD, large)):
            mallopt(option, value)
