"""The radar chart: each contender's shape over five axes, the best at the rim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.compare_edit.result import AXES, Result, shares

COLOURS = ("#2f6690", "#c0562b", "#3f7d58")
MARKS = ("o", "s", "^")
"""Shapes differ too: not everybody tells colours apart."""


def draw_radar(results: Sequence[Result], subtitle: str, path: Path) -> None:
    """Write an SVG with the figures in a table below the chart."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(8.4, 8.0))
    radar = figure.add_axes((0.19, 0.345, 0.62, 0.47), projection="polar")
    _draw(radar, results)
    figure.legend(
        *radar.get_legend_handles_labels(), loc="center", bbox_to_anchor=(0.5, 0.27), fontsize=9, frameon=False
    )
    _tabulate(figure.add_axes((0.03, 0.03, 0.94, 0.16)), results)
    figure.suptitle("Changing one thing in a picture", fontsize=12, y=0.97)
    figure.text(0.5, 0.925, subtitle, ha="center", fontsize=9)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _draw(axes: Any, results: Sequence[Result]) -> None:
    angles = [2 * math.pi * place / len(AXES) for place in range(len(AXES))]
    for values, result, colour, mark in zip(shares(results), results, COLOURS, MARKS, strict=False):
        axes.plot(
            [*angles, angles[0]], [*values, values[0]], color=colour, marker=mark, label=result.title, clip_on=False
        )
        axes.fill(angles, values, color=colour, alpha=0.1)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    axes.set_thetagrids([math.degrees(angle) for angle in angles], AXES)
    axes.tick_params(axis="x", pad=24)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["", "half as good", "", "the best"], fontsize=7, color="#555555")
    axes.set_rlabel_position(180 / len(AXES))


def _tabulate(axes: Any, results: Sequence[Result]) -> None:
    axes.axis("off")
    rows = [
        [
            result.title,
            f"{result.latency_seconds:.2f} s",
            f"{result.load_seconds:.2f} s",
            f"{result.peak_gib:.2f} GiB",
            "–" if result.clip_score is None else f"{result.clip_score:.1f}",
            f"{result.outside_difference:.2f}",
        ]
        for result in results
    ]
    heads = ["", "latency", "load", "peak memory", "CLIP score", "outside changed by"]
    widths = [0.38, 0.11, 0.11, 0.13, 0.11, 0.16]
    table = axes.table(rows, colLabels=heads, colWidths=widths, loc="center", cellLoc="right", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(8.5)
    table.scale(1, 1.35)
    for (_, column), cell in table.get_celld().items():
        if column == 0:
            cell.set_text_props(ha="left")
