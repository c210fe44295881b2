"""Every task on every subject against a server started here; a table as it goes, ``scenarios.json`` at the end."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.scenarios.asking import TASKS, Outcome, outcome
from bench.scenarios.cases import Subject, read_subjects
from bench.server import Server, running_server
from nanococoa_aiserver.settings import Settings, load_settings

NOTES = {
    "seconds": "from the request to the finished answer, through the API; models were loaded by a run before",
    "clip_score": "CLIP ViT-L/14 of the result against a caption of what it should show, 0 to 100",
    "ssim_outside": "structural similarity outside the thing that was to change: 1 is untouched",
    "ssim": "structural similarity of the whole picture before and after: how much of the structure is still there",
    "strength": "mean difference in per cent of full scale: of the thing (easy), of the picture (stylise)",
    "right": "the answer holds one of the accepted words",
    "self_check": "what the vision-language model said of the edit, and after how many attempts",
    "look": "description and colours that every engine gives, with or without models",
}
PATIENCE = 120.0
"""Seconds for any answer: models on a processor leave the API little of it."""
TINY = "Tiny random weights: this shows that the code runs, and nothing about the models."


def run(options: argparse.Namespace) -> None:
    """A run replaces the kept one of the same engine and weights; a quick run is kept apart."""
    subjects = read_subjects(options.set)[: 1 if options.quick else None]
    with running_server(1, **_settings(options)) as server:
        server.http.timeout = PATIENCE
        told = _about(server, options.weights)
        outcomes = _outcomes(server, subjects)
    entry = told | {"results": [asdict(one) for one in outcomes]}
    file = options.out / ("scenarios-partial.json" if options.quick else "scenarios.json")
    _write(file, entry)
    sys.stdout.write(f"  {entry['label']}\n" * bool(entry["label"]) + f"  {file}\n")


def _settings(options: argparse.Namespace) -> dict[str, str]:
    given = {"ENGINE": options.engine}
    if options.weights is not None:
        given["MODELS_DIR"] = str(options.weights.absolute())
    return given


def _outcomes(server: Server, subjects: list[Subject]) -> list[Outcome]:
    for task in TASKS:
        outcome(server, subjects[0], task)  # loads what is missing: not counted
    sys.stdout.write(f"  {'':<10} {'task':<9} {'seconds':>8}  scores\n")
    made = []
    for subject in subjects:
        for task in TASKS:
            made.append(outcome(server, subject, task))
            sys.stdout.write(line(made[-1]) + "\n")
            sys.stdout.flush()
    return made


def line(made: Outcome) -> str:
    """``animal  easy  12.30 s  clip_score 27.1 · …``, or the error's code where it was refused."""
    seconds = f"{made.seconds:6.2f} s"
    scores = " · ".join(f"{name} {_said(value)}" for name, value in made.scores.items())
    told = made.refused or scores
    return f"  {made.subject:<10} {made.task:<9} {seconds}  {told or made.answer[:60]}"


def _said(value: float | bool | str | None) -> str:
    if value is None:
        return "– (no model)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:.4g}"


def _about(server: Server, weights: Path | None) -> dict[str, Any]:
    engine = server.http.get("/resources").json()["engine"]
    settings = load_settings(models_dir=weights)
    models = {"generator": settings.generator_model, "vlm": settings.vlm_model} if engine == "diffusion" else {}
    known = _weights_of(settings) if models else "none"
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1),
        "engine": engine,
        "weights": known,
        "label": TINY if known == "tiny" else "",
        "models": models,
    }


def _weights_of(settings: Settings) -> str:
    from bench.compare_edit.contenders import weights_of  # brings torch, which the studio does without

    return weights_of(settings)


def _write(file: Path, entry: dict[str, Any]) -> None:
    kept = json.loads(file.read_text("utf-8"))["runs"] if file.exists() else []
    others = [one for one in kept if (one["engine"], one["weights"]) != (entry["engine"], entry["weights"])]
    runs = sorted([*others, entry], key=lambda one: (one["engine"], one["weights"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"notes": NOTES, "runs": runs}, indent=1, ensure_ascii=False) + "\n", "utf-8")
