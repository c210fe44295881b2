"""BiRefNet as a segmenter: mattes at the photo's own size, boxes, doubts, memory and stops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.segmenter import SURE_FROM, BiRefNetSegmenter, confidence
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.imaging.filters import F32
from nanococoa_aiserver.imaging.types import Box
from nanococoa_client.errors import GpuOutOfMemory
from support.seeing import SHAPES, StopAt, never, photo, starving, tiny_host

pytestmark = pytest.mark.diffusion

PRODUCT = Box(40, 30, 60, 70)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.fixture(scope="module")
def segmenter(host: ModelHost) -> BiRefNetSegmenter:
    return BiRefNetSegmenter(host)


def disc(side: int, radius: float, soft: float = 1.0) -> F32:
    """A disc's matte whose contour is ``soft`` pixels wide."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.asarray((1 / (1 + np.exp((np.hypot(x, y) - radius) * 4 / soft))), np.float32)


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_the_matte_has_the_photos_own_size(height: int, width: int, segmenter: BiRefNetSegmenter) -> None:
    cut = segmenter.cut(photo(height, width), None, never)
    assert cut.alpha.shape == (height, width)
    assert cut.alpha.dtype == np.float32
    assert 0 <= cut.alpha.min() <= cut.alpha.max() <= 1
    assert cut.method == "birefnet"


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_a_box_anywhere_keeps_the_size_and_nothing_outside_it(
    height: int, width: int, segmenter: BiRefNetSegmenter
) -> None:
    for box in (Box(0, 0, 1, 1), Box(-5, -5, 20, 20), Box(width - 1, height - 1, 9, 9), Box(0, 0, width, height)):
        alpha = segmenter.cut(photo(height, width, Box(0, 0, width, height)), box, never).alpha
        assert alpha.shape == (height, width)
        outside = np.ones_like(alpha, np.bool_)
        outside[max(0, box.y) : max(0, box.bottom), max(0, box.x) : max(0, box.right)] = False
        assert not alpha[outside].any()


def test_a_clear_product_is_cut_out_and_sure(segmenter: BiRefNetSegmenter) -> None:
    cut = segmenter.cut(photo(140, 150, PRODUCT), None, never)
    truth = photo(140, 150, PRODUCT)[..., 0] < 128
    found = cut.alpha > 0.5
    assert (found & truth).sum() / (found | truth).sum() > 0.9
    assert cut.confidence >= SURE_FROM


def test_an_empty_photo_is_not_sure(segmenter: BiRefNetSegmenter) -> None:
    assert segmenter.cut(photo(90, 90), None, never).confidence == 0


def test_with_a_box_only_its_product_is_kept_and_the_box_makes_it_sure(segmenter: BiRefNetSegmenter) -> None:
    image = photo(140, 300, PRODUCT)
    image[30:100, 200:260] = (18, 24, 30)
    cut = segmenter.cut(image, Box(36, 26, 68, 78), never)
    assert cut.alpha[:, 200:].max() == 0
    assert (cut.alpha > 0.5).sum() == pytest.approx(PRODUCT.width * PRODUCT.height, rel=0.1)
    assert cut.confidence >= SURE_FROM


def test_a_box_beside_the_product_is_not_sure(segmenter: BiRefNetSegmenter) -> None:
    image = photo(140, 150, PRODUCT)
    assert segmenter.cut(image, Box(40, 30, 12, 12), never).confidence < SURE_FROM  # a corner of it
    assert segmenter.cut(image, Box(2, 2, 100, 20), never).confidence < SURE_FROM  # empty


def test_the_same_photo_gives_the_same_matte(segmenter: BiRefNetSegmenter) -> None:
    image = photo(99, 70, Box(10, 10, 30, 50))
    first, second = (segmenter.cut(image, None, never) for _ in range(2))
    assert np.array_equal(first.alpha, second.alpha)
    assert first.confidence == second.confidence


def test_a_colour_photo_is_normalised_as_the_network_was_trained(segmenter: BiRefNetSegmenter) -> None:
    """Red is the first channel: the tiny network takes what has little of it for the product."""
    blue, red = photo(64, 64), photo(64, 64)
    blue[20:40, 20:40], red[20:40, 20:40] = (0, 0, 255), (255, 0, 0)
    assert segmenter.cut(blue, None, never).alpha[30, 30] > 0.9
    assert segmenter.cut(red, None, never).alpha[30, 30] < 0.1


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_memory_running_out_is_recovered_from(times: int, host: ModelHost, segmenter: BiRefNetSegmenter) -> None:
    image = photo(140, 150, PRODUCT)
    with starving(host, "birefnet", times) as starved:
        cut = segmenter.cut(image, None, never)
    assert starved.calls == times + 1
    assert cut.alpha.shape == (140, 150)
    assert cut.alpha[65, 70] > 0.9


def test_memory_that_never_suffices_is_a_clear_error(host: ModelHost, segmenter: BiRefNetSegmenter) -> None:
    with starving(host, "birefnet", 99), pytest.raises(GpuOutOfMemory):
        segmenter.cut(photo(40, 40), None, never)


def test_a_stop_ends_the_cut_at_any_check_and_the_next_one_works(segmenter: BiRefNetSegmenter) -> None:
    counting = StopAt(1_000)
    segmenter.cut(photo(40, 40, Box(5, 5, 20, 20)), None, counting)
    assert counting.calls >= 3
    for call in range(1, counting.calls + 1):
        with pytest.raises(JobStopped):
            segmenter.cut(photo(40, 40), None, StopAt(call))
    assert segmenter.cut(photo(40, 40), None, never).alpha.shape == (40, 40)


def test_a_sharp_disc_is_surer_than_a_soft_one_and_fog_is_not_sure_at_all() -> None:
    sharp, soft, fog = (confidence(disc(256, 80, width), None) for width in (1, 8, 200))
    assert sharp > 0.97
    assert SURE_FROM < soft < sharp
    assert fog < SURE_FROM


def test_everything_nothing_and_a_speck_are_not_sure() -> None:
    assert confidence(np.ones((64, 64), np.float32), None) == 0
    assert confidence(np.zeros((64, 64), np.float32), None) == 0
    assert confidence(disc(256, 3), None) == 0


def test_thin_things_with_clear_edges_are_sure() -> None:
    thin = np.zeros((256, 256), np.float32)
    thin[:, ::32] = thin[:, 1::32] = 1
    thin[:, 2::32] = 0.5
    assert confidence(thin, None) > SURE_FROM


def test_the_more_of_the_matte_lies_outside_the_box_the_less_sure() -> None:
    matte = disc(256, 60)
    scores = []
    for shift in (0, 30, 60, 90):
        inside = np.zeros((256, 256), np.bool_)
        inside[64:192, 64 + shift : 192 + shift] = True
        scores.append(confidence(matte, inside))
    assert scores[0] > 0.95
    assert scores == sorted(scores, reverse=True)
    assert scores[2] < SURE_FROM


def test_a_box_far_larger_than_what_was_found_is_doubted() -> None:
    everywhere = np.ones((256, 256), np.bool_)
    assert confidence(disc(256, 100), everywhere) > SURE_FROM > confidence(disc(256, 30), everywhere)
