"""From a run's jobs to its figures and its chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.lanes import figures
from bench.lanes.chart import draw_lanes


def job(number: int, lane: str, started: float, finished: float) -> dict[str, Any]:
    times = {"submitted": 0.0, "started": started, "finished": finished}
    return {"n": number, "kind": "ad" if lane == "heavy" else "analyze", "lane": lane} | times


def test_figures_are_from_asking_to_done_by_lane() -> None:
    run = figures([job(1, "heavy", 0, 4), job(2, "heavy", 4, 8), job(3, "light", 8, 9)])
    assert (run["light_p95"], run["heavy_p50"], run["heavy_p95"], run["seconds"]) == (9, 6, 8, 9)


def test_the_chart_shows_every_job_of_both_runs(tmp_path: Path) -> None:
    run = figures([job(1, "heavy", 0, 4), job(2, "light", 4, 5)])
    runs = {"single_lane": run, "two_lanes": run}
    draw_lanes({"runs": runs, "idle": {"light_p95": 1.0}, "limit_seconds": 1.7}, tmp_path / "lanes.svg")
    drawn = (tmp_path / "lanes.svg").read_text("utf-8")
    assert drawn.count("<!-- ad 1 -->") == drawn.count("<!-- analyze 2 -->") == 2
    assert "allowed: 1.7 s" in drawn
