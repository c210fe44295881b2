"""A shop's day replayed against cards that need not be there: what swapping costs over unlimited memory.

Beside the way the product keeps models it replays what else one could do: load, use and unload each, from page-locked
host memory or from the disk.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bench.measure import Measure, median, percentile
from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
from nanococoa_aiserver.engines.diffusion.precision import PrecisionChoice, choose
from nanococoa_aiserver.gpu.cards import Card, load_cards
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.simulate import LOAD_USE_UNLOAD, RESIDENT, UNLIMITED, Outcome, simulate
from nanococoa_aiserver.gpu.simulated import DoesNotFit
from nanococoa_aiserver.gpu.traces import Part, Trace, jobs, read_trace, traces
from nanococoa_client.errors import ModelLoadError

CARDS = ("l4", "rtx6000", "h100")
LIMITS = {("l4", "default"): 3.0, ("l4", "flux1-dev"): 8.0}
"""Stalls in per cent of the work, by card and trace."""
QUICK_HOURS = 1.0
ABOUT = "Simulated from the cards' figures (gpu/cards.toml) and the jobs' work (gpu/traces.toml): nothing was measured."


@dataclass(frozen=True)
class Run:
    """One day on one card under each way of keeping models. ``parts`` are the components as stored there."""

    card: Card
    trace: str
    models: str
    storage: str
    parts: dict[str, Part]
    outcomes: dict[str, Outcome]

    @property
    def kept(self) -> Outcome:
        return self.outcomes["resident"]


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--card", choices=list(load_cards()), help=f"residency: default {', '.join(CARDS)}")
    parser.add_argument("--trace", help=f"residency: {', '.join(traces())} or a TOML file; default all of these")
    parser.add_argument("--host-gib", type=float, help="residency: RAM of the machine, else the card's usual one")


def measure_residency(options: Namespace) -> list[Measure]:
    asked = [options.card] if options.card else CARDS
    days = _days(options.trace, options.quick)
    runs = [_run(_card(card, options.host_gib), name, day) for card, (name, day) in product(asked, days.items())]
    taken = [run for run in runs if run is not None]
    _print(taken)
    if taken:
        _write(taken, options.out, _file_name(options))
    return [_measure(run) for run in taken]


def _days(asked: str | None, quick: bool) -> dict[str, Trace]:
    known = traces()
    if asked is None:
        days = dict(known)
    elif asked in known:
        days = {asked: known[asked]}
    else:
        days = {Path(asked).stem: _read(Path(asked))}
    return {name: _shortened(day) if quick else day for name, day in days.items()}


def _read(path: Path) -> Trace:
    try:
        return read_trace(path)
    except (OSError, ValueError) as error:
        sys.exit(f"{path} is neither a trace ({', '.join(traces())}) nor a file with one: {error}")


def _shortened(day: Trace) -> Trace:
    return day.model_copy(update={"hours": min(day.hours, QUICK_HOURS)})


def _card(name: str, host_gib: float | None) -> Card:
    card = load_cards()[name]
    return card if host_gib is None else card.model_copy(update={"host_gib": host_gib})


def _run(card: Card, name: str, day: Trace) -> Run | None:
    """None, with a line that says why, where these models cannot run on the card at all."""
    models = [load_catalogue()[model] for model in day.models.values()]
    try:
        choice = choose("auto", card.capability, card.budget, models, card.title)
        parts = _parts(day, choice)
        stored = f"{choice.transformer}/{choice.others}"
        return Run(card, name, _named(day), stored, parts, _replayed(card, day, parts))
    except (DoesNotFit, ModelLoadError) as error:
        sys.stdout.write(f"  {card.title}, {name}: {error}\n")
        return None


def _named(day: Trace) -> str:
    """The models that matter for memory."""
    return " + ".join(day.models[role] for role in ("generator", "vlm") if role in day.models)


def _parts(day: Trace, choice: PrecisionChoice) -> dict[str, Part]:
    return {
        f"{model}/{name}": Part(part.bytes(choice.storage(name, part)), choice.storage(name, part) == "fp8")
        for model in day.models.values()
        for name, part in load_catalogue()[model].components.items()
    }


def _replayed(card: Card, day: Trace, parts: dict[str, Part]) -> dict[str, Outcome]:
    asked = jobs(day, card, parts)
    sizes = {name: part.bytes for name, part in parts.items()}
    return {
        "unlimited": simulate(asked, card, sizes, UNLIMITED),
        "resident": simulate(asked, card, sizes, RESIDENT),
        "load-use-unload": simulate(asked, card, sizes, LOAD_USE_UNLOAD),
        "load-use-unload from disk": simulate(asked, card, sizes, LOAD_USE_UNLOAD, host_budget=0),
    }


def _measure(run: Run) -> Measure:
    title = f"{run.card.title}, {run.trace}: stalls (simulated)"
    limit = LIMITS.get((run.card.name, run.trace))
    others = {name: round(100 * outcome.overhead, 2) for name, outcome in run.outcomes.items()}
    value = 100 * run.kept.overhead
    return Measure(f"residency_{run.card.name}_{run.trace}", title, value, "% of the work", limit, detail=others)


def _figures(run: Run) -> dict[str, Any]:
    return {
        "stored": run.storage,
        "weights_gib": round(sum(part.bytes for part in run.parts.values()) / GIB, 2),
        "budget_gib": round(run.card.budget / GIB, 2),
        "masters_gib": round(run.card.host_budget / GIB, 2),
        "policies": {name: _summary(outcome) for name, outcome in run.outcomes.items()},
    }


def _summary(outcome: Outcome) -> dict[str, Any]:
    heavy = [done.ended - done.started for done in outcome.done if not done.job.light]
    light = [done.seconds for done in outcome.done if done.job.light]
    return {
        "jobs": len(outcome.done),
        "swaps": len(outcome.moves),
        "prefetched": sum(move.ahead for move in outcome.moves),
        "from_disk": sum(move.source == "disk" for move in outcome.moves),
        "work_seconds": round(outcome.work, 1),
        "stalled_seconds": round(outcome.stalled, 1),
        "overhead": round(outcome.overhead, 4),
        "heavy_p50_seconds": round(median(heavy), 2) if heavy else None,
        "light_p95_seconds": round(percentile(light, 0.95), 2) if light else None,
        "peak_gib": round(outcome.peak / GIB, 2),
    }


COLUMNS = (
    *("card", "trace", "weights", "policy"),
    *("swaps", "ahead", "stalled s", "over %", "heavy p50", "light p95", "GiB"),
)
LEFT = 4
"""Columns of text; the rest are numbers."""


def _print(runs: Iterable[Run]) -> None:
    rows = [COLUMNS, *(_row(run, name, outcome) for run in runs for name, outcome in run.outcomes.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        text = [cell.ljust(width) for cell, width in zip(row[:LEFT], widths, strict=False)]
        numbers = [cell.rjust(width) for cell, width in zip(row[LEFT:], widths[LEFT:], strict=True)]
        sys.stdout.write(f"  {'  '.join([*text, *numbers])}\n")


def _row(run: Run, name: str, outcome: Outcome) -> tuple[str, ...]:
    figures = _summary(outcome)
    return (
        run.card.name,
        run.trace,
        run.storage,
        name,
        str(figures["swaps"]),
        str(figures["prefetched"]),
        f"{outcome.stalled:.0f}",
        f"{100 * outcome.overhead:.1f}",
        _or_dash(figures["heavy_p50_seconds"]),
        _or_dash(figures["light_p95_seconds"]),
        f"{outcome.peak / GIB:.1f}",
    )


def _or_dash(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"


def _file_name(options: Namespace) -> str:
    """A quick or partial run never replaces the kept results."""
    if options.quick:
        return "residency-partial"
    asked = [options.card, options.trace and Path(options.trace).stem]
    return "-".join(["residency", *(part for part in asked if part)])


def _write(runs: Sequence[Run], folder: Path, name: str) -> None:
    from bench.residency_chart import draw_residency

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    report = [{"card": run.card.model_dump(), "trace": run.trace, "models": run.models} | _figures(run) for run in runs]
    file.write_text(json.dumps({"about": ABOUT, "runs": report}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    draw_residency(runs, file.with_suffix(".svg"))
    sys.stdout.write(f"  {file}\n  {file.with_suffix('.svg')}\n")
