"""Contact light: what a refined picture adds around a product is found, kept, and laid under it elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nanococoa_aiserver.imaging.composite import stand
from nanococoa_aiserver.imaging.contact import LIMIT, contact_of, decoded, encoded
from nanococoa_aiserver.imaging.types import Box, Rgb, Sprite, Stage

AT = Box(110, 80, 80, 120)
STAGE = Stage(ground=0.66, horizon=0.3)
SPRITE = Sprite(np.full((120, 80, 3), 90, np.uint8), np.ones((120, 80), np.float32))


def floor(level: int = 180) -> Rgb:
    return np.full((300, 300, 3), level, np.uint8)


def shaded(picture: Rgb, share: float) -> Rgb:
    """A dark patch beside the product's foot."""
    out = picture.copy()
    out[185:215, 195:235] = np.rint(out[185:215, 195:235] * share).astype(np.uint8)
    return out


def matte() -> np.ndarray:
    alpha = np.zeros((300, 300), np.float32)
    alpha[AT.y : AT.bottom, AT.x : AT.right] = 1
    return alpha


def test_a_shadow_the_model_painted_darkens_another_floor_at_the_same_spot() -> None:
    contact = contact_of(floor(), shaded(floor(), 0.6), AT, matte())
    canvas = floor(120)
    lit = stand(canvas, replace(SPRITE, contact=contact), AT, STAGE, shadow=0).image
    assert lit[200, 215].max() < 0.75 * 120
    assert lit[200, 20].min() == 120


def test_what_the_model_did_to_the_product_itself_is_not_taken_for_light() -> None:
    refined = floor()
    refined[AT.y : AT.bottom, AT.x : AT.right] = 10
    assert np.abs(contact_of(floor(), refined, AT, matte()).gain).max() < 0.02


def test_no_change_leaves_the_floor_as_it_is() -> None:
    contact = contact_of(floor(), floor(), AT, matte())
    lit = stand(floor(), replace(SPRITE, contact=contact), AT, STAGE, shadow=0).image
    assert np.array_equal(lit, stand(floor(), SPRITE, AT, STAGE, shadow=0).image)


def test_contact_light_is_never_more_than_a_stop_and_ends_before_its_border() -> None:
    contact = contact_of(floor(), np.zeros((300, 300, 3), np.uint8), AT, np.zeros((300, 300), np.float32))
    assert np.abs(contact.gain).max() <= LIMIT
    assert np.abs(contact.gain[0]).max() == np.abs(contact.gain[:, -1]).max() == 0


def test_grain_of_the_repainted_floor_is_not_carried_to_other_floors() -> None:
    grain = np.random.default_rng(0).integers(-30, 30, (300, 300, 1))
    refined = np.asarray((floor().astype(int) + grain).clip(0, 255), np.uint8)
    assert np.abs(contact_of(floor(), refined, AT, matte()).gain).max() < 0.06


def test_a_stored_contact_comes_back_to_half_a_step() -> None:
    contact = contact_of(floor(), shaded(floor(), 0.6), AT, matte())
    assert np.abs(decoded(encoded(contact)).gain - contact.gain).max() <= 0.5 / 127 + 1e-6


@pytest.mark.parametrize("at", [Box(-60, 200, 80, 120), Box(290, 290, 80, 120), Box(400, 10, 80, 120)])
def test_a_product_that_leaves_the_picture_takes_its_light_along(at: Box) -> None:
    contact = contact_of(floor(), shaded(floor(), 0.6), AT, matte())
    assert stand(floor(), replace(SPRITE, contact=contact), at, STAGE).image.shape == (300, 300, 3)
