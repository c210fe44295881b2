"""What is seen in a painted picture, against scenes whose stage is known: the studio's own, cut in four ways each, so
that the horizon lies anywhere from 0.4 to 0.75."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest

from nanococoa_aiserver.engines.diffusion.staging import stage_of
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes, paint_scene
from nanococoa_aiserver.imaging.types import Rgb, Stage

pytestmark = pytest.mark.diffusion

CUTS = ((0.0, 1.0), (0.25, 1.0), (0.0, 0.82), (0.12, 0.95))
SIZES = ((300, 300), (270, 480))


@dataclass(frozen=True)
class Known:
    image: Rgb
    horizon: float
    light: float
    seen: Stage


@lru_cache(1)
def known() -> list[Known]:
    return [
        case for name in load_scenes() for light in (-0.7, 0.7) for size in SIZES for case in _cut(name, light, size)
    ]


def _cut(name: str, light: float, size: tuple[int, int]) -> list[Known]:
    scene = paint_scene(name, size, light=light, seed=5)
    height = size[1]
    spans = [(int(top * height), int(bottom * height)) for top, bottom in CUTS]
    images = [(scene.image[top:bottom], top, bottom) for top, bottom in spans]
    return [
        Known(image, (scene.stage.horizon * height - top) / (bottom - top), light, stage_of(image))
        for image, top, bottom in images
    ]


def test_the_horizon_is_found() -> None:
    """Measured: median 0.016, nine of ten within 0.125. A constant 0.58 would have a median of 0.077."""
    away = np.array([abs(case.seen.horizon - case.horizon) for case in known()])
    print(f"\nhorizon: median {np.median(away):.3f}, p90 {np.quantile(away, 0.9):.3f}")
    assert np.median(away) < 0.02
    assert np.quantile(away, 0.9) < 0.15


def test_the_lights_side_is_found() -> None:
    """Measured: 82 % of all scenes (some are lit from everywhere), 88 % where a side is clear."""
    right = np.array([case.seen.light[0] * case.light > 0 for case in known()])
    clear = np.array([abs(case.seen.light[0]) >= 0.3 for case in known()])
    print(f"\nlight: {right.mean():.3f}, where clear {right[clear].mean():.3f} ({clear.mean():.2f} of all)")
    assert right.mean() > 0.78
    assert right[clear].mean() > 0.85


def test_a_product_stands_on_the_floor_inside_the_picture() -> None:
    for case in known():
        stage = case.seen
        assert stage.horizon < stage.ground < 1
        assert 0 < stage.max_height < stage.ground
        assert 0.4 <= stage.shadow <= 0.65
        assert not stage.pedestal


def test_a_picture_of_nothing_stands_products_where_the_studio_does() -> None:
    stage = stage_of(np.full((400, 400, 3), 180, np.uint8))
    assert stage.horizon == pytest.approx(0.57, abs=0.01)
    assert stage.ground == pytest.approx(0.80, abs=0.01)


def test_the_side_asked_for_counts_where_the_picture_shows_none() -> None:
    grey = np.full((300, 300, 3), 180, np.uint8)
    assert stage_of(grey, 0.8).light[0] == 0.8
    lit = np.tile(np.linspace(240, 60, 300).astype(np.uint8)[None, :, None], (300, 1, 3))
    assert stage_of(lit, 0.8).light[0] < 0


def test_warm_light_tints_a_product_warm_and_white_light_not_at_all() -> None:
    warm = stage_of(np.full((300, 300, 3), (230, 180, 120), np.uint8)).tint
    white = stage_of(np.full((300, 300, 3), 220, np.uint8)).tint
    assert warm is not None
    assert warm[0] > 1 > warm[2]
    assert white == pytest.approx((1, 1, 1), abs=0.01)


def test_bright_scenes_have_softer_and_fainter_shadows() -> None:
    bright, dark = (stage_of(np.full((300, 300, 3), shade, np.uint8)) for shade in (240, 30))
    assert bright.shadow < dark.shadow
    assert bright.softness > dark.softness
