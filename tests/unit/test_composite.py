"""A product stands on its scene: its core untouched, its shadow on the floor, its scene moved instead of repainted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.engines.studio.scenes.paint import paint_scene
from nanococoa_aiserver.errors import CutoutUncertain
from nanococoa_aiserver.imaging.align import CannotAlign, align
from nanococoa_aiserver.imaging.composite import HARMONY_LIMIT, stand
from nanococoa_aiserver.imaging.fidelity import CoreChanged, assert_core, core_difference, core_of
from nanococoa_aiserver.imaging.filters import to_lab
from nanococoa_aiserver.imaging.shadow import footprint
from nanococoa_aiserver.imaging.sprite import light_side, scaled, sprite_of
from nanococoa_aiserver.imaging.types import Box, Rgb, Sprite, Stage

STAGE = Stage(ground=0.8, horizon=0.55, light=(-0.7, 0.8), gloss=0.0, shadow=0.7)


def disc(size: int = 120, soft: float = 2.0) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    return np.asarray(np.clip((size / 2 - 6 - np.hypot(x, y)) / soft + 0.5, 0, 1), np.float32)


def noisy(size: tuple[int, int], seed: int = 1) -> Rgb:
    return np.random.default_rng(seed).integers(30, 220, (size[1], size[0], 3), dtype=np.uint8)


def floor(colour: tuple[int, int, int] = (230, 200, 190), size: tuple[int, int] = (300, 300)) -> Rgb:
    image = np.empty((size[1], size[0], 3), np.uint8)
    image[:] = colour
    return image


def ball(seed: int = 1) -> Sprite:
    return Sprite(noisy((120, 120), seed), disc())


def standing(sprite: Sprite, canvas: Rgb, bottom: float = 0.8) -> Box:
    return Box(90, round(bottom * canvas.shape[0]) - sprite.height, sprite.width, sprite.height)


# the core


@settings(max_examples=40, deadline=None)
@given(
    st.integers(-150, 350),
    st.integers(-150, 350),
    st.integers(20, 260),
    st.integers(20, 260),
    st.booleans(),
)
def test_the_core_is_untouched_wherever_the_product_is(x: int, y: int, width: int, height: int, on_floor: bool) -> None:
    stage = replace(STAGE, gloss=0.4)
    made = stand(floor(), ball(), Box(x, y, width, height), stage, floor=on_floor)
    assert core_difference(made.image, made.sprite, made.at) == 0
    assert made.image.shape == (300, 300, 3)
    assert made.matte.shape == made.core.shape == (300, 300)
    assert not made.core[made.matte < 0.99].any()


def test_most_of_the_product_is_core() -> None:
    assert core_of(disc()).sum() > 0.9 * (disc() > 0.5).sum()


def test_a_single_changed_level_is_noticed() -> None:
    made = stand(floor(), ball(), Box(90, 120, 120, 120), STAGE)
    spoiled = made.image.copy()
    spoiled[180, 150, 1] ^= 1
    assert core_difference(spoiled, made.sprite, made.at) == 1
    with pytest.raises(CoreChanged):
        assert_core(spoiled, made.sprite, made.at)


def test_a_product_at_its_own_size_is_pasted_as_it_came() -> None:
    sprite = ball()
    made = stand(floor(), sprite, Box(90, 120, 120, 120), STAGE)
    inside = core_of(sprite.alpha)
    assert np.array_equal(made.image[120:240, 90:210][inside], sprite.rgb[inside])


def test_the_edge_is_moved_by_no_more_than_the_limit() -> None:
    """A dark, hard product on a glaring scene: the wrap may tint its edge, never by more than the limit."""
    sprite = Sprite(np.full((120, 120, 3), 60, np.uint8), (disc() > 0.5).astype(np.float32))
    made = stand(floor((255, 255, 255)), sprite, Box(90, 120, 120, 120), STAGE, shadow=0)
    solid = sprite.alpha >= 1
    seen, true = (to_lab(a.astype(np.float32)) for a in (made.image[120:240, 90:210], sprite.rgb))
    moved = np.linalg.norm(seen - true, axis=-1)[solid]
    assert 0.3 < moved.max() <= HARMONY_LIMIT + 0.5  # rounding to 8 bit adds a little


# shadows


def darkening(before: Rgb, after: Rgb) -> np.ndarray:
    return np.asarray(before.astype(int).sum(2) - after.astype(int).sum(2))


def test_the_floor_is_darkest_at_the_foot() -> None:
    canvas = floor()
    made = stand(canvas, ball(), standing(ball(), canvas), STAGE)
    dark = darkening(canvas, made.image)
    dark[made.matte > 0] = 0
    rows, columns = np.unravel_index(dark.argmax(), dark.shape)
    assert 225 <= rows <= 245
    assert abs(columns - 150) < 40


def test_no_shadow_when_none_is_wanted() -> None:
    canvas = floor()
    made = stand(canvas, ball(), standing(ball(), canvas), STAGE, shadow=0)
    assert not darkening(canvas, made.image)[made.matte == 0].any()


@pytest.mark.parametrize(("light", "darker"), [(-0.8, "right"), (0.8, "left")])
def test_the_shadow_falls_away_from_the_light(light: float, darker: str) -> None:
    canvas = floor()
    made = stand(canvas, ball(), standing(ball(), canvas), replace(STAGE, light=(light, 0.8)))
    dark = darkening(canvas, made.image)
    dark[made.matte > 0] = 0
    left, right = dark[:, :150].sum(), dark[:, 150:].sum()
    assert (right > 1.2 * left) if darker == "right" else (left > 1.2 * right)


def test_the_shadow_does_not_climb_the_wall() -> None:
    canvas = floor()
    stage = replace(STAGE, horizon=0.75, ground=0.8)
    made = stand(canvas, ball(), standing(ball(), canvas), stage)
    dark = darkening(canvas, made.image)
    dark[made.matte > 0] = 0
    assert dark[:220].max() <= 1
    assert dark[226:].max() > 30


def test_the_shadow_ends_at_a_podiums_rim() -> None:
    canvas = floor()
    rim = (0.5, 0.8, 0.2, 0.04)
    made = stand(canvas, ball(), standing(ball(), canvas), replace(STAGE, rim=rim, pedestal=True))
    dark = darkening(canvas, made.image)
    dark[made.matte > 0] = 0
    y, x = np.mgrid[0:300, 0:300] / 300
    beyond = np.hypot((x - rim[0]) / rim[2], (y - rim[1]) / rim[3]) > 1.05
    assert dark[beyond].max() <= 1
    assert dark[~beyond].max() > 30


def test_a_shadow_keeps_the_scenes_hue() -> None:
    canvas = floor((240, 170, 160))
    for on_floor in (True, False):
        made = stand(canvas, ball(), standing(ball(), canvas), STAGE, floor=on_floor)
        dark = darkening(canvas, made.image)
        dark[made.matte > 0] = 0
        pixel = made.image[np.unravel_index(dark.argmax(), dark.shape)].astype(int)
        assert pixel[0] - pixel[2] > 30, "never grey"


def test_a_box_seen_at_an_angle_stands_on_both_lower_edges() -> None:
    alpha = np.zeros((100, 120), np.float32)
    for x in range(120):
        alpha[10 : 99 - abs(x - 50) // 3, x] = 1
    foot = footprint(alpha)
    assert foot.stands[5:115].all()
    assert foot.rows[50] > foot.rows[10]


def test_a_handle_hangs_in_the_air() -> None:
    alpha = np.zeros((100, 140), np.float32)
    alpha[10:100, 10:90] = 1
    alpha[30:60, 90:130] = 1
    foot = footprint(alpha)
    assert foot.stands[12:88].all()
    assert not foot.stands[100:].any()


def test_a_glossy_floor_mirrors_the_product() -> None:
    canvas = floor((20, 20, 20))
    red = Sprite(np.full((120, 120, 3), (230, 30, 30), np.uint8), disc())
    dull, glossy = (stand(canvas, red, standing(red, canvas), replace(STAGE, gloss=g)).image for g in (0.0, 0.4))
    assert glossy[250, 150, 0] > dull[250, 150, 0] + 20


def test_a_product_placed_above_the_horizon_floats() -> None:
    canvas = floor()
    made = stand(canvas, ball(), Box(90, 10, 120, 120), STAGE)
    dark = darkening(canvas, made.image)
    dark[made.matte > 0] = 0
    assert dark.max() > 20


# the sprite


def test_the_edge_is_freed_of_the_old_background() -> None:
    alpha = disc(soft=8.0)
    red, green = np.array([200, 40, 40], np.float32), np.array([20, 220, 20], np.float32)
    photo = (red * alpha[..., None] + green * (1 - alpha[..., None])).round().astype(np.uint8)
    sprite = sprite_of(photo, alpha)
    seen = sprite.alpha > 0.1
    assert np.abs(sprite.rgb[seen].astype(int) - red.astype(int)).max() < 40
    assert np.abs(photo[alpha > 0.1].astype(int) - red.astype(int)).max() > 90, "the photo itself does carry green"


def test_a_sprite_is_cropped_to_its_product() -> None:
    photo, alpha = noisy((200, 200)), np.zeros((200, 200), np.float32)
    alpha[50:90, 60:140] = 1
    sprite = sprite_of(photo, alpha)
    assert (sprite.width, sprite.height) == (84, 44)


def test_an_empty_matte_asks_for_a_box() -> None:
    with pytest.raises(CutoutUncertain):
        sprite_of(noisy((50, 50)), np.zeros((50, 50), np.float32))


@pytest.mark.parametrize("size", [(60, 60), (240, 240), (1, 1), (120, 40)])
def test_scaling_gives_the_size_asked_for(size: tuple[int, int]) -> None:
    sprite = scaled(ball(), *size)
    assert (sprite.width, sprite.height) == size
    assert sprite.alpha.min() >= 0
    assert sprite.alpha.max() <= 1


@pytest.mark.parametrize("side", [-1, 1])
def test_the_side_of_a_products_own_light_is_seen(side: int) -> None:
    ramp = np.linspace(60, 200, 120)[::side][None, :, None]
    rgb = np.broadcast_to(ramp, (120, 120, 3)).astype(np.uint8)
    assert np.sign(light_side(Sprite(np.ascontiguousarray(rgb), disc()))) == side


# moving a scene


@pytest.mark.parametrize("name", ["wood", "podium", "sweep", "stone"])
@pytest.mark.parametrize("foot", [(0.5, 0.78), (0.5, 0.9), (0.45, 0.7), (0.55, 0.86)])
def test_the_ground_comes_under_the_foot(name: str, foot: tuple[float, float]) -> None:
    size = (300, 300)
    moved = align(paint_scene(name, (360, 360)), size, (foot[0] * 300, foot[1] * 300))
    assert moved.image.shape == (300, 300, 3)
    assert moved.stage.ground == pytest.approx(foot[1], abs=0.005)
    assert moved.stage.horizon < moved.stage.ground
    if moved.stage.pedestal:
        assert moved.stage.x == pytest.approx(foot[0], abs=0.011)


def test_a_podiums_rim_moves_with_it() -> None:
    backdrop = paint_scene("podium", (300, 300), palette="navy")
    moved = align(backdrop, (300, 300), (138, 270))
    assert backdrop.stage.rim is not None
    assert moved.stage.rim is not None
    x, y, half_width, _ = moved.stage.rim
    assert x == pytest.approx(0.46, abs=0.02)
    left, right = (moved.image[int(y * 300), int((x + side * half_width * 0.9) * 300)] for side in (-1, 1))
    outside = moved.image[int(y * 300), min(299, int((x + half_width * 1.35) * 300))]
    assert left.mean() > outside.mean()
    assert right.mean() > outside.mean()


def test_no_border_is_ever_shown() -> None:
    """A scene framed in white: whatever is asked for, no white may come into the picture."""
    backdrop = paint_scene("wood", (300, 300), palette="navy")
    framed = backdrop.image.copy()
    framed[[0, -1]] = framed[:, [0, -1]] = 255
    edge = np.zeros((300, 300), bool)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    moved = align(replace(backdrop, image=framed), (200, 260), (90, 230))
    assert (moved.image[5:-5, 5:-5].min(2) > 200).mean() < 0.001


def test_what_cannot_be_reached_is_said() -> None:
    with pytest.raises(CannotAlign):
        align(paint_scene("podium", (200, 200)), (200, 200), (10, 60))


def test_an_open_floor_lets_a_product_stand_further_back() -> None:
    """A foot in the middle of the picture must not turn the wall into a strip."""
    moved = align(paint_scene("hanok", (300, 300)), (300, 300), (150, 186))
    assert moved.stage.horizon > 0.42


def test_a_podium_grows_for_a_wide_product() -> None:
    backdrop = paint_scene("podium", (300, 300))
    small, wide = (align(backdrop, (300, 300), (150, 252), width=width).stage.rim for width in (60, 260))
    assert small is not None
    assert wide is not None
    assert wide[2] > 1.15 * small[2]


def test_a_podium_can_stand_at_the_side_of_a_banner() -> None:
    moved = align(paint_scene("podium", (720, 180)), (728, 90), (190, 80))
    assert moved.stage.x == pytest.approx(190 / 728, abs=0.011)
