"""Ports for processes that are told theirs: between choosing one and its use nobody else may get it."""

from __future__ import annotations

import itertools
import os
import random
import socket

FIRST, LAST = 15_000, 31_000
"""Below what the system gives to outgoing connections (32768 and up)."""

SHARE = 2_000
"""Of each of the processes that test beside each other."""


def free_port() -> int:
    """Not given before, to nobody who tests here."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as door:
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _own_share() -> range:
    tester = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw"))
    first = FIRST + tester % ((LAST - FIRST) // SHARE) * SHARE
    return range(first, first + SHARE)


_PORTS = itertools.cycle(random.sample(_own_share(), SHARE))
