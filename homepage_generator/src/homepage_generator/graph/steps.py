"""What the graph tells while it works: agent, step and a percentage that only grows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from langgraph.config import get_stream_writer

from homepage_generator.spec.work import AgentName, Progress, Shot

_PERCENT: Final = {"plan": 3, "design": 12, "write": 20, "edit": 20, "build": 30, "inspect": 38, "look": 50,
                   "approval": 92, "keep": 95}  # fmt: skip
"""Of the first round; each further one takes an equal part of what is left of the way."""

ROUND_PERCENT: Final = 16


def tell(agent: AgentName, step: str, round_: int = 1, screenshots: Mapping[str, Path] | None = None) -> None:
    """From within a node. ``step`` is a code of ``steps.*``."""
    later = 0 if step in ("approval", "keep") else ROUND_PERCENT * max(0, round_ - 1)
    shots = {path.name: str(path) for path in (screenshots or {}).values()}
    get_stream_writer()({"agent": agent, "step": step, "percent": _PERCENT[step] + later, "shots": shots})


def heard(told: dict[str, Any]) -> Progress:
    shots = {name: Shot(Path(path), _width(name)) for name, path in told["shots"].items()}
    return Progress(told["agent"], told["step"], float(told["percent"]), shots)


def _width(name: str) -> int:
    """The gate names screenshots ``<page>-<width>``."""
    last = Path(name).stem.rpartition("-")[2]
    return int(last) if last.isdecimal() else 0
