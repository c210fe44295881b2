"""The way to a shop, read from how its owner describes it: stops and what lies between them, never a made-up street."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_WALKS: Final = (
    re.compile(
        r"^(?P<stop>.+?)에서\s*(?P<walk>(?:걸어서|도보로?|차로)?\s*약?\s*\d+\s*(?:분|m|미터|km)(?:\s*거리)?)(?P<rest>.*)$"
    ),
    re.compile(r"^(?P<stop>.+?)\s+(?P<walk>(?:도보|걸어서)\s*약?\s*\d+\s*분)(?P<rest>.*)$"),
    re.compile(r"^(?P<walk>.*?\d+[ -]min\S*(?:\s+walk)?)\s+from\s+(?P<stop>.+)$", re.IGNORECASE),
)
_PARTS: Final = re.compile(r"\s*[,;]\s*")
STOPS: Final = 3


class Stop(NamedTuple):
    """A landmark, and how one goes on from there."""

    name: str
    on: str = ""


def way(landmark: str) -> list[Stop]:
    """At most three stops before the shop itself; empty where nothing is said."""
    parts = [part for part in _PARTS.split(landmark) if part]
    return [_stop(part) for part in parts[:STOPS]]


def _stop(part: str) -> Stop:
    for pattern in _WALKS:
        if found := pattern.match(part):
            return Stop(found["stop"].strip(), found["walk"].strip())
    return Stop(part)
