"""However many threads a worker has, its memory lies in a few heaps."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from nanococoa_aiserver.jobs.worker import HEAPS

THREADS = 12
TAKE = f"""
import ctypes, threading
from nanococoa_aiserver.jobs import worker
{{before}}
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
all_here = threading.Barrier({THREADS})
def take():
    all_here.wait(60)
    block = libc.malloc(5000)
    all_here.wait(60)
    libc.free(block)
threads = [threading.Thread(target=take) for _ in range({THREADS})]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""


def heaps(before: str, **environment: str) -> int:
    """Heaps of a process whose threads all took memory at once."""
    command = [sys.executable, "-c", TAKE.format(before=before)]
    kept = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    told = subprocess.run(command, env=kept | environment, capture_output=True, text=True, check=True, timeout=600)
    return len(re.findall(r"^Arena \d+:", told.stderr, re.MULTILINE))


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc")
def test_threads_share_a_few_heaps_unless_told_otherwise() -> None:
    assert heaps("worker._share_heaps()") <= HEAPS < heaps("")
    assert heaps("worker._share_heaps()", MALLOC_ARENA_MAX="5") > HEAPS
