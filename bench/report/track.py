"""Sending the figures to an experiment tracker. Which one, and where it is, is the tracker's own environment.

``mlflow`` reads ``MLFLOW_TRACKING_URI`` (a folder's SQLite file will do), ``wandb`` reads ``WANDB_MODE`` and its key.
Neither is a package of the suite: ``requirements-track.txt`` brings them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bench.report.provenance import mark

EXPERIMENT: Final = "nanococoa"


class MissingTracker(Exception):
    """Its package is not installed."""


def figures(inputs: Path) -> dict[str, float]:
    """Every measured number by its path, ``results/square_ad``; lists of samples are left out, truth is 0 or 1."""
    found: dict[str, float] = {}
    for file in sorted(inputs.glob("*.json")):
        found |= dict(_flat(json.loads(file.read_text("utf-8")), file.stem))
    return found


def notes(inputs: Path) -> dict[str, str]:
    """What each file's figures are worth: simulated, of tiny weights, or measured, and when."""
    told: dict[str, str] = {}
    for file in sorted(inputs.glob("*.json")):
        data = json.loads(file.read_text("utf-8"))
        runs = {f"{file.stem}/{_name(run)}": run for run in _list(data.get("runs")) if "taken" in run}
        for name, one in (runs or {file.stem: data}).items():
            told[name] = f"{mark(one) or 'measured'}, {one.get('taken', 'undated')}"
    return told


def track(tracker: str, inputs: Path, report: Path) -> int:
    """How many figures were sent. Raises MissingTracker."""
    try:
        library = import_module(tracker)
    except ModuleNotFoundError as error:
        raise MissingTracker(f"{tracker} is not installed: pip install -r requirements-track.txt") from error
    sent = figures(inputs)
    TRACKERS[tracker](library, sent, notes(inputs), report)
    return len(sent)


def _to_mlflow(library: Any, sent: dict[str, float], told: dict[str, str], report: Path) -> None:
    library.set_experiment(EXPERIMENT)
    with library.start_run():
        library.set_tags(told)
        library.log_metrics(sent)
        library.log_artifacts(str(report), "report")


def _to_wandb(library: Any, sent: dict[str, float], told: dict[str, str], report: Path) -> None:
    with library.init(project=EXPERIMENT, config=told) as run:
        run.log(sent)
        artifact = library.Artifact("report", "report")
        artifact.add_dir(str(report))
        run.log_artifact(artifact)


TRACKERS: Final[dict[str, Callable[[Any, dict[str, float], dict[str, str], Path], None]]] = {
    "mlflow": _to_mlflow,
    "wandb": _to_wandb,
}


def _flat(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        name = value.get("name") or value.get("title")
        if "value" in value and name:
            yield f"{path}/{_key(name)}", float(value["value"])
            return
        for key, one in value.items():
            yield from _flat(one, f"{path}/{_key(key)}")
    elif isinstance(value, list):
        for one in value:
            if name := isinstance(one, dict) and _name(one):
                yield from _flat(one, f"{path}/{_key(name)}" if "value" not in one else path.removesuffix("/measures"))
    elif isinstance(value, bool | int | float):
        yield path, float(value)


def _list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []


def _name(one: dict[str, Any]) -> str:
    """What tells one of a list from the others; empty for a sample, which is no figure of its own."""
    if "subject" in one:
        return f"{one['subject']}-{one['task']}"
    if "card" in one and "trace" in one:
        return f"{one['card']['name']}-{one['trace']}"
    if "engine" in one:
        return f"{one['engine']}-{one['weights']}"
    return str(one.get("name") or one.get("title") or "")


def _key(name: str) -> str:
    """What every tracker takes in a name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
