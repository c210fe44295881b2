"""Every scene paints any placement's size, obeys its palette and its light, and says where a product stands."""

from __future__ import annotations

import numpy as np
import pytest

from nanococoa_aiserver.engines.ports import SceneChoice, ScenePrompt
from nanococoa_aiserver.engines.studio.painter import StudioPainter
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes, paint_scene
from nanococoa_aiserver.engines.studio.scenes.palettes import load_palettes
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.imaging.filters import to_lab
from nanococoa_aiserver.imaging.types import Rgb, Sprite

NAMES = sorted(load_scenes())
PEDESTALS = {"podium", "sale", "stone"}
SMALL = (240, 240)


def mean_lab(image: Rgb) -> np.ndarray:
    return np.asarray(to_lab(image.astype(np.float32)).reshape(-1, 3).mean(0))


def plain_sprite(colour: tuple[int, int, int]) -> Sprite:
    rgb = np.empty((40, 30, 3), np.uint8)
    rgb[:] = colour
    return Sprite(rgb, np.ones((40, 30), np.float32))


def nothing(*_: object) -> None:
    return None


def test_there_are_twenty_four_scenes() -> None:
    assert len(NAMES) == 24


@pytest.mark.parametrize("name", NAMES)
def test_two_palettes_give_visibly_different_pictures(name: str) -> None:
    red, blue = (mean_lab(paint_scene(name, SMALL, palette=palette, seed=5).image) for palette in ("red", "navy"))
    assert np.linalg.norm(red - blue) > 8


@pytest.mark.parametrize("name", NAMES)
def test_the_hue_follows_the_palette(name: str) -> None:
    red, green = (mean_lab(paint_scene(name, SMALL, palette=palette, seed=5).image) for palette in ("red", "green"))
    assert red[1] - green[1] > 6, "a red palette must be redder than a green one"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_picture(name: str) -> None:
    first, second = (paint_scene(name, SMALL, seed=9).image for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", NAMES)
def test_light_from_the_other_side_changes_the_picture(name: str) -> None:
    left, right = (paint_scene(name, SMALL, light=light, seed=2).image.astype(int) for light in (-0.8, 0.8))
    assert np.abs(left - right).mean() > 0.4


@pytest.mark.parametrize("size", [(160, 600), (728, 90), (320, 50), (300, 250), (250, 384)])
@pytest.mark.parametrize("name", NAMES)
def test_every_size_is_painted_in_full(name: str, size: tuple[int, int]) -> None:
    backdrop = paint_scene(name, size, seed=1)
    assert backdrop.image.shape == (size[1], size[0], 3)
    assert backdrop.image.dtype == np.uint8
    stage = backdrop.stage
    assert 0 < stage.horizon < stage.ground < 1
    assert 0 < stage.max_width <= 1
    assert 0 < stage.max_height < stage.ground


@pytest.mark.parametrize("name", NAMES)
def test_only_drawn_stands_are_pedestals(name: str) -> None:
    stage = paint_scene(name, SMALL).stage
    assert stage.pedestal is (name in PEDESTALS)
    assert (stage.rim is not None) is (name in PEDESTALS)


def test_a_podium_fills_a_tall_picture() -> None:
    rim = paint_scene("podium", (270, 480)).stage.rim
    assert rim is not None
    assert rim[2] > 0.38, "half the podium's width, as a share of the picture's"


def test_every_scene_and_palette_that_is_named_exists() -> None:
    palettes = load_palettes()
    assert all(scene.palette in palettes for scene in load_scenes().values())


def test_an_unknown_scene_is_refused() -> None:
    with pytest.raises(KeyError):
        paint_scene("volcano", SMALL)


def test_the_painter_paints_what_it_chose() -> None:
    painter = StudioPainter()
    prompt = ScenePrompt("네이비 포디움, 오른쪽에서 비추는 조명", seed=4)
    choice = painter.choose(prompt, plain_sprite((200, 60, 40)))
    assert (choice.scene, choice.palette, choice.light, choice.known) == ("podium", "navy", 0.8, True)
    backdrop = painter.paint(choice, prompt, SMALL, nothing, nothing)
    assert (backdrop.scene, backdrop.palette) == ("podium", "navy")
    assert backdrop.stage.light[0] == 0.8


def test_an_unknown_wish_is_said_to_be_unknown_and_the_product_decides() -> None:
    painter = StudioPainter()
    prompt = ScenePrompt("우주 정거장에서 외계인과")
    dark_red, pale = (painter.choose(prompt, plain_sprite(c)) for c in ((120, 20, 20), (235, 235, 238)))
    assert not dark_red.known
    assert not pale.known
    assert dark_red.palette != pale.palette


def test_a_huge_seed_is_accepted() -> None:
    choice = SceneChoice("sweep", "pink", -0.7, True)
    backdrop = StudioPainter().paint(choice, ScenePrompt("", seed=2**63), SMALL, nothing, nothing)
    assert backdrop.image.shape == (240, 240, 3)


def test_a_stopped_job_paints_nothing() -> None:
    def stop() -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        StudioPainter().paint(SceneChoice("sweep", "pink", -0.7, True), ScenePrompt(""), SMALL, nothing, stop)
