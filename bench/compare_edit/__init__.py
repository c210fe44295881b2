"""``nanococoa bench compare-edit``: changing one thing in a picture by three models, and by one.

Three: Grounding DINO finds it, SAM 2.1 masks it, an inpainting model fills the mask. One: FLUX.2 klein is told to. Both
run as the product runs them, on the models that are at hand; tiny ones try the code and are labelled so.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from bench.measure import Measure

CASES = Path(__file__).with_name("cases.toml")


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("compare-edit")
    group.add_argument(
        "--models-dir", type=Path, help="folders of weights by model name; default: MODELS_DIR or the hub"
    )
    group.add_argument("--cases", type=Path, default=CASES, help="pictures and what to change in them, as TOML")
    group.add_argument("--repeats", type=int, default=3, help="runs of each case that are timed, after a first one")


def measure_compare_edit(options: argparse.Namespace) -> list[Measure]:
    """Writes its own report (table, JSON, chart) and returns no measures: they depend on card and weights."""
    from nanococoa_aiserver.gpu import prepare_allocator

    prepare_allocator()
    if importlib.util.find_spec("torch") is None:
        sys.stdout.write("  PyTorch is not installed: scripts/setup --diffusion brings it.\n")
        return []
    from bench.compare_edit.run import run

    run(options)
    return []
