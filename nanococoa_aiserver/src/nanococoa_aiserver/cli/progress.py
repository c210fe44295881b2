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

    places = step_places(request)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=messages(), transient=True) as bar:
        task = bar.add_task("start", total=1.0)

        def show(step: str, sub_step: str, share: float) -> None:
            begin, length = places[step]
            label = step if sub_step in ("", step) else f"{step} · {sub_step}"
            bar.update(task, description=f"{label:<44.44}", completed=begin + length * share)

        yield show


def step_places(request: GenerateRequest) -> dict[str, tuple[float, float]]:
    """By step: the share of the whole at which it begins and how much of the whole it is, by typical times."""
    from nanococoa_aiserver.ads.formats import select_formats
    from nanococoa_aiserver.ads.pipeline import steps_for
    from nanococoa_aiserver.jobs.eta import expected_seconds

    steps = [step.name for step in steps_for(request.model_dump())]
    expected = expected_seconds([], "studio", steps, len(select_formats(request.formats)))
    total = sum(expected.values())
    places: dict[str, tuple[float, float]] = {}
    done = 0.0
    for name, seconds in expected.items():
        places[name] = (done / total, seconds / total)
        done += seconds
    return places
