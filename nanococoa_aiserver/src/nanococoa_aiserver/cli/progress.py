"""The progress bar of an ad made in the terminal: step names, share done, time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nanococoa_aiserver.cli.terminal import messages

if TYPE_CHECKING:
    from nanococoa_aiserver.ads.local import OnProgress
    from nanococoa_client.schemas import GenerateRequest


@contextmanager
def step_progress(request: GenerateRequest) -> Iterator[OnProgress]:
    """Show a bar on stderr while the block runs; yields what ``make_ad`` calls with step, sub-step and share."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    starts = step_starts(request)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=messages(), transient=True) as bar:
        task = bar.add_task("start", total=1.0)

        def show(step: str, sub_step: str, share: float) -> None:
            begin, length = starts[step]
            label = step if sub_step in ("", step) else f"{step} · {sub_step}"
            bar.update(task, description=f"{label:<44.44}", completed=begin + length * share)

        yield show


def step_starts(request: GenerateRequest) -> dict[str, tuple[float, float]]:
    """By step: the share of the whole at which it begins and how much of the whole it is, by typical times."""
    from nanococoa_aiserver.ads.formats import select_formats
    from nanococoa_aiserver.ads.pipeline import steps_for

    formats = len(select_formats(request.formats))
    weights = {step.name: _typical_seconds(step.name, formats) for step in steps_for(request.model_dump())}
    total = sum(weights.values())
    starts: dict[str, tuple[float, float]] = {}
    done = 0.0
    for name, weight in weights.items():
        starts[name] = (done / total, weight / total)
        done += weight
    return starts


def _typical_seconds(step: str, formats: int) -> float:
    """Measured on two cores with the studio engine; a bar needs no more than the proportions."""
    once = {"segment": 0.9, "background": 0.1, "composite": 0.1, "refine": 0.01, "analyse": 0.02}
    each = {"background": 0.1, "design": 0.2, "render": 0.25, "export": 0.25}
    return once.get(step, 0.0) + each.get(step, 0.0) * formats
