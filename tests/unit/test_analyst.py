"""The studio analyst: numbers a placer can use, sentences a text designer can read."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nanococoa_aiserver.engines.studio.analyst import StudioAnalyst, free_space
from nanococoa_aiserver.engines.studio.scenes.paint import paint_scene
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.imaging.types import Box, Rgb


def go_on() -> None:
    return None


def solid(colour: tuple[int, int, int]) -> Rgb:
    image = np.empty((120, 160, 3), np.uint8)
    image[:] = colour
    return image


def test_a_plain_picture_has_one_colour_and_no_texture() -> None:
    analysis = StudioAnalyst().analyse(solid((250, 240, 230)), None, go_on)
    red, green, blue = (int(analysis.palette[0][i : i + 2], 16) for i in (1, 3, 5))
    assert max(abs(red - 250), abs(green - 240), abs(blue - 230)) <= 4
    assert analysis.busy == 0
    assert analysis.brightness > 0.9


def test_the_product_does_not_count_as_background() -> None:
    image = solid((250, 240, 230))
    image[30:110, 40:120] = np.random.default_rng(1).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    seen = StudioAnalyst().analyse(image, Box(38, 28, 84, 84), go_on)
    blind = StudioAnalyst().analyse(image, None, go_on)
    assert seen.busy < 0.2 < blind.busy


def test_free_space_is_told_per_side() -> None:
    assert free_space((100, 200, 3), Box(100, 20, 80, 60)) == {"left": 0.5, "right": 0.1, "top": 0.2, "bottom": 0.2}


def test_a_product_beyond_the_picture_leaves_no_negative_space() -> None:
    assert min(free_space((100, 100, 3), Box(-20, -20, 160, 160)).values()) == 0


def test_the_sentences_name_the_widest_side_in_both_languages() -> None:
    analysis = StudioAnalyst().analyse(paint_scene("sweep", (300, 300)).image, Box(180, 120, 110, 150), go_on)
    assert "왼쪽" in analysis.views["ko"]
    assert "left" in analysis.views["en"]
    assert analysis.text == analysis.views["ko"]
    assert not re.search(r"[{}]", "".join(analysis.views.values()))


def test_a_calm_scene_is_told_from_a_busy_one() -> None:
    calm, busy = (
        StudioAnalyst().analyse(paint_scene(name, (400, 400)).image, None, go_on) for name in ("sweep", "terrazzo")
    )
    assert calm.busy < 0.3 < busy.busy
    assert calm.views["en"] != busy.views["en"]


def test_day_is_brighter_than_night() -> None:
    day, night = (StudioAnalyst().analyse(paint_scene(n, (200, 200)).image, None, go_on) for n in ("snow", "neon"))
    assert day.brightness > night.brightness + 0.4


def test_a_stopped_job_is_not_analysed() -> None:
    def stop() -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        StudioAnalyst().analyse(solid((0, 0, 0)), None, stop)
