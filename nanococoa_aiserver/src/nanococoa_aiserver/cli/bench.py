"""``nanococoa bench``: the measurements of ``bench/`` in the checkout, against the limits they state."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from nanococoa_aiserver.cli.terminal import fail


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Suites by name, then their own options (--card …); none: all that need neither GPU nor models"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Where the JSON and the chart go")] = Path(
        "docs/benchmarks"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="Fewer repetitions: minutes become seconds")] = False,
    list_names: Annotated[bool, typer.Option("--list", help="List the measurements and their limits")] = False,
) -> None:
    """Measure speed, memory and quality on this machine; JSON and a chart in docs/benchmarks."""
    checkout = Path(__file__).resolve().parents[4]
    if not (checkout / "bench" / "__main__.py").is_file():
        fail("The measurements are part of the source checkout and are not installed: run this from there.")
    flags = ["--quick"] * quick + ["--list"] * list_names
    command = [sys.executable, "-m", "bench", "--out", str(out.absolute()), *flags, *(names or [])]
    paths = os.pathsep.join([str(checkout), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": paths}
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 our own module
