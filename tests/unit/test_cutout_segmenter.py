"""The studio's segmenter on drawn photos: what it finds, and that odd photos do it no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from nanococoa_aiserver.engines.studio import cutout as package
from nanococoa_aiserver.engines.studio.cutout import VERDICT_THRESHOLD, StudioSegmenter
from nanococoa_aiserver.engines.studio.cutout.masks import overlap
from nanococoa_aiserver.imaging.types import Box, Rgb


@pytest.fixture(scope="module")
def segmenter() -> StudioSegmenter:
    return StudioSegmenter()


def jar_photo(width: int = 480, height: int = 400) -> tuple[Rgb, NDArray[np.bool_]]:
    """A red jar with a white label and a shadow, on a floor before a wall lit from the left."""
    r = np.random.default_rng(4)
    photo = np.empty((height, width, 3), np.float32)
    photo[:] = (214, 208, 200)
    photo[int(height * 0.62) :] = (176, 150, 122)
    photo *= np.linspace(1.05, 0.85, width, dtype=np.float32)[None, :, None]
    shadow = np.zeros((height, width), np.float32)
    cv2.ellipse(shadow, (int(width * 0.62), int(height * 0.81)), (width // 5, height // 30), 0, 0, 360, 1.0, -1)
    photo *= 1 - 0.35 * cv2.GaussianBlur(shadow, (0, 0), 6)[..., None]
    truth = np.zeros((height, width), np.uint8)
    cv2.rectangle(truth, (int(width * 0.38), int(height * 0.3)), (int(width * 0.62), int(height * 0.8)), 1, -1)
    cv2.ellipse(truth, (width // 2, int(height * 0.8)), (int(width * 0.12), height // 40), 0, 0, 360, 1, -1)
    photo[truth > 0] = (170, 34, 40)
    photo[int(height * 0.45) : int(height * 0.65), int(width * 0.38) : int(width * 0.62)] = (238, 232, 220)
    noisy = cv2.GaussianBlur(photo, (0, 0), 0.8) + r.normal(0, 2, photo.shape)
    return noisy.clip(0, 255).astype(np.uint8), truth > 0


def nothing() -> None:
    """A stop check that never stops."""


def test_a_jar_before_a_wall_is_cut_out_without_help(segmenter: StudioSegmenter) -> None:
    photo, truth = jar_photo()
    cut = segmenter.cut(photo, None, nothing)
    assert overlap(cut.alpha > 0.5, truth) > 0.9
    assert cut.confidence > 0.5


def test_alpha_is_soft_float_of_the_photos_size(segmenter: StudioSegmenter) -> None:
    photo, _ = jar_photo(333, 517)
    alpha = segmenter.cut(photo, None, nothing).alpha
    assert alpha.shape == (517, 333)
    assert alpha.dtype == np.float32
    assert 0 <= float(alpha.min()) <= float(alpha.max()) <= 1
    assert ((alpha > 0.05) & (alpha < 0.95)).any()


def test_a_box_keeps_the_alpha_inside_it(segmenter: StudioSegmenter) -> None:
    photo, truth = jar_photo()
    box = Box(170, 105, 140, 235)
    alpha = segmenter.cut(photo, box, nothing).alpha
    outside = np.ones(alpha.shape, np.bool_)
    outside[box.y - 6 : box.bottom + 6, box.x - 6 : box.right + 6] = False
    assert overlap(alpha > 0.5, truth) > 0.9
    assert float(alpha[outside].max()) == 0


def test_the_same_photo_gives_the_same_alpha_from_four_threads(segmenter: StudioSegmenter) -> None:
    photo, _ = jar_photo()
    first = segmenter.cut(photo, None, nothing)
    with ThreadPoolExecutor(4) as pool:
        others = list(pool.map(lambda _: segmenter.cut(photo, None, nothing), range(4)))
    assert all(np.array_equal(first.alpha, other.alpha) for other in others)
    assert {first.confidence} == {other.confidence for other in others}


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (9, 9), (40, 25), (700, 60)])
def test_tiny_and_narrow_photos_get_an_alpha_and_no_error(segmenter: StudioSegmenter, size: tuple[int, int]) -> None:
    photo = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)
    assert segmenter.cut(photo, None, nothing).alpha.shape == (size[1], size[0])
    assert segmenter.cut(photo, Box(0, 0, size[0], size[1]), nothing).alpha.shape == (size[1], size[0])


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_photo_of_one_colour_is_uncertain(segmenter: StudioSegmenter, level: int) -> None:
    photo = np.full((300, 400, 3), level, np.uint8)
    assert segmenter.cut(photo, None, nothing).confidence < VERDICT_THRESHOLD
    assert segmenter.cut(photo, Box(100, 80, 150, 120), nothing).confidence < VERDICT_THRESHOLD


def test_pure_noise_is_uncertain(segmenter: StudioSegmenter) -> None:
    photo = np.random.default_rng(2).integers(0, 255, (256, 256, 3)).astype(np.uint8)
    assert segmenter.cut(photo, None, nothing).confidence < VERDICT_THRESHOLD


@pytest.mark.parametrize("box", [Box(-50, -50, 2000, 2000), Box(470, 390, 40, 40), Box(10, 10, 1, 1)])
def test_a_box_beyond_the_photo_or_too_small_does_no_harm(segmenter: StudioSegmenter, box: Box) -> None:
    photo, _ = jar_photo()
    cut = segmenter.cut(photo, box, nothing)
    assert cut.alpha.shape == photo.shape[:2]
    assert 0 <= cut.confidence <= 1


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("calls", [1, 4, 12])
def test_a_stop_inside_the_cut_ends_it_at_once(segmenter: StudioSegmenter, calls: int) -> None:
    left = iter(range(calls - 1))

    def stop() -> None:
        if next(left, None) is None:
            raise StoppedError

    with pytest.raises(StoppedError):
        segmenter.cut(jar_photo()[0], None, stop)


def test_the_photo_itself_is_left_untouched(segmenter: StudioSegmenter) -> None:
    photo, _ = jar_photo()
    before = photo.copy()
    segmenter.cut(photo, None, nothing)
    assert np.array_equal(photo, before)


def test_the_coefficients_stay_small() -> None:
    assert len(files(package).joinpath("coefficients.npz").read_bytes()) <= 100_000
