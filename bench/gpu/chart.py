"""The chart: each stage's seconds with its arithmetic floor, and the generator's variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MEASURED, FLOOR = "#3f7d58", "#c9b458"


def draw_gpu_chart(report: Mapping[str, Any], path: Path) -> None:
    """Write an SVG; stages that failed have no bar."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    stages, variants = list(_stages(report)), list(_variants(report))
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 0.4 * max(len(stages), len(variants), 3) + 1.6))
    _draw_stages(left, stages)
    _draw_variants(right, variants)
    figure.suptitle(f"{report['card']} ({', '.join(sorted(set(report['weights'].values())))} weights)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _stages(report: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Label, seconds, floor seconds."""
    sections = report["sections"]
    stages = {"encode": sections.get("encoding", {}), **sections.get("looking", {})}
    for painting in sections.get("painting", []):
        size = "x".join(map(str, painting["size"]))
        stages |= {f"{part} {size}": painting.get(part, {}) for part in ("step", "decode")}
    for name, stage in stages.items():
        if isinstance(stage, dict) and "seconds" in stage:  # what failed has an error instead
            yield name, stage["seconds"], stage["floor_seconds"]


def _variants(report: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for variant in report["sections"].get("variants", []):
        if "step_seconds" in variant:
            yield variant["variant"], variant["step_seconds"]


def _draw_stages(axes: Any, stages: list[tuple[str, float, float]]) -> None:
    labels = [label for label, _, _ in reversed(stages)]
    axes.barh(labels, [seconds for _, seconds, _ in reversed(stages)], color=MEASURED, label="measured")
    axes.barh(labels, [floor for _, _, floor in reversed(stages)], color=FLOOR, height=0.35, label="arithmetic floor")
    axes.set(title="stages", xlabel="seconds")
    axes.legend(fontsize=8)


def _draw_variants(axes: Any, variants: list[tuple[str, float]]) -> None:
    bars = axes.barh(
        [label for label, _ in reversed(variants)], [value for _, value in reversed(variants)], color=MEASURED
    )
    axes.bar_label(bars, fmt="%.3g", padding=3, fontsize=8)
    axes.set(title="one denoising step", xlabel="seconds")
