"""The report holds what was measured, says what was not and what was simulated, and comes out the same twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bench.report.build import SECTIONS, build
from bench.report.provenance import mark, origin
from bench.report.sections.checks import success
from bench.report.sections.lanes import verdict
from bench.report.track import MissingTracker, figures, track

BENCHMARKS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"


def lanes() -> dict[str, Any]:
    """Three heavy and two light jobs."""

    def run(starts: list[float]) -> dict[str, Any]:
        jobs: list[dict[str, Any]] = [
            {
                "n": number,
                "kind": "ad" if number < 3 else "analyze",
                "lane": "heavy" if number < 3 else "light",
                "submitted": 0.1 * number,
                "started": start,
                "finished": start + (4.0 if number < 3 else 0.4),
            }
            for number, start in enumerate(starts)
        ]
        return {
            "jobs": jobs,
            "light_p50": 1.0,
            "light_p95": starts[-1],
            "heavy_p50": 8.0,
            "heavy_p95": 12.0,
            "seconds": 13.0,
        }

    return {
        "about": "A fake card.",
        "simulated": True,
        "taken": "2026-01-02T00:00:00+00:00",
        "cores": 2,
        "step_seconds": 0.4,
        "idle": {"light_seconds": [0.4], "light_p95": 0.42},
        "limit_seconds": 0.95,
        "runs": {"single_lane": run([0, 4, 8, 12, 12.4]), "two_lanes": run([0, 4.6, 8.6, 0.5, 0.9])},
    }


def stress() -> dict[str, Any]:
    """Twelve jobs in a minute, a killed worker, a restart of the database, memory that ran out twice."""
    jobs: list[dict[str, Any]] = [
        {
            "n": number,
            "kind": ("ad", "edit", "cutout")[number % 3],
            "lane": "light" if number % 3 == 2 else "heavy",
            "submitted": 0.0,
            "started": 4.0 * number,
            "finished": 4.0 * number + 5,
            "status": "completed",
            "attempts": 1,
            "injected": 0,
            "rungs": [],
            "ends": 1,
        }
        for number in range(12)
    ]
    return {
        "about": "A fake card.",
        "simulated": True,
        "taken": "2026-01-02T00:00:00+00:00",
        "cores": 2,
        "seconds": 60.0,
        "outcome": {
            "submitted": 12,
            "completed": 12,
            "failed": 0,
            "lost": 0,
            "doubled": 0,
            "kills": 1,
            "memory_growth": {"api": 1.25},
        },
        "jobs": jobs,
        "events": [{"at": 20.0, "what": "kill", "pid": 7}, {"at": 30.0, "what": "restart", "seconds": 2.5, "pid": 8}],
        "memory": [{"at": 10.0 * n, "api_mb": 90 + n, "worker_mb": 200, "workers": 2} for n in range(7)],
        "vram": [
            {"at": 5.0 * n, "worker": 7 + n % 2, "allocated_mb": 9000 + 500 * (n % 3), "total_mb": 22528}
            for n in range(12)
        ],
        "ladder": [
            {"at": 12.0, "worker": 7, "n": 3, "rung": "flush"},
            {"at": 12.5, "worker": 7, "n": 3, "rung": "evict_idle"},
        ],
    }


def built(folder: Path, **inputs: dict[str, Any]) -> str:
    """The page made of these files; underscores in names stand for hyphens."""
    given = folder / "in"
    given.mkdir(exist_ok=True)
    for name, data in inputs.items():
        (given / f"{name.replace('_', '-')}.json").write_text(json.dumps(data), "utf-8")
    return build(given, folder / "out").read_text("utf-8")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The page of both simulated files, and the folder of its charts."""
    folder = tmp_path_factory.mktemp("report")
    return built(folder, lanes=lanes(), stress=stress()), folder / "out"


