"""What it costs to bring models to the card and take them off it, by way of keeping them."""

from __future__ import annotations

from typing import Any, Final

from bench.report.page import Page
from bench.report.style import Theme

WAYS: Final = {
    "resident": ("kept by plan", "o"),
    "load-use-unload": ("unloaded each time, from host memory", "s"),
    "load-use-unload from disk": ("unloaded each time, from disk", "^"),
}


def write_swapping(page: Page, data: dict[str, Any]) -> None:
    runs = data["runs"]
    page.chart(
        "swapping",
        "Time lost to swapping in per cent of the work, by card, models and way of keeping them",
        1.2 + 0.42 * len(runs),
        lambda figure, theme: _draw(figure, theme, runs),
    )
    page.table(
        ("card, models", "weights", *(words for words, _ in WAYS.values()), "swaps by plan"),
        [
            (
                f"{run['card']['title']}, {run['models']}",
                f"{run['weights_gib']:.1f} GiB",
                *(f"{_lost(run, way):.1f} %" for way in WAYS),
                str(run["policies"]["resident"]["swaps"]),
            )
            for run in runs
        ],
    )


def _lost(run: dict[str, Any], way: str) -> float:
    return 100 * float(run["policies"][way]["overhead"])


def _draw(figure: Any, theme: Theme, runs: list[dict[str, Any]]) -> None:
    axes = figure.add_subplot()
    for place, run in enumerate(runs):
        values = [_lost(run, way) for way in WAYS]
        axes.plot([min(values), max(values)], [place] * 2, color=theme.grid, linewidth=3, zorder=1)
        for (label, sign), value, hue in zip(WAYS.values(), values, theme.hues, strict=False):
            named = label if place == 0 else None
            axes.scatter([value], [place], s=50, color=hue, marker=sign, zorder=2, clip_on=False, label=named)
    labels = [f"{run['card']['title']}\n{run['trace']}" for run in runs]
    axes.set(yticks=range(len(runs)), yticklabels=labels, ylim=(len(runs) - 0.5, -0.5))
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    axes.set(xlabel="% of the work lost (above 1, in powers of ten)", xlim=(0, 200))
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    figure.legend(loc="outside upper left")
