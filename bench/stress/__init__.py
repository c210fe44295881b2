"""A thousand mixed jobs while memory runs out, workers are killed and the database restarts: is every one done once?

The API, the workers, the database, the queue, the leases and the ladder are the product's own; the card and what is
computed on it are simulated (``engine.py``).
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.measure import Measure
from bench.server import CHECKOUT

JOBS, QUICK_JOBS = 1_050, 105
CLIENTS: Final = 16
STEP, STEPS, ANSWER = 0.02, 4, 0.05
"""Seconds of a denoising step, steps of a picture, seconds of an answer: far below a real card's, so that what is
stressed is everything around the card."""
GROWTH: Final = 5.0
ABOUT: Final = (
    "Simulated card, models and pictures: a denoising step is a pause of 20 ms, an answer one of 50 ms, out of memory "
    "is injected in the card's allocator. API, workers, queue, PostgreSQL, leases and the ladder are the product's own."
)


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, help=f"stress: default {JOBS}, quick {QUICK_JOBS}")


def measure_stress(options: Namespace) -> list[Measure]:
    quick = options.quick
    jobs = options.jobs or (QUICK_JOBS if quick else JOBS)
    found = run_stress(jobs, workers=2 if quick else 3, kill_seconds=20 if quick else 60, restarts=1 if quick else 3)
    _write(found, options.out / ("stress-partial.json" if quick or options.jobs else "stress.json"))
    return measures_of(found["outcome"])


def run_stress(jobs: int, *, workers: int, kill_seconds: float, restarts: int) -> dict[str, Any]:
    """The record of a run (``record.py``). Raises RuntimeError where PostgreSQL is not installed."""
    allow_test_support()
    from bench.stress.clients import Clients
    from bench.stress.faults import Faults
    from bench.stress.house import running_house
    from bench.stress.mix import mixed
    from bench.stress.pace import Pace
    from bench.stress.record import record

    wishes = mixed(jobs)
    with running_house(workers, Pace(STEP, STEPS, ANSWER)) as house:
        clients = Clients(str(house.server.http.base_url), wishes)
        shares = tuple((number + 1) / (restarts + 1) for number in range(restarts))
        faults = Faults(house, lambda: len(clients.ended) / jobs, kill_seconds, shares)
        with faults.during():
            clients.run(CLIENTS)
        return record(house, wishes, clients, faults)


def allow_test_support() -> None:
    """The tests know PostgreSQL from its own binaries, and a card on the CPU."""
    if (tests := str(CHECKOUT / "tests")) not in sys.path:
        sys.path.append(tests)


def measures_of(outcome: Mapping[str, Any]) -> list[Measure]:
    submitted, grown = outcome["submitted"], outcome["memory_growth"]
    completed = outcome["completed"] / submitted
    detail = dict(outcome)
    return [
        Measure("stress_completed", f"{submitted} jobs under stress: completed", completed, "share", 1, True, detail),
        Measure("stress_lost", "Jobs lost", outcome["lost"] + outcome["merged"], "", 0),
        Measure("stress_doubled", "Jobs that came to their end twice", outcome["doubled"], "", 0),
        Measure("stress_growth_api", "Memory of the API under stress: growth", max(0.0, grown["api"]), "%", GROWTH),
        Measure("stress_growth_worker", "Of the oldest worker", max(0.0, grown["worker"]), "%", GROWTH),
    ]


def _write(found: Mapping[str, Any], file: Path) -> None:
    """One line for each job and sample, so that a diff shows what changed."""
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    head = {"about": ABOUT, "simulated": True, "taken": taken, "cores": os.cpu_count()}
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = [f"{json.dumps(name)}: {_laid_out(value)}" for name, value in (head | dict(found)).items()]
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")
    sys.stdout.write(f"  {file}\n")


def _laid_out(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(f" {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)
