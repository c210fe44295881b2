"""Colours are readable by construction and look chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanococoa_aiserver.layout import colour

GROUNDS = ("tint", "pale", "mid", "panel", "deep", "night", "dark", "paper", "vivid", "pop")
MOODS = st.sampled_from(["loud", "normal", "soft", "lux"])
HUES = st.builds(colour.Hue, st.floats(0.2, 0.95), st.floats(0, 0.3), st.floats(0, 359))


@given(product=HUES, scene=HUES, mood=MOODS)
def test_every_ground_carries_readable_text_whatever_the_product(
    product: colour.Hue, scene: colour.Hue, mood: colour.Mood
) -> None:
    palette = colour.palette(product, scene, mood)
    for ground in GROUNDS:
        for part in ("fg", "dim", "acc"):
            assert colour.contrast_of(palette[f"{ground}.{part}"], palette[ground]) >= 4.5, (ground, part)


@given(first=st.integers(0, 0xFFFFFF), product=HUES, mood=MOODS)
def test_a_brand_colour_is_used_as_it_is_and_still_carries_text(
    first: int, product: colour.Hue, mood: colour.Mood
) -> None:
    brand = f"#{first:06x}"
    palette = colour.palette(product, colour.Hue(0.8, 0.02, 80), mood, [brand])
    assert palette["panel"] == palette["vivid"] == brand
    assert colour.contrast_of(palette["panel.fg"], brand) >= 4.5


@given(hue=st.floats(0, 359.9))
def test_a_hue_is_pulled_towards_an_anchor_but_never_far(hue: float) -> None:
    moved = abs(colour.snapped(hue) - hue) % 360
    assert min(moved, 360 - moved) <= colour.PULL + 1e-6


def test_the_colour_people_would_name_wins_over_grey_surroundings() -> None:
    red, grey = [200, 30, 30], [128, 128, 128]
    found = colour.dominant(np.array([red] * 100 + [grey] * 400, np.uint8))
    assert not found.grey
    assert 15 < found.hue < 40


def test_white_on_black_has_the_highest_contrast_there_is() -> None:
    assert colour.contrast_of("#ffffff", "#000000") == pytest.approx(21)
    assert colour.contrast_of("#777777", "#777777") == pytest.approx(1)


@given(colour_=st.integers(0, 0xFFFFFF), ground=st.integers(0, 0xFFFFFF))
def test_a_wished_colour_is_moved_until_it_reads(colour_: int, ground: int) -> None:
    paper = f"#{ground:06x}"
    best = max(colour.contrast_of("#ffffff", paper), colour.contrast_of("#000000", paper))
    assert colour.contrast_of(colour.readable(f"#{colour_:06x}", paper, 4.5), paper) >= min(4.5, best) * 0.9


def test_a_yellow_product_gets_no_muddy_panel() -> None:
    palette = colour.palette(colour.Hue(0.85, 0.17, 95), colour.Hue(0.8, 0.02, 80), "normal")
    hue = colour.to_lch(palette["deep"])[2]
    assert not 38 <= hue <= 128


def test_a_veil_is_mixed_as_the_browser_does_it() -> None:
    assert colour.mixed("#000000", "#ffffff", 0.5) == "#808080"
