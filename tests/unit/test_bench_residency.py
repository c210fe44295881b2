"""Suites of measurements take options of their own; the replayed day ends in figures, a table and a chart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.residency import measure_residency
from bench.suites import PLAIN, SUITES, parse


def test_a_suite_has_its_own_options() -> None:
    options = parse(["residency", "--card", "t4", "--quick"])
    assert (options.names, options.card, options.quick) == (["residency"], "t4", True)


def test_an_option_of_a_suite_that_is_not_named_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["load", "--card", "t4"])
    assert "--card" in capsys.readouterr().err


def test_what_needs_a_gpu_or_models_runs_only_when_it_is_named() -> None:
    assert "residency" in PLAIN
    assert {"compare-edit", "gpu", "scenarios", "before-after"} <= set(SUITES) - set(PLAIN)


def test_a_trace_of_ones_own_gives_a_table_figures_and_a_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "mine.toml"
    models = (
        'models = { cutout = "birefnet", generator = "flux2-klein-4b", vlm = "qwen3-vl-4b", clip = "clip-vit-l14" }'
    )
    trace.write_text(f'{models}\nskip = ["translate", "score_korean"]\n[[jobs]]\nat = 0\nkind = "ad"\npictures = 2\n')
    (measure,) = measure_residency(parse(["residency", "--card", "l4", "--trace", str(trace), "--out", str(tmp_path)]))
    assert (measure.value, measure.limit) == (0, None)
    (run,) = json.loads((tmp_path / "residency-l4-mine.json").read_text("utf-8"))["runs"]
    assert run["policies"]["resident"]["jobs"] == 1
    assert run["policies"]["load-use-unload"]["stalled_seconds"] > 0
    assert (tmp_path / "residency-l4-mine.svg").read_text("utf-8").startswith("<?xml")
    assert "load-use-unload" in capsys.readouterr().out


def test_a_card_too_small_for_the_models_is_said_and_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = parse(["residency", "--card", "t4", "--trace", "flux1-dev", "--quick", "--out", str(tmp_path)])
    assert measure_residency(options) == []
    assert "GiB" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_trace_that_is_no_file_ends_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="default, flux1-dev"):
        measure_residency(parse(["residency", "--trace", "nosuch", "--out", str(tmp_path)]))
