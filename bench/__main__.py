"""``python -m bench [NAME…]``: take measurements, print them, write ``results.json`` and ``results.svg``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Measure
from bench.suites import PLAIN, SUITES, parse


def main() -> int:
    options = parse(sys.argv[1:])
    # Ended from outside: as an exit, so that the servers under measurement are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.list:
        sys.stdout.write("\n".join(SUITES) + "\n")
        return 0
    measures = [measure for name in options.names or PLAIN for measure in _take(name, options)]
    if measures:  # the gpu suite writes a report of its own, per card
        _write(measures, options.out, quick=options.quick)
    return 0 if all(measure.holds for measure in measures) else 1


def _take(name: str, options: argparse.Namespace) -> list[Measure]:
    sys.stdout.write(f"{name}\n")
    measures = SUITES[name].measure(options)
    for measure in measures:
        sys.stdout.write(_line(measure) + "\n")
    sys.stdout.flush()
    return measures


def _line(measure: Measure) -> str:
    sign = "≥" if measure.at_least else "≤"
    limit = "" if measure.limit is None else f"  {sign} {measure.limit:g}"
    verdict = "ok " if measure.holds else "NOT"
    return f"  {verdict} {measure.title:<52} {measure.value:8.3g} {measure.unit}{limit}"


def _write(measures: list[Measure], folder: Path, *, quick: bool) -> None:
    """A quick run never replaces the kept results; a run of some suites replaces those suites' numbers alone."""
    from bench.chart import draw_chart

    folder.mkdir(parents=True, exist_ok=True)
    name = "partial" if quick else "results"
    file = folder / f"{name}.json"
    kept = {} if quick or not file.exists() else {one.name: one for one in _read(file)}
    together = list((kept | {measure.name: measure for measure in measures}).values())
    report = _machine() | {"measures": [measure.to_json() for measure in together]}
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    draw_chart(together, folder / f"{name}.svg")
    sys.stdout.write(f"{file}\n{file.with_suffix('.svg')}\n")


def _read(file: Path) -> list[Measure]:
    known = {one.name for one in fields(Measure)}
    saved = json.loads(file.read_text("utf-8"))["measures"]
    return [Measure(**{name: value for name, value in one.items() if name in known}) for one in saved]


def _machine() -> dict[str, Any]:
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
