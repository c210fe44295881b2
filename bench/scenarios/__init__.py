"""``nanococoa bench scenarios``: easy edits, hard stylisations and questions on five subjects, through the API.

Whatever engine and models are here answer; what they refuse is told as refused. Tiny checkpoints try the code and are
labelled so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.measure import Measure

SCENARIOS = Path(__file__).with_name("scenarios.toml")


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scenarios")
    group.add_argument("--engine", default="auto", help="scenarios: auto, studio or diffusion")
    group.add_argument("--weights", type=Path, help="scenarios: folders of weights by model name, else the hub's cache")
    group.add_argument("--set", type=Path, default=SCENARIOS, help="scenarios: subjects and tasks, as TOML")


def measure_scenarios(options: argparse.Namespace) -> list[Measure]:
    """Writes its own report and returns no measures: they depend on card and weights."""
    from bench.scenarios.run import run

    run(options)
    return []
