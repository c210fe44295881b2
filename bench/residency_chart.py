"""What lies in a card's memory over some minutes of the day, by component, with every swap marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.simulated import Snapshot

if TYPE_CHECKING:
    from bench.residency import Run

START, MINUTES, BEFORE = 3600.0, 4, 5.0
"""The window shown begins some seconds before the first heavy job after an hour of the day."""
INK, MUTED, SWAP = "#26302b", "#6d7771", "#b3261e"
ROLES = {
    "Denoiser": "#2f6f4f",
    "Text encoder": "#7fb77e",
    "Vision-language model": "#2b6c99",
    "CLIP": "#e0a63b",
    "Cut-out": "#c8703a",
    "VAE": "#8d6a9f",
    "Activations": "#d5d9d6",
}


def draw_residency(runs: Sequence[Run], path: Path) -> None:
    """Write an SVG: a row for each card, a column for each trace."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    cards = list(dict.fromkeys(run.card.name for run in runs))
    traces = list(dict.fromkeys(run.trace for run in runs))
    size = (6.2 * len(traces) + 0.4, 2.5 * len(cards) + 1.1)
    figure, grid = plt.subplots(len(cards), len(traces), figsize=size, layout="constrained", squeeze=False)
    for axes in grid.flat:
        axes.set_visible(False)
    for run in runs:
        axes = grid[cards.index(run.card.name)][traces.index(run.trace)]
        axes.set_visible(True)
        _panel(axes, run)
    _legend(figure)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _panel(axes: Any, run: Run) -> None:
    start, end = _window(run)
    shown = _within(run.kept.snapshots, start, end)
    minutes = [(snapshot.at - start) / 60 for snapshot in shown]
    lower = [0.0] * len(shown)
    for role, colour in ROLES.items():
        upper = [below + _gib(run, snapshot, role) for below, snapshot in zip(lower, shown, strict=True)]
        _layer(axes, list(zip(minutes, lower, upper, strict=True)), colour)
        lower = upper
    axes.axhline(run.card.budget / GIB, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    _mark_swaps(axes, run, start, end)
    _label(axes, run)


def _layer(axes: Any, steps: Sequence[tuple[float, float, float]], colour: str) -> None:
    """From ``(minute, lower, upper)``; steps that change nothing would only make the file large."""
    changes = [now for before, now in pairwise(steps) if now[1:] != before[1:]]
    kept = dict.fromkeys([*steps[:1], *changes, *steps[-1:]])
    axes.fill_between(*zip(*kept, strict=True), step="post", linewidth=0, facecolor=colour)


def _window(run: Run) -> tuple[float, float]:
    started = [done.started for done in run.kept.done if not done.job.light]
    start = next((at for at in started if at >= START), min(started, default=0.0)) - BEFORE
    return start, start + 60 * MINUTES


def _within(snapshots: Sequence[Snapshot], start: float, end: float) -> list[Snapshot]:
    """What is there at ``start``, every change until ``end``, and the last state again at ``end``."""
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.at)
    before = [snapshot for snapshot in ordered if snapshot.at <= start][-1:]
    during = [snapshot for snapshot in ordered if start < snapshot.at < end]
    states = [Snapshot(start, one.resident, one.workspace) for one in before] + during
    return states + [Snapshot(end, one.resident, one.workspace) for one in states[-1:]]


def _gib(run: Run, snapshot: Snapshot, role: str) -> float:
    if role == "Activations":
        return snapshot.workspace / GIB
    return sum(run.parts[name].bytes for name in snapshot.resident if _role(name) == role) / GIB


def _role(component: str) -> str:
    model, part = component.split("/")
    if part == "transformer":
        return "Denoiser"
    if part.startswith("text_encoder"):
        return "Text encoder"
    if part == "vae":
        return "VAE"
    known = {"birefnet": "Cut-out", "clip": "CLIP", "koclip": "CLIP"}
    return next((role for begin, role in known.items() if model.startswith(begin)), "Vision-language model")


def _mark_swaps(axes: Any, run: Run, start: float, end: float) -> None:
    """At the top edge: full where the job waited for the copy, hollow where it was made beside compute."""
    for ahead, face in ((False, SWAP), (True, "white")):
        at = [(move.at - start) / 60 for move in run.kept.moves if move.ahead == ahead and start <= move.at < end]
        height = [1.15 * run.card.budget / GIB] * len(at)
        axes.scatter(at, height, marker="v", s=22, facecolor=face, edgecolor=SWAP, linewidth=0.8, zorder=3)


def _label(axes: Any, run: Run) -> None:
    budget = run.card.budget / GIB
    axes.set(xlim=(0, MINUTES), ylim=(0, 1.28 * budget))
    axes.set_yticks([tick for tick in axes.get_yticks() if tick <= budget])
    axes.set_title(f"{run.card.title} · {run.models}", loc="left", fontsize=9.5, color=INK, fontweight="bold")
    axes.set_title(_verdict(run), loc="right", fontsize=9, color=MUTED)
    above = {"xytext": (-3, 2), "textcoords": "offset points", "ha": "right"}
    axes.annotate(f"{budget:.1f} GiB", (MINUTES, budget), fontsize=8, color=INK, **above)
    axes.tick_params(labelsize=8, colors=MUTED, length=2)
    axes.set_ylabel("GiB", fontsize=8, color=MUTED)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#c3c9c5")
    if axes.get_subplotspec().is_last_row():
        axes.set_xlabel("minutes", fontsize=8, color=MUTED)


def _verdict(run: Run) -> str:
    heavy = sum(not done.job.light for done in run.kept.done)
    if not run.kept.moves:
        return "no swap"
    return f"{len(run.kept.moves) / max(1, heavy):.1f} swaps a job, {100 * run.kept.overhead:.1f} % stalled"


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: dict[str, Any] = {"marker": "v", "linestyle": "none", "markersize": 5, "markeredgecolor": SWAP}
    handles = [
        *(Patch(color=colour, label=role) for role, colour in ROLES.items()),
        Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), label="what the card has"),
        Line2D([], [], markerfacecolor=SWAP, label="swap, waited for", **marks),
        Line2D([], [], markerfacecolor="white", label="swap beside compute", **marks),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=8.5, labelcolor=INK)
