"""The chart: each measurement as a bar of the share of its limit that it uses."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Measure

HOLDS, BREAKS = "#3f7d58", "#c0392b"


def draw_chart(measures: list[Measure], path: Path) -> None:
    """Write an SVG: bars up to the line at 1 hold, longer ones break their limit (drawn at most to 2)."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    shown = [(measure, ratio) for measure in reversed(measures) if (ratio := measure.ratio) is not None]
    figure, axes = plt.subplots(figsize=(9, 0.34 * len(shown) + 1), layout="constrained")
    bars = axes.barh(
        [measure.title for measure, _ in shown],
        [min(ratio, 2) for _, ratio in shown],
        color=[HOLDS if measure.holds else BREAKS for measure, _ in shown],
    )
    axes.bar_label(bars, labels=[_label(measure) for measure, _ in shown], padding=4, fontsize=8)
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set(xlim=(0, 2.4), xlabel="share of the limit used (1 = just met)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _label(measure: Measure) -> str:
    sign = "≥" if measure.at_least else "≤"
    return f"{measure.value:.3g} {measure.unit} ({sign} {measure.limit:g})".replace(" (", " (", 1)
