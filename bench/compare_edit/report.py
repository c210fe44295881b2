"""The comparison as a table, JSON and a radar chart."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.compare_edit.chart import draw_radar
from bench.compare_edit.result import Result

NOTES = {
    "latency_seconds": "one edit with everything loaded, prompts encoded anew; median",
    "load_seconds": "from disk to the device, all components of the contender",
    "peak_gib": "the most at once, weights included; on a processor the process's own growth",
    "clip_score": "CLIP ViT-L/14 of the result against a caption of what it should show, 0 to 100; mean of the cases",
    "outside_difference": "mean difference of all channels (0 to 255) outside the thing's exact mask grown by 1.2 %",
    "inside_difference": "the same inside it",
    "found": "pictures in which the detector found the thing",
    "overlap": "intersection over union of the found mask and the exact one",
}
TINY = "Tiny random weights: this shows that the code runs, and nothing about the models."


@dataclass
class Report:
    """What was measured, and what was not and why."""

    device: str = ""
    results: list[Result] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the figures are worth; empty for real weights."""
        return TINY if any(result.weights == "tiny" for result in self.results) else ""


def write_report(report: Report, folder: Path, name: str) -> None:
    """Print the table; write JSON and, where something was measured, the chart."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    told = {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": report.device,
        "label": report.label,
        "results": [result.to_json() for result in report.results],
        "left_out": report.left_out,
        "notes": NOTES,
    }
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(table(report) + f"{file}\n")
    if report.results:
        draw_radar(report.results, f"{report.device}. {report.label}".strip(), file.with_suffix(".svg"))
        sys.stdout.write(f"{file.with_suffix('.svg')}\n")


def table(report: Report) -> str:
    """A line per contender."""
    lines = [f"  {'':<42} {'latency':>9} {'load':>9} {'peak':>10} {'CLIP':>6} {'outside':>8} {'found':>6}"]
    lines += [_line(result) for result in report.results]
    lines += [f"  {title:<42} {reason}" for title, reason in report.left_out.items()]
    if not report.results:
        lines.append(
            "  No model to compare is at hand: nanococoa models download, or models make-tiny to try the code."
        )
    return "\n".join([*lines, *([f"  {report.label}"] if report.label else [])]) + "\n"


def _line(result: Result) -> str:
    score = "–" if result.clip_score is None else f"{result.clip_score:.1f}"
    found = "–" if result.found is None else f"{result.found}/{result.cases}"
    return (
        f"  {result.title:<42} {result.latency_seconds:7.2f} s {result.load_seconds:7.2f} s {result.peak_gib:6.2f} GiB "
        f"{score:>6} {result.outside_difference:8.2f} {found:>6}"
    )
