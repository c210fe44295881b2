"""The painter: what it tells the model, in which language, what it notes, and what it says of the finished scene."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.painter import DiffusionPainter
from nanococoa_aiserver.engines.diffusion.warmup import warm_up
from nanococoa_aiserver.engines.diffusion.wording import Wording
from nanococoa_aiserver.engines.ports import ScenePrompt
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.imaging.types import Sprite
from nanococoa_aiserver.settings import Settings
from nanococoa_client.messages import say
from support.generating import Dictionary, Steps, generator_of, module_of, same, tiny_host, watching

pytestmark = pytest.mark.diffusion

KLEIN, SCHNELL, DEV = "flux2-klein-4b", "flux1-schnell", "flux1-dev"
WISH = "아침 햇살이 비치는 대리석 탁자"
ENGLISH = "a marble table in morning sunlight"


def go_on() -> None:
    """Nobody stops this job."""


def lit_from_the(side: str) -> Sprite:
    shade = np.linspace(60, 230, 40).astype(np.uint8)
    rgb = np.repeat(np.tile(shade if side == "right" else shade[::-1], (40, 1))[..., None], 3, 2)
    return Sprite(rgb, np.ones((40, 40), np.float32))


def wording(model: str, translator: Dictionary | None = None) -> Wording:
    return Wording(load_catalogue()[model], translator or Dictionary())


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


def test_the_customers_words_come_first_and_an_empty_lit_place_is_asked_for() -> None:
    told = wording(KLEIN).backdrop("a beach at noon.", -0.7, go_on)
    assert told.startswith("a beach at noon. ")
    for asked in (
        "empty",
        "eye level",
        "lower middle",
        "from the left",
        "Nobody is in the picture",
        "nothing is written",
    ):
        assert asked in told


def test_a_model_that_reads_korean_is_told_in_korean_without_a_translator() -> None:
    translator = Dictionary()
    told = wording(KLEIN, translator).backdrop(WISH, 0.7, go_on)
    assert told.startswith(WISH + ". ")
    assert "오른쪽" in told
    assert not set("abcdefghijklmnopqrstuvwxyz{}") & set(told)
    assert translator.asked == []


def test_a_model_without_korean_is_told_in_english_and_asks_for_it_once() -> None:
    translator = Dictionary({WISH: ENGLISH})
    words = wording(SCHNELL, translator)
    assert words.backdrop(WISH, 0.0, go_on).startswith(ENGLISH)
    assert words.backdrop(WISH, 0.0, go_on) == words.backdrop(ENGLISH, 0.0, go_on)
    assert translator.asked == [WISH]


@pytest.mark.parametrize("wish", ["두 사람이 걷는 바닷가", "a woman's desk", "hands holding flowers"])
def test_people_that_are_asked_for_are_not_forbidden(wish: str) -> None:
    told = wording(KLEIN).backdrop(wish, 0.0, go_on)
    assert "Nobody" not in told
    assert "사람은 없고" not in told


def test_a_word_that_only_contains_a_person_brings_none() -> None:
    assert "Nobody" in wording(KLEIN).backdrop("a shadowy chandelier, mandarin peel", 0.0, go_on)


def test_without_words_a_calm_backdrop_is_asked_for() -> None:
    assert wording(KLEIN).backdrop("  ", 0.0, go_on).startswith("A calm, bright studio backdrop")


def test_braces_in_a_wish_are_letters_like_others() -> None:
    assert wording(KLEIN).backdrop("{light} {0} {", 0.0, go_on).startswith("{light} {0} {")


def test_a_brief_of_an_ordinary_wish_fits_every_encoder(host: ModelHost) -> None:
    """The tiny tokenizers have one token per byte; real ones read four letters or a syllable and a half as one."""
    for model, text in ((SCHNELL, ENGLISH), (KLEIN, WISH)):
        told = wording(model).backdrop(text, -0.7, go_on)
        estimate = len(told) / 4 if model == SCHNELL else len(told) / 1.2
        assert estimate < load_catalogue()[model].text_limit - 40


def test_the_choice_is_made_by_the_model_and_the_light_of_the_products_photo(host: ModelHost) -> None:
    painter = DiffusionPainter(generator_of(host, KLEIN), Dictionary())
    left, right = (
        painter.choose(ScenePrompt("a quiet corner"), lit_from_the(side)).light for side in ("left", "right")
    )
    assert left < 0 < right
    choice = painter.choose(ScenePrompt("파란 벽, 왼쪽에서 들어오는 빛"), lit_from_the("right"))
    assert (choice.scene, choice.known) == (KLEIN, True)
    assert choice.light < 0
    assert choice.palette != "free"
    json.dumps(asdict(choice))


def test_words_that_nothing_knows_are_understood_all_the_same(host: ModelHost) -> None:
    choice = DiffusionPainter(generator_of(host, KLEIN), Dictionary()).choose(
        ScenePrompt("qwertz"), lit_from_the("left")
    )
    assert choice.known
    assert choice.palette == "free"


def test_a_wish_too_long_for_an_encoder_is_noted_in_a_sentence_of_both_languages(host: ModelHost) -> None:
    painter = DiffusionPainter(generator_of(host, SCHNELL), Dictionary())
    notes = dict(painter.choose(ScenePrompt("a very long description " * 20), lit_from_the("left")).notes)
    assert set(notes) == {"prompt_cut", "prompt_summary_cut"}
    for key, details in notes.items():
        for locale in ("ko", "en"):
            assert str(details["limit"]) in say("warnings", key, locale, **details)


def test_a_painted_scene_has_its_size_its_name_and_a_place_to_stand(host: ModelHost) -> None:
    painter, steps = DiffusionPainter(generator_of(host, KLEIN), Dictionary()), Steps()
    prompt = ScenePrompt(WISH, seed=7)
    choice = painter.choose(prompt, lit_from_the("left"))
    scene = painter.paint(choice, prompt, (108, 135), lambda name, share: steps.told.append(name), go_on)
    assert scene.image.shape == (135, 108, 3)
    assert scene.scene == KLEIN
    assert 0 < scene.stage.horizon < scene.stage.ground < 1
    assert steps.told == [f"flux_bg_generation ({step}/4)" for step in (1, 2, 3, 4)]


def test_negative_prompt_guidance_and_seed_reach_a_model_that_takes_them(host: ModelHost) -> None:
    painter = DiffusionPainter(generator_of(host, DEV), Dictionary())
    choice = painter.choose(ScenePrompt(ENGLISH), lit_from_the("left"))
    prompts = [
        ScenePrompt(ENGLISH),
        ScenePrompt(ENGLISH, negative="fog"),
        ScenePrompt(ENGLISH, guidance=8.0),
        ScenePrompt(ENGLISH, seed=1),
    ]
    scenes = [painter.paint(choice, one, (96, 96), lambda name, share: None, go_on).image for one in prompts]
    assert not any(same(scenes[0], other) for other in scenes[1:])


def test_a_translation_can_be_stopped(host: ModelHost) -> None:
    class Stopped(Dictionary):
        def in_english(self, prompt: str, stop: object) -> str:
            raise JobStopped

    painter = DiffusionPainter(generator_of(host, SCHNELL), Stopped())
    with pytest.raises(JobStopped):
        painter.choose(ScenePrompt(WISH), lit_from_the("left"))


def test_a_machine_without_a_card_warms_nothing_up(host: ModelHost) -> None:
    with watching(module_of(host, KLEIN, "transformer")) as calls:
        seconds = warm_up(Settings(warm_up=True), CpuDevice(), generator_of(host, KLEIN), [(96, 96)], go_on)
    assert (seconds, calls.count) == ({}, 0)


class PretendedCard(CpuDevice):
    """The processor, passing for a card: only its kind is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.torch_device = type("Kind", (), {"type": "cuda"})()


def test_a_card_is_warmed_up_with_one_step_of_each_size(host: ModelHost, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    generator, sizes = generator_of(host, KLEIN), [(96, 96), (90, 120)]
    with watching(module_of(host, KLEIN, "transformer")) as calls:
        seconds = warm_up(Settings(), PretendedCard(), generator, sizes, go_on)
        assert warm_up(Settings(warm_up=False), PretendedCard(), generator, sizes, go_on) == {}
    assert list(seconds) == ["96x96", "90x120"]
    assert calls.count == 2
    assert "90×120" in caplog.text


def test_a_warm_up_can_be_stopped(host: ModelHost) -> None:
    def stop() -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        warm_up(Settings(), PretendedCard(), generator_of(host, KLEIN), [(96, 96)], stop)