def part(page: str, title: str) -> str:
    """What the page says under ``title``."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_without_measurements_every_section_says_how_to_measure(tmp_path: Path) -> None:
    page = built(tmp_path)
    for section in SECTIONS:
        assert (
            f"Not measured here yet: `{section.command}`." in page.split(f"## {section.title}\n")[1].split("\n## ")[0]
        )
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["README.md"]


def test_what_was_simulated_says_so_above_its_figures_and_on_every_chart(simulated: tuple[str, Path]) -> None:
    page, folder = simulated
    for title in ("Two lanes against one", "Under stress", "Graphics memory and the ladder"):
        assert "> **Simulated** A fake card." in part(page, title)
    charts = sorted(folder.glob("*.svg"))
    assert {chart.stem for chart in charts if "-dark" not in chart.stem} == {
        *("lanes-gantt", "lanes-latency", "stress-completed", "stress-latency", "stress-memory", "vram")
    }
    assert all("<!-- simulated -->" in chart.read_text("utf-8") for chart in charts)


def test_what_a_suite_answered_and_what_it_refused_stands_on_the_page(tmp_path: Path) -> None:
    taken = {"p50": 210.4, "p95": 480.0, "p99": 1234.5}
    suite = {
        "about": "60 browsers",
        "browsers": 60,
        "seconds": 10.0,
        "every": {"pages": 15.0, "status": 2.0},
        "refused": 3,
        "pages": taken | {"answers": 40},
        "status": taken | {"answers": 260},
    }
    told = part(built(tmp_path, suite=suite), "The suite behind its door")
    assert "| how far an ad is | 2 s | 260 | 0.21 s | 0.48 s | 1.23 s |" in told
    assert "30 answers a second, where 34 would be asked for if none took time" in told
    assert "3 answers other than 200" in told


def test_only_a_busy_machine_is_said_to_have_had_other_work() -> None:
    beside = "other work ran beside"
    assert beside in origin({"cores": 2, "load": 2.6}, "suite.json")
    assert beside not in (quiet := origin({"cores": 2, "load": 0.2}, "suite.json"))
    assert "load 0.2" in quiet


def test_figures_of_a_run_stand_on_the_page_as_they_were_measured(simulated: tuple[str, Path]) -> None:
    page, _ = simulated
    assert "Light p95 with two lanes is 0.90 s, within the limit of 0.95 s" in page
    assert "| run to the end twice | 0 |" in page
    assert "of the api +1.2 %" in page
    assert "| flush | 1 |" in page


def test_light_work_beyond_its_limit_is_said_to_be() -> None:
    slow = lanes()
    slow["runs"]["two_lanes"]["light_p95"] = 3.0
    assert "is 3.00 s, **beyond** the limit" in verdict(slow)


def test_the_kept_measurements_make_a_page_whose_pictures_are_all_there(tmp_path: Path) -> None:
    page = build(BENCHMARKS, tmp_path / "out")
    shown = re.findall(r'(?:src|srcset)="([^"]+)"', page.read_text("utf-8"))
    assert len(shown) > 10
    assert not [name for name in shown if not (page.parent / name).exists()]


def test_the_same_measurements_give_the_same_bytes(simulated: tuple[str, Path], tmp_path: Path) -> None:
    built(tmp_path, lanes=lanes())
    charts = list((tmp_path / "out").glob("*.svg"))
    assert len(charts) == 4
    assert all(chart.read_bytes() == (simulated[1] / chart.name).read_bytes() for chart in charts)


def test_a_chart_of_an_earlier_report_goes(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lanes-gantt.svg").touch()
    built(tmp_path)
    assert not list((tmp_path / "out").glob("lanes*"))


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "lanes.json").write_text("{")
    with pytest.raises(ValueError, match=r"lanes\.json holds no JSON"):
        build(tmp_path, tmp_path / "out")


def test_tiny_random_weights_are_marked_and_measured_figures_are_not() -> None:
    assert "tiny" in mark({"label": "Tiny random weights"})
    assert mark({"taken": "2026-01-02"}) == ""
    assert origin({"taken": "2026-01-02T03:04", "cores": 2}, "x.json").startswith("> Measured.")


def test_an_ad_succeeds_when_no_check_that_was_made_failed() -> None:
    legible, fidelity = {"passed": True}, {"core_difference": 0, "cutout_verdict": "ok"}
    good = {"checks": {"legibility": legible, "fidelity": fidelity, "self_check": None}}
    bad = {"checks": {"legibility": legible, "fidelity": fidelity | {"core_difference": 3}, "self_check": None}}
    assert success([good, bad, good, good]) == [1.0, 0.5, pytest.approx(2 / 3), 0.75]


def test_figures_are_sent_by_their_path_without_samples(tmp_path: Path) -> None:
    measured = {"measures": [{"name": "square_ad", "value": 1.5, "detail": {"seconds": [1, 2]}}], "cores": 2}
    (tmp_path / "results.json").write_text(json.dumps(measured))
    (tmp_path / "lanes.json").write_text(json.dumps(lanes()))
    sent = figures(tmp_path)
    assert sent["results/square_ad"] == 1.5
    assert sent["lanes/runs/two_lanes/light_p95"] == 0.9
    assert not [name for name in sent if "jobs" in name or "detail" in name]


def test_a_tracker_gets_figures_what_they_are_worth_and_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tracker of the same calls stands in for the real one, which is no package of the suite."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lanes.json").write_text(json.dumps(lanes()))
    got: dict[str, Any] = {}

    class Run:
        def __enter__(self) -> None:
            got["open"] = True

        def __exit__(self, *_: object) -> None:
            got["open"] = False

    library = SimpleNamespace(
        set_experiment=lambda name: got.update(experiment=name),
        start_run=Run,
        set_tags=lambda tags: got.update(tags=tags),
        log_metrics=lambda metrics: got.update(metrics=metrics),
        log_artifacts=lambda folder, name: got.update(folder=folder, name=name),
    )
    monkeypatch.setitem(__import__("sys").modules, "mlflow", library)
    assert track("mlflow", tmp_path / "in", tmp_path / "out") == len(got["metrics"])
    assert got["tags"] == {"lanes": "simulated, 2026-01-02T00:00:00+00:00"}
    assert (got["folder"], got["open"]) == (str(tmp_path / "out"), False)


def test_a_tracker_that_is_not_installed_says_what_brings_it(tmp_path: Path) -> None:
    with pytest.raises(MissingTracker, match=r"requirements-track\.txt"):
        track("wandb", tmp_path, tmp_path)


def test_each_run_of_the_scenarios_says_what_it_is_worth(tmp_path: Path) -> None:
    done = {"subject": "food", "kind": "photo", "task": "look", "seconds": 0.5, "refused": "", "scores": {}}
    run = {"taken": "2026-01-02", "cores": 2, "models": {}, "results": [done]}
    tiny = run | {"engine": "diffusion", "weights": "tiny", "label": "Tiny random weights."}
    page = built(
        tmp_path, scenarios={"notes": {}, "runs": [tiny, run | {"engine": "studio", "weights": "none", "label": ""}]}
    )
    told = part(page, "Scenarios")
    assert "Measured" not in told
    assert told.count("**Tiny random weights.**") == 1
    charts = {file.stem: file.read_text("utf-8") for file in (tmp_path / "out").glob("scenarios-*.svg")}
    assert "tiny random weights" in charts["scenarios-diffusion-tiny"]
    assert "tiny random weights" not in charts["scenarios-studio-none"]


def test_an_ad_that_was_not_made_is_told(tmp_path: Path) -> None:
    checks = {"legibility": {"passed": True}, "fidelity": None, "self_check": None}
    lost = {"photo": "mug.jpg", "error": "RENDER_FAILED: the page took too long"}
    page = built(tmp_path, before_after={"ads": [{"checks": checks, "text": "머그"}], "failed": [lost]})
    assert "Not made, of mug.jpg: RENDER_FAILED" in part(page, "The ads check themselves")
