"""An ad looks at itself: what fails is painted again with the reason, and the following steps see the best attempt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanococoa_aiserver.ads import checking, stage1
from nanococoa_aiserver.ads.local import LocalContext
from nanococoa_aiserver.ads.outcome import contact_of, picture_of, scenes_of
from nanococoa_aiserver.ads.pictures import get_picture, put_rgba
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.engines.ports import EditPrompt, Judgement, Notes, RefinePrompt
from nanococoa_aiserver.engines.wiring import build_engines
from nanococoa_aiserver.imaging.types import Alpha, Rgb
from nanococoa_aiserver.settings import Settings


class Critic:
    """Says what it was told to say, one verdict after the other, and remembers what it was asked."""

    def __init__(self, *verdicts: Judgement) -> None:
        self.verdicts = list(verdicts)
        self.revisions: list[tuple[str, str]] = []

    def ask(self, image: Rgb, question: str, stop: Any) -> str:
        return question

    def judge(self, image: Rgb, wanted: str, unwanted: str, stop: Any) -> Judgement:
        return self.verdicts.pop(0)

    def edit_prompt(self, image: Rgb, instruction: str, stop: Any) -> EditPrompt:
        return EditPrompt(instruction, "")

    def revised(self, prompt: str, reason: str, stop: Any) -> str:
        self.revisions.append((prompt, reason))
        return f"{prompt}, 대리석"

    def in_english(self, prompt: str, stop: Any) -> str:
        return prompt


class Scrubber:
    """Repaints everything it is given, allowed or not: what must stay is the caller's to keep."""

    def __init__(self) -> None:
        self.asked: list[RefinePrompt] = []

    def refine(self, composite: Rgb, allowed: Alpha, prompt: RefinePrompt, progress: Any, stop: Any) -> Rgb:
        self.asked.append(prompt)
        return np.asarray(255 - composite, np.uint8)

    def notes(self, prompt: RefinePrompt, stop: Any) -> Notes:
        return (("prompt_cut", {"encoder": "fake", "tokens": 9, "limit": 4}),)


@pytest.fixture
def ctx(tmp_path: Path) -> LocalContext:
    settings = Settings(data_dir=tmp_path)
    store = open_store((tmp_path / "artifacts").as_uri())
    photo = np.zeros((240, 240, 4), np.uint8)
    photo[40:220, 70:170] = (150, 60, 40, 255)
    request = {
        "product_image": put_rgba(store, photo),
        "bg_prompt": "나무 탁자",
        "bg_composition_prompt": "soft contact shadow",
        "formats": ["square"],
        "strength": 0.7,
        "guidance_scale": 3.5,
        "seed": 5,
    }
    return LocalContext(request, build_engines(settings), store, None, settings, lambda *_: None)  # type: ignore[arg-type]


def stage_1(ctx: LocalContext) -> dict[str, dict[str, Any]]:
    results: dict[str, dict[str, Any]] = {}
    for step in (stage1.segment, stage1.background, stage1.composite, stage1.refine):
        results[step.__name__] = step(ctx, results)
    results["self_check"] = checking.check(ctx, results)
    return results


FAIL, PASS = Judgement("fail", "탁자가 없다"), Judgement("pass", "맞다")


def test_a_picture_that_passes_is_kept_as_it_is(ctx: LocalContext) -> None:
    ctx.engines = replace(ctx.engines, vlm=Critic(PASS))
    results = stage_1(ctx)
    assert picture_of(results)["image"] == results["refine"]["image"]
    assert results["self_check"]["record"]["verdict"] == "pass"
    assert results["self_check"]["record"]["attempts"] == 1


def test_a_failed_picture_is_painted_again_with_the_reason_and_the_better_one_is_used(ctx: LocalContext) -> None:
    critic = Critic(FAIL, PASS)
    ctx.engines = replace(ctx.engines, vlm=critic)
    results = stage_1(ctx)
    assert critic.revisions == [("나무 탁자, soft contact shadow", "탁자가 없다")]
    assert scenes_of(results) != results["background"]["scenes"]
    assert picture_of(results)["image"] != results["refine"]["image"]
    assert results["self_check"]["record"]["kept"] == 2
    assert ctx.previews["step1_result"] == picture_of(results)["image"]


def test_after_three_failures_the_ad_goes_on_with_a_warning(ctx: LocalContext) -> None:
    ctx.engines = replace(ctx.engines, vlm=Critic(FAIL, FAIL, FAIL))
    results = stage_1(ctx)
    assert results["self_check"]["record"]["attempts"] == 3
    assert ["self_check_failed", {"reason": "탁자가 없다"}] in results["self_check"]["warnings"]


def test_the_check_can_be_switched_off(ctx: LocalContext) -> None:
    ctx.engines = replace(ctx.engines, vlm=Critic())
    ctx.settings = ctx.settings.model_copy(update={"self_check": False})
    assert stage_1(ctx)["self_check"] == {}


def test_a_refiner_that_repaints_everything_changes_no_pixel_of_the_core(ctx: LocalContext) -> None:
    scrubber = Scrubber()
    ctx.engines = replace(ctx.engines, refiner=scrubber)
    results = stage_1(ctx)
    assert results["refine"]["core_difference"] == 0
    assert results["refine"]["image"] != results["composite"]["image"]
    assert get_picture(ctx.artifacts, contact_of(results))[0].ndim == 3
    assert scrubber.asked[0].text == "soft contact shadow"
    assert scrubber.asked[0].strength == 0.7
    assert scrubber.asked[0].guidance is None
    assert ["prompt_cut", {"encoder": "fake", "tokens": 9, "limit": 4}] in results["refine"]["warnings"]


def test_the_words_for_the_composition_steer_the_scene_only_where_nothing_refines(ctx: LocalContext) -> None:
    assert "contact shadow" in stage1.scene_prompt(ctx).text
    ctx.engines = replace(ctx.engines, refiner=Scrubber())
    assert stage1.scene_prompt(ctx).text == "나무 탁자"


def test_adapters_that_the_studio_cannot_use_are_warned_of(ctx: LocalContext) -> None:
    ctx.request["adapters"] = [{"id": "warm-light", "scale": 0.5}]
    assert ["adapters_unused", {}] in stage_1(ctx)["background"]["warnings"]
