"""The benchmark set is whole, its scores measure what they say, and a run tells refusals from results."""

from __future__ import annotations

import argparse
import json
import tomllib
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bench.scenarios.run as scenarios
import httpx
import numpy as np
import pytest
from bench.scenarios import SCENARIOS
from bench.scenarios.asking import TASKS, Outcome, outcome
from bench.scenarios.cases import Question, read_subjects
from bench.scenarios.run import line
from bench.scenarios.scores import easy_scores, ssim_map, style_scores

SUBJECTS = read_subjects(SCENARIOS)
UNAVAILABLE = {"error": {"code": "MODEL_UNAVAILABLE", "message": "It is not here.", "details": {}}}


def picture(seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)


def middle() -> np.ndarray[Any, np.dtype[np.bool_]]:
    mask = np.zeros((64, 64), np.bool_)
    mask[24:40, 24:40] = True
    return mask


def test_the_set_has_five_subjects_and_says_which_are_drawings() -> None:
    assert [subject.name for subject in SUBJECTS] == ["animal", "interior", "portrait", "food", "landscape"]
    assert {subject.name for subject in SUBJECTS if subject.kind == "photo"} == {"food"}
    assert all(0.01 < subject.thing().mean() < 0.6 for subject in SUBJECTS)


def test_a_subject_without_one_of_the_tasks_is_refused(tmp_path: Path) -> None:
    entry = tomllib.loads(SCENARIOS.read_text("utf-8"))["subject"][0]
    file = tmp_path / "mine.toml"
    file.write_text(f'[[subject]]\nname = "cat"\nkind = "drawing"\npicture = "{entry["picture"]}"\n')
    with pytest.raises(ValueError, match="stylise"):
        read_subjects(file)


@pytest.mark.parametrize(
    ("answer", "right"),
    [("It is a Cat, an orange one.", True), ("concatenated lines", False), ("A dog.", False), ("", False)],
)
def test_an_answer_is_right_when_it_holds_an_accepted_word_whole(answer: str, right: bool) -> None:
    assert Question(ask="Which animal?", accepts=("cat", "kitten")).right(answer) is right


def test_an_edit_inside_the_thing_leaves_the_outside_untouched() -> None:
    before = picture()
    after = before.copy()
    after[28:36, 28:36] = 255 - after[28:36, 28:36]
    scores = easy_scores(before, after, middle())
    assert scores["ssim_outside"] == pytest.approx(1, abs=0.01)
    assert scores["strength"] > 1


def test_drift_outside_the_thing_costs_similarity() -> None:
    before = picture()
    assert easy_scores(before, picture(1), middle())["ssim_outside"] < 0.3


def test_a_brighter_picture_keeps_its_structure_and_another_one_does_not() -> None:
    before = np.asarray(picture() // 2, np.uint8)
    brighter, other = style_scores(before, before + 40), style_scores(before, picture(1))
    assert brighter["ssim"] > 0.8 > other["ssim"]
    assert brighter["strength"] == pytest.approx(100 * 40 / 255, rel=0.01)


def test_similarity_with_itself_is_one_everywhere() -> None:
    assert ssim_map(picture(), picture()).min() == pytest.approx(1, abs=1e-4)


class Answers:
    """An API without models: descriptions alone."""

    def __init__(self) -> None:
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://aiserver")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/resources":
            return httpx.Response(200, json={"engine": "studio"})
        body = json.loads(request.content)
        if request.url.path != "/analyze" or "question" in body:
            return httpx.Response(503, json=UNAVAILABLE)
        return httpx.Response(200, json={"job_id": "1", "status": "completed", "result": {"text": "mostly teal"}})


def test_what_the_server_refuses_is_told_by_its_code_and_not_scored() -> None:
    made = {task: outcome(Answers(), SUBJECTS[0], task) for task in TASKS}  # type: ignore[arg-type]
    assert {task: one.refused for task, one in made.items()} == {
        **dict.fromkeys(("easy", "stylise", "question"), "MODEL_UNAVAILABLE"),
        "look": "",
    }
    assert made["easy"].scores == {}
    assert made["look"].answer == "mostly teal"
    assert "MODEL_UNAVAILABLE" in line(made["easy"])


def test_a_score_that_no_model_could_take_is_not_a_number() -> None:
    told = line(Outcome("animal", "drawing", "easy", 1.5, scores={"clip_score": None, "ssim_outside": 0.98123}))
    assert "clip_score – (no model) · ssim_outside 0.9812" in told


def test_a_run_replaces_that_of_the_same_engine_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def server(*_: int, **__: str) -> Any:
        yield Answers()

    monkeypatch.setattr(scenarios, "running_server", server)
    kept = {"engine": "diffusion", "weights": "tiny", "results": []}
    old = {"engine": "studio", "weights": "none", "results": []}
    file = tmp_path / "scenarios.json"
    file.write_text(json.dumps({"notes": {}, "runs": [kept, old]}))
    scenarios.run(argparse.Namespace(engine="studio", weights=None, set=SCENARIOS, quick=False, out=tmp_path))
    runs = json.loads(file.read_text("utf-8"))["runs"]
    assert [(one["engine"], len(one["results"])) for one in runs] == [("diffusion", 0), ("studio", 20)]


def test_where_weights_lie_reaches_the_server_as_its_setting(tmp_path: Path) -> None:
    given = SimpleNamespace(engine="diffusion", weights=tmp_path)
    assert scenarios._settings(given) == {"ENGINE": "diffusion", "MODELS_DIR": str(tmp_path)}  # type: ignore[arg-type]
