"""The comparison of three models with one: what is measured, what is left out, and how it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bench.compare_edit.cases import Case, read_cases
from bench.compare_edit.contenders import contenders, usable
from bench.compare_edit.report import table, write_report
from bench.compare_edit.result import AXES, Result, differences, overlap, shares
from bench.compare_edit.run import compare
from bench.suites import PLAIN, parse

from nanococoa_aiserver.settings import Settings

pytestmark = pytest.mark.diffusion


def case(width: int = 160, height: int = 96) -> Case:
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    thing = np.zeros((height, width), np.bool_)
    thing[30:60, 40:90] = True
    return Case("square", image, thing, "make it blue", "square", "a blue square", "a blue square")


def result(**changes: Any) -> Result:
    values: dict[str, Any] = {"title": "one", "models": ("a",), "weights": "real", "load_seconds": 10.0}
    values |= {"latency_seconds": 4.0, "peak_gib": 16.0, "outside_difference": 0.0, "inside_difference": 30.0}
    return Result(**(values | {"cases": 5, "clip_score": 28.0} | changes))


def test_every_contender_is_measured_on_tiny_models_and_labelled_so(tiny_models: Path, tmp_path: Path) -> None:
    report = compare(usable(Settings(models_dir=tiny_models)), [case()], repeats=1)
    assert report.left_out == {}
    assert [one.models for one in report.results] == [
        ("grounding-dino", "sam2.1", "sd3-medium"),
        ("grounding-dino", "sam2.1", "flux2-klein-4b"),
        ("flux2-klein-4b",),
    ]
    for one in report.results:
        assert (one.weights, one.cases) == ("tiny", 1)
        assert one.latency_seconds > 0
        assert one.load_seconds > 0
        assert one.clip_score is not None
        assert one.inside_difference > 0, "something was painted"
    assert [one.found for one in report.results] == [1, 1, None]
    write_report(report, tmp_path, "compare-edit")
    told = json.loads((tmp_path / "compare-edit.json").read_text("utf-8"))
    assert told["label"].startswith("Tiny random weights")
    assert len(told["results"]) == 3
    assert "<svg" in (tmp_path / "compare-edit.svg").read_text("utf-8")


def test_what_is_not_at_hand_is_left_out_by_name(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    report = compare(Settings(models_dir=tmp_path / "models"), [case()], repeats=1)
    assert report.results == []
    assert "flux2-klein-4b" in report.left_out["flux2-klein-4b alone"]
    assert "make-tiny" in table(report)
    write_report(report, tmp_path, "compare-edit")
    assert json.loads((tmp_path / "compare-edit.json").read_text("utf-8"))["results"] == []
    assert not (tmp_path / "compare-edit.svg").exists()


def test_the_best_on_each_axis_reaches_the_rim_and_the_others_their_share() -> None:
    slow = result(title="two", latency_seconds=8.0, load_seconds=40.0, peak_gib=20.0, clip_score=21.0)
    picture, other = shares([result(), slow])
    assert picture == [1, 1, 1, 1, 1]
    assert other == [0.5, 0.25, 0.8, 0.75, 1.0]
    assert len(AXES) == len(other)
    assert shares([result(outside_difference=4.0)])[0][-1] == 0.5
    assert shares([result(outside_difference=100.0, clip_score=None)])[0][-2:] == [0.0, 0.0]


def test_outside_and_inside_are_told_apart() -> None:
    before = np.zeros((10, 10, 3), np.uint8)
    region = np.zeros((10, 10), np.bool_)
    region[:5] = True
    after = before.copy()
    after[:5] = 200
    assert differences(before, after, region) == (0.0, 200.0)
    assert differences(after, before, ~region) == (200.0, 0.0), "darker counts like lighter"
    assert overlap(region, region) == 1.0
    assert overlap(region, ~region) == 0.0


def test_the_cases_that_come_along_have_their_pictures_and_masks() -> None:
    cases = read_cases(parse(["compare-edit"]).cases)
    assert len(cases) == 5
    for one in cases:
        assert one.image.shape[:2] == one.thing.shape
        assert 0.02 < one.thing.mean() < 0.6, one.name
        assert one.target in one.instruction


def test_a_case_without_its_mask_is_named(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((40, 40, 3), np.uint8))
    file = tmp_path / "cases.toml"
    file.write_text(
        '[[case]]\nname = "lost"\nimage = "a.png"\nmask = "b.png"\n'
        'instruction = "x"\ntarget = "x"\nfill = "x"\ncaption = "x"\n'
    )
    with pytest.raises(ValueError, match="'lost'"):
        read_cases(file)


def test_it_runs_only_when_it_is_named() -> None:
    assert "compare-edit" not in PLAIN
    options = parse(["compare-edit", "--repeats", "5"])
    assert (options.names, options.repeats) == (["compare-edit"], 5)


def test_weights_for_research_alone_need_their_licence_accepted_unless_they_are_tiny(tmp_path: Path) -> None:
    assert usable(Settings(models_dir=tmp_path)).accept_noncommercial_models is False
    assert contenders(Settings(generator_model="z-image-turbo"))[2].models == ("z-image-turbo",)
