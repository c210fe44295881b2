"""``nanococoa bench gpu``: what the product's own classes take on this card, stage by stage.

Real weights where there are some, else the published architectures with random ones; each result says which. Results go
to ``gpu-<card>.json`` with a chart, not among the figures of the machine's processor.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from bench.measure import Measure


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("gpu")
    group.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu only together with --tiny")
    group.add_argument("--tiny", type=Path, help="a folder by `nanococoa models make-tiny`: tries the code, not a card")
    group.add_argument("--generator", default="flux2-klein-4b", help="a generator in models.toml")
    group.add_argument("--vlm", default="qwen3-vl-4b", help="a vision-language model in models.toml")
    group.add_argument("--steps", type=int, help="denoising steps instead of the model's own")
    group.add_argument("--variants", help="precisions, each alone or with compile: bf16,bf16+compile,fp8,int8")
    group.add_argument("--sections", help="only these: stages,loads,variants,interleaving")


def measure_gpu(options: argparse.Namespace) -> list[Measure]:
    """Writes its own report and returns no measures, which are those of the processor's machine."""
    from nanococoa_aiserver.gpu import prepare_allocator

    prepare_allocator()
    reason = _why_not(options)
    if reason is None:
        from bench.gpu.run import run

        run(options)
        return []
    from bench.gpu.report import write_none

    sys.stdout.write(f"  {reason}\n  {write_none(options.out, reason)}\n")
    return []


def _why_not(options: argparse.Namespace) -> str | None:
    """What keeps anything from being measured, None when nothing does."""
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed: scripts/setup --diffusion brings it."
    import torch

    if options.device == "cuda" and not torch.cuda.is_available():
        return "No GPU that PyTorch can use is at hand."
    if options.device == "cpu" and options.tiny is None:
        return "A processor is tried with tiny checkpoints only: name their folder with --tiny."
    return None
