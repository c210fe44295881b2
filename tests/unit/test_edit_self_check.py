"""Whether an edit is what was asked for: judged, made again with the reason, and the best kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nanococoa_aiserver.ads.self_check import self_check
from nanococoa_aiserver.artifacts.store import ArtifactStore, open_store
from nanococoa_aiserver.engines.ports import Judgement
from nanococoa_client.schemas import SelfCheck
from support.editing import context, edited
from support.fake_editing import FakeEditor, FakeScorer, FakeVlm, fake_engines

FAIL = Judgement("fail", "there is no dog")
PASS = Judgement("pass", "a dog can be seen")
UNKNOWN = Judgement("unknown")


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return open_store(tmp_path.as_uri())


def checked(verdicts: list[Judgement], scores: list[float | None]) -> Any:
    judged, scored = iter(verdicts), iter(scores)
    return self_check(
        "first",
        "a dog",
        attempt=lambda prompt, number: f"{number}: {prompt}",
        judge=lambda _: next(judged),
        score=lambda _: next(scored),
        revise=lambda prompt, reason: f"{prompt}, {reason}",
    )


def test_what_passes_is_not_made_again() -> None:
    done = checked([PASS], [20.0])
    assert done.best.result == "first"
    assert done.record()["attempts"] == 1


def test_the_reason_goes_into_the_next_prompt_and_two_repeats_are_enough() -> None:
    done = checked([FAIL, Judgement("fail", "still none"), FAIL], [None, None, None])
    assert [one.prompt for one in done.attempts] == [
        "a dog",
        "a dog, there is no dog",
        "a dog, there is no dog, still none",
    ]
    assert done.best.result == "first", "the earliest of equals"


@pytest.mark.parametrize(
    ("verdicts", "scores", "best"),
    [
        ([FAIL, PASS], [30.0, 20.0], 1),
        ([FAIL, FAIL, FAIL], [20.0, 30.0, 25.0], 1),
        ([FAIL, FAIL, PASS], [30.0, 31.0, 1.0], 2),
        ([FAIL, UNKNOWN], [30.0, 20.0], 1),
        ([UNKNOWN], [0.0], 0),
    ],
)
def test_the_verdict_counts_first_then_the_score(
    verdicts: list[Judgement], scores: list[float | None], best: int
) -> None:
    done = checked(verdicts, scores)
    assert done.best is done.attempts[best]
    assert done.record()["kept"] == best + 1
    assert len(done.attempts) == len(verdicts)
    SelfCheck.model_validate(done.record())


def test_an_edit_that_fails_is_made_again_from_another_seed(store: ArtifactStore) -> None:
    editor, vlm = FakeEditor(), FakeVlm([FAIL, PASS])
    ctx = context(store, fake_engines(editor=editor, vlm=vlm, scorer=FakeScorer([20.0, 28.0])), seed=7, mode="local")
    results = edited(ctx)
    assert [task.seed for task in editor.tasks] == [7, 8]
    assert "there is no dog" in editor.tasks[1].prompt
    assert "turn the blue square into a dog" in vlm.judged[0][1]
    record = results["finish"]["checks"]["self_check"]
    assert (record["verdict"], record["attempts"], record["kept"], record["clip_score"]) == ("pass", 2, 2, 28.0)
    assert results["check"]["prompt"] == editor.tasks[1].prompt
    assert results["check"]["image"] != results["edit"]["image"]
    assert ctx.previews["step1_result"] == results["check"]["image"]
    assert results["finish"]["outside_difference"] == 0


def test_an_edit_that_never_passes_is_kept_with_a_warning(store: ArtifactStore) -> None:
    results = edited(context(store, fake_engines(vlm=FakeVlm([FAIL] * 5))))
    assert results["check"]["self_check"]["attempts"] == 3
    assert results["check"]["image"] == results["edit"]["image"]
    assert results["check"]["warnings"] == [["edit_not_as_asked", {"reason": "there is no dog"}]]


def test_without_self_check_nobody_is_asked(store: ArtifactStore) -> None:
    vlm = FakeVlm([FAIL])
    results = edited(context(store, fake_engines(vlm=vlm), self_check=False))
    assert vlm.judged == []
    assert results["finish"]["checks"]["self_check"] is None


def test_a_card_without_clip_is_judged_all_the_same(store: ArtifactStore) -> None:
    results = edited(context(store, fake_engines(scorer=None)))
    assert results["check"]["self_check"]["clip_score"] is None
