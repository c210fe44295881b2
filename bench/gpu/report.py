"""``gpu-<card>.json`` and its chart; ``gpu-none.json`` where there is no card."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COMMAND = "nanococoa bench gpu"


def write_none(folder: Path, reason: str) -> Path:
    """Says plainly that nothing was measured. What was measured on cards before stays."""
    report = {"taken": _now(), "card": None, "reason": reason, "command": COMMAND}
    return _write(folder / "gpu-none.json", report)


def write_report(folder: Path, report: dict[str, Any], *, quick: bool) -> Path:
    """Tiny checkpoints' and a quick run's reports are kept apart from those that count."""
    tiny = "tiny" in report["weights"].values()
    name = slug(report["card"]) + "-tiny" * tiny + "-quick" * quick
    return _write(folder / f"gpu-{name}.json", {"taken": _now(), "command": COMMAND, **report})


def slug(card: str) -> str:
    """``NVIDIA H200`` → ``nvidia-h200``."""
    return re.sub(r"[^a-z0-9]+", "-", card.lower()).strip("-")


def rounded(value: Any) -> Any:
    """Four digits are more than a clock gives."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def _write(file: Path, report: dict[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(rounded(report), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return file


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
