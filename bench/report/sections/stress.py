"""Many jobs while workers are killed, the database goes away and memory runs out: what came of every one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from bench.measure import median, percentile
from bench.report.page import Page
from bench.report.style import Theme

COUNTS: Final = {
    "submitted": "sent",
    "completed": "completed",
    "failed": "failed",
    "lost": "lost",
    "doubled": "run to the end twice",
    "injected": "met memory running out",
    "taken_over": "taken over from a dead worker",
    "done_again": "steps done again after a kill",
    "kills": "workers killed",
    "restarts": "database restarts",
}


def write_stress(page: Page, data: dict[str, Any]) -> None:
    outcome = data["outcome"]
    rows = [(words, str(outcome[name])) for name, words in COUNTS.items() if name in outcome]
    page.table(("jobs", ""), [*rows, ("minutes", f"{data['seconds'] / 60:.1f}")])
    page.chart(
        "stress-completed",
        "Completed jobs over time, with every killed worker and every restart of the database",
        3.0,
        lambda figure, theme: _completed(figure, theme, data),
    )
    page.chart(
        "stress-latency",
        "Seconds from sending to done by kind of job, median and p95",
        0.8 + 0.36 * len({job["kind"] for job in data["jobs"]}),
        lambda figure, theme: _latency(figure, theme, data["jobs"]),
    )
    if data.get("memory"):
        page.chart(
            "stress-memory",
            "Memory of the API and of the largest worker over time",
            2.4,
            lambda figure, theme: _memory(figure, theme, data),
        )
    growth = [f"of the {name} {share:+.1f} %" for name, share in outcome.get("memory_growth", {}).items()]
    if growth:
        page.say(f"Memory from the run's second sixth to its last: {', '.join(growth)}.")


def _completed(figure: Any, theme: Theme, data: dict[str, Any]) -> None:
    axes = figure.add_subplot()
    ends = sorted(job["finished"] for job in data["jobs"] if job["status"] == "completed")
    axes.step([0.0, *(end / 60 for end in ends)], range(len(ends) + 1), where="post", color=theme.hues[0], linewidth=2)
    kills = [event["at"] / 60 for event in data["events"] if event["what"] == "kill"]
    outages = [event for event in data["events"] if event["what"] == "restart"]
    counts = [_at(ends, 60 * kill) for kill in kills]
    axes.scatter(kills, counts, s=30, color=theme.alarm, marker="x", zorder=3, label="worker killed")
    for place, event in enumerate(outages):
        start = event["at"] / 60
        wide = max(event.get("seconds", 0) / 60, data["seconds"] / 60 / 150)
        label = "database away" if place == 0 else None
        axes.axvspan(start, start + wide, color=theme.hues[1], alpha=0.55, linewidth=0, label=label)
    axes.set(xlabel="minutes", ylabel="jobs completed", xlim=(0, data["seconds"] / 60), ylim=(0, None))
    axes.grid()
    axes.legend(loc="upper left")


def _at(ends: list[float], moment: float) -> int:
    return sum(end <= moment for end in ends)


def _latency(figure: Any, theme: Theme, jobs: list[dict[str, Any]]) -> None:
    taken: dict[str, list[float]] = defaultdict(list)
    lanes = {}
    for job in jobs:
        if job["status"] == "completed":
            taken[job["kind"]].append(job["finished"] - job["submitted"])
            lanes[job["kind"]] = job["lane"]
    kinds = sorted(taken, key=lambda kind: (lanes[kind] != "light", kind))
    axes = figure.add_subplot()
    for place, kind in enumerate(kinds):
        middle, late = median(taken[kind]), percentile(taken[kind], 0.95)
        hue = theme.hues[1] if lanes[kind] == "light" else theme.hues[0]
        axes.plot([middle, late], [place] * 2, color=hue, linewidth=3, solid_capstyle="round")
        axes.scatter([middle], [place], s=36, color=hue, marker="o", zorder=3)
        axes.scatter([late], [place], s=44, color=hue, marker="|", linewidth=3, zorder=3)
    axes.set(yticks=range(len(kinds)), yticklabels=kinds, ylim=(len(kinds) - 0.5, -0.5), xlim=(0, None))
    axes.set(xlabel="seconds from sent to done (dot: median, end: p95)")
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)


def _memory(figure: Any, theme: Theme, data: dict[str, Any]) -> None:
    axes = figure.add_subplot()
    minutes = [sample["at"] / 60 for sample in data["memory"]]
    for key, label, hue, dash in (("api_mb", "API", 0, "-"), ("worker_mb", "largest worker", 1, "--")):
        values = [sample.get(key) for sample in data["memory"]]
        axes.plot(minutes, values, dash, color=theme.hues[hue], linewidth=1.6, label=label)
    axes.set(xlabel="minutes", ylabel="MB", xlim=(0, data["seconds"] / 60), ylim=(0, None))
    axes.grid()
    figure.legend(loc="outside upper left", ncols=2)
