"""The suites of measurements by name. Their modules are imported when asked for, and only then.

A module has ``measure_…(options) -> list[Measure]`` and, for options of its own, ``add_options(parser)``. So
``nanococoa bench gpu --steps 4`` calls ``bench.gpu.add_options(parser)``, then ``bench.gpu.measure_gpu(options)`` with
``options.steps``, ``options.quick`` and ``options.out`` (the folder for results).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bench.measure import Measure


@dataclass(frozen=True, slots=True)
class Suite:
    """``plain`` suites run when none is named; the others need a GPU, models or much time."""

    module: str
    function: str
    plain: bool = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        add = getattr(self._module(), "add_options", None)
        if add is not None:
            add(parser)

    def measure(self, options: argparse.Namespace) -> list[Measure]:
        measures: list[Measure] = getattr(self._module(), self.function)(options)
        return measures

    def _module(self) -> ModuleType:
        return import_module(self.module)


SUITES = {
    "speed": Suite("bench.speed", "measure_speed"),
    "load": Suite("bench.load", "measure_load"),
    "cutout": Suite("bench.cutouts", "measure_cutouts"),
    "endurance": Suite("bench.endurance", "measure_endurance"),
    "mcp-waits": Suite("bench.mcp_waits", "measure_mcp_waits"),
    "gallery": Suite("bench.gallery", "measure_gallery"),
    "homepage": Suite("bench.homepage", "measure_homepage"),
    "residency": Suite("bench.residency", "measure_residency"),
    "stress": Suite("bench.stress", "measure_stress", plain=False),
    "lanes": Suite("bench.lanes", "measure_lanes", plain=False),
    "compare-edit": Suite("bench.compare_edit", "measure_compare_edit", plain=False),
    "suite": Suite("bench.suite", "measure_suite", plain=False),
    "fleet": Suite("bench.fleet", "measure_fleet", plain=False),
    "gpu": Suite("bench.gpu", "measure_gpu", plain=False),
    "scenarios": Suite("bench.scenarios", "measure_scenarios", plain=False),
    "before-after": Suite("bench.report.before_after", "measure_before_after", plain=False),
}
PLAIN = tuple(name for name, suite in SUITES.items() if suite.plain)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of every run and those of the suites named in ``arguments`` (of the plain ones when none is)."""
    parser = argparse.ArgumentParser(prog="nanococoa bench", description="Measure against the stated limits.")
    parser.add_argument("names", nargs="*", choices=[*SUITES, []], metavar="NAME", help=", ".join(SUITES))
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="where the results go")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--list", action="store_true", help="the suites' names")
    if "--list" not in arguments:
        for name in [name for name in SUITES if name in arguments] or PLAIN:
            SUITES[name].add_options(parser)
    return parser.parse_args(arguments)
