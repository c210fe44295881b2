"""The Gantt charts of both runs over each other, and what light and heavy work waited, as bars beside the limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

COLOURS: Final = {"heavy": "#2f6690", "light": "#c0562b"}
WAITING: Final = "#d9d9d9"
TITLES: Final = {"single_lane": "One lane", "two_lanes": "Two lanes"}


def draw_lanes(found: Mapping[str, Any], path: Path) -> None:
    """Write an SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    runs: Mapping[str, Any] = found["runs"]
    figure, axes = plt.subplots(3, 1, figsize=(9, 9.6), height_ratios=(3, 3, 1.7), layout="constrained")
    end = max(run["seconds"] for run in runs.values())
    for area, (name, run) in zip(axes, runs.items(), strict=False):
        _gantt(area, run["jobs"], TITLES[name])
        area.set_xlim(0, 1.02 * end)
    _bars(axes[2], found)
    figure.suptitle("10 ads and 5 pieces of light work asked for at once (simulated card, real queue)", fontsize=12)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _gantt(axes: Any, jobs: list[dict[str, Any]], title: str) -> None:
    from matplotlib.patches import Patch

    for place, job in enumerate(jobs):
        axes.barh(place, job["started"] - job["submitted"], left=job["submitted"], color=WAITING, height=0.7)
        axes.barh(place, job["finished"] - job["started"], left=job["started"], color=COLOURS[job["lane"]], height=0.7)
    axes.set_yticks(range(len(jobs)), [f"{job['kind']} {job['n']}" for job in jobs], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel("seconds since they were asked for", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    shown = {"waits": WAITING, "ad runs": COLOURS["heavy"], "light work runs": COLOURS["light"]}
    axes.legend(
        handles=[Patch(color=colour, label=label) for label, colour in shown.items()],
        loc="upper right",
        fontsize=8,
        frameon=False,
    )


def _bars(axes: Any, found: Mapping[str, Any]) -> None:
    rows = [("Light p95, idle server", found["idle"]["light_p95"], COLOURS["light"])]
    for lane in ("light", "heavy"):
        for name, run in found["runs"].items():
            title = TITLES[name].lower()
            rows.append((f"{lane.capitalize()} p95, {title}", run[f"{lane}_p95"], COLOURS[lane]))
    labels, values, colours = zip(*rows, strict=True)
    bars = axes.barh(labels, values, color=colours, height=0.7)
    over_the_line = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.bar_label(bars, labels=[f"{value:.1f} s" for value in values], padding=4, fontsize=8, bbox=over_the_line)
    limit = found["limit_seconds"]
    axes.plot([limit, limit], [-0.5, 2.5], color="#333333", linewidth=1, linestyle="--")
    axes.annotate(f"allowed: {limit:.1f} s", (limit, -0.5), xytext=(4, 0), textcoords="offset points", fontsize=8)
    axes.invert_yaxis()
    axes.tick_params(labelsize=8)
    axes.set_xlabel("seconds from asking to done", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
