"""What figures are worth: measured, simulated, or taken with tiny random weights."""

from __future__ import annotations

from typing import Any


def is_simulated(data: dict[str, Any]) -> bool:
    return bool(data.get("simulated")) or str(data.get("about", "")).startswith("Simulated")


def mark(data: dict[str, Any]) -> str:
    """What stands on every chart of these figures; empty for what was measured."""
    if is_simulated(data):
        return "simulated"
    return "tiny random weights: says nothing about the models" if data.get("label") else ""


def origin(data: dict[str, Any], file: str) -> str:
    """When and on what the figures were taken, and what they are worth."""
    link = f"[{file}](../benchmarks/{file})"
    words = str(data.get("about", "")).removeprefix("Simulated").lstrip(": ")
    if isinstance(data.get("runs"), list) and any("label" in run for run in data["runs"]):
        told = "What each run is worth stands above it."
    elif is_simulated(data):
        told = f"**Simulated** {words}".strip()
    elif data.get("label"):
        told = f"**{data['label']}**"
    else:
        told = "Measured."
    load = data.get("load") or 0.0
    busy = load > (data.get("cores") or 1)
    beside = " (other work ran beside: seconds are upper bounds)" if busy else ""
    machine = ", ".join(
        words
        for key, words in (
            ("taken", f"taken {str(data.get('taken'))[:10]}"),
            ("device", f"device {data.get('device')}"),
            ("cores", f"{data.get('cores')} cores"),
            ("load", f"load {load}{beside}"),
        )
        if data.get(key)
    )
    return f"> {told} {link}{', ' + machine if machine else ''}."
