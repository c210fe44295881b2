"""One sentence for the owner: is all well, and if not, what does it mean for her ads. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from nanococoa_backend.system.machine import Machine, State

LONG_WAIT: Final = 120.0
"""Seconds in the queue that are worth a word."""

LITTLE_ROOM: Final = 2 * 10**9
"""Bytes left for pictures that are worth a word."""


@dataclass(frozen=True, slots=True)
class Summary:
    """``key`` picks ``system.say.KEY``; ``state`` is how bad it is."""

    key: str
    state: State
    minutes: int = 0


def summary_of(machine: Machine) -> Summary:
    """The worst comes first: what stops ads, what slows them, what else is away."""
    if machine.looked_at is None:
        return Summary("looking", "ok")
    if machine.state("database") == "down":
        return Summary("database", "down")
    if machine.state("store") == "down":
        return Summary("store", "down")
    if machine.state("aiserver") == "down":
        return Summary("aiserver", "down")
    if machine.readings.workers == 0:
        return Summary("workers", "down")
    if machine.wait > LONG_WAIT:
        return Summary("busy", "slow", math.ceil(machine.wait / 60))
    if machine.state("aiserver") == "slow":
        return Summary("slow", "slow")
    if machine.free is not None and machine.free < LITTLE_ROOM:
        return Summary("room", "slow")
    return _beside(machine)


def _beside(machine: Machine) -> Summary:
    """Ads are well; is all else?"""
    away = [name for name in ("homepages", "mcp") if machine.state(name) == "down"]
    key = {"homepages": "homepages", "mcp": "chat", "homepages mcp": "beside"}.get(" ".join(away))
    return Summary(key, "slow") if key else Summary("well", "ok")
