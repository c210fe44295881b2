"""Heavy and light jobs at once, in one lane and in two: when each waited and ran, and how long light work takes."""

from __future__ import annotations

from typing import Any, Final

from bench.report.page import Page
from bench.report.style import Theme

TITLES: Final = {"single_lane": "One lane, first come first served", "two_lanes": "Two lanes, light overtakes"}
HATCH: Final = "////"
"""On light jobs: not everybody tells colours apart."""


def write_lanes(page: Page, data: dict[str, Any]) -> None:
    runs = {title: data["runs"][name] for name, title in TITLES.items() if name in data["runs"]}
    page.chart(
        "lanes-gantt",
        "Gantt chart: when each of the jobs waited and ran, in one lane and in two",
        0.9 + 0.15 * sum(len(run["jobs"]) + 3 for run in runs.values()),
        lambda figure, theme: _gantt(figure, theme, runs),
    )
    page.chart(
        "lanes-latency",
        "Seconds until light work is done: idle, in one lane, in two",
        2.3,
        lambda figure, theme: _bars(figure, theme, data),
    )
    page.table(
        ("seconds", "light p50", "light p95", "heavy p50", "heavy p95", "all done"),
        [("idle", "", _seconds(data["idle"]["light_p95"]), "", "", "")]
        + [
            (title, *(_seconds(run[key]) for key in ("light_p50", "light_p95", "heavy_p50", "heavy_p95", "seconds")))
            for title, run in runs.items()
        ],
    )
    if "two_lanes" in data["runs"]:
        page.say(verdict(data))


def verdict(data: dict[str, Any]) -> str:
    """Whether two lanes keep light work within its limit."""
    p95, limit, step = data["runs"]["two_lanes"]["light_p95"], data["limit_seconds"], data["step_seconds"]
    held = "within" if p95 <= limit else "**beyond**"
    return (
        f"Light p95 with two lanes is {p95:.2f} s, {held} the limit of {limit:.2f} s "
        f"(1.3 × idle + one step of {step:g} s)."
    )


def _gantt(figure: Any, theme: Theme, runs: dict[str, dict[str, Any]]) -> None:
    grid = figure.subplots(len(runs), 1, sharex=True, squeeze=False)
    for axes, (title, run) in zip(grid.flat, runs.items(), strict=True):
        jobs = sorted(run["jobs"], key=lambda job: (job["lane"] != "light", job["submitted"], job["started"]))
        for place, job in enumerate(jobs):
            light = job["lane"] == "light"
            style = {"color": theme.hues[1], "hatch": HATCH, "edgecolor": theme.paper} if light else {}
            axes.plot([job["submitted"], job["started"]], [place] * 2, color=theme.muted, linewidth=1)
            axes.barh(
                place, job["finished"] - job["started"], 0.72, job["started"], **({"color": theme.hues[0]} | style)
            )
        lanes = [job["lane"] for job in jobs]
        middles = {lane: lanes.index(lane) + (lanes.count(lane) - 1) / 2 for lane in lanes}
        axes.set(yticks=list(middles.values()), yticklabels=list(middles), ylim=(len(jobs), -1), title=title)
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
    grid.flat[-1].set_xlabel("seconds since the first was sent (thin line: waiting)")


def _bars(figure: Any, theme: Theme, data: dict[str, Any]) -> None:
    shown = {"idle": data["idle"]["light_p95"]}
    shown |= {
        title: data["runs"][name]["light_p95"]
        for name, title in (("two_lanes", "two lanes"), ("single_lane", "one lane"))
        if name in data["runs"]
    }
    axes = figure.add_subplot()
    hues = [theme.grid, theme.hues[0], theme.hues[1]]
    bars = axes.barh(list(shown), list(shown.values()), 0.55, color=hues[: len(shown)])
    axes.axvline(data["limit_seconds"], color=theme.alarm, linewidth=2)
    readable = {"facecolor": theme.paper, "edgecolor": "none", "pad": 0.5}
    axes.bar_label(bars, [f"{value:.2f} s" for value in shown.values()], color=theme.ink, padding=5, bbox=readable)
    axes.set_title(f"light work, p95 (line: limit {data['limit_seconds']:.2f} s)")
    axes.set(xlabel="seconds", xlim=(0, 1.2 * max([*shown.values(), data["limit_seconds"]])))
    axes.invert_yaxis()
    axes.spines["left"].set_visible(False)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
