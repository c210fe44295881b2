"""The parts of the studio's cut-out, each on a case small enough to know the answer."""

from __future__ import annotations

import numpy as np
import pytest

from nanococoa_aiserver.engines.studio.cutout.background import row_model, row_residual
from nanococoa_aiserver.engines.studio.cutout.barrier import barrier_distance
from nanococoa_aiserver.engines.studio.cutout.choice import candidates, expected
from nanococoa_aiserver.engines.studio.cutout.colour import size_within
from nanococoa_aiserver.engines.studio.cutout.context import share_in_cells
from nanococoa_aiserver.engines.studio.cutout.masks import bounds, bridged, clean, extended, overlap
from nanococoa_aiserver.engines.studio.cutout.perceptron import Perceptron
from nanococoa_aiserver.engines.studio.cutout.view import around, scaled
from nanococoa_aiserver.imaging.types import Box


def filled(height: int, width: int, *boxes: Box) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = np.zeros((height, width), np.bool_)
    for box in boxes:
        mask[box.y : box.bottom, box.x : box.right] = True
    return mask


def framed(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return ~filled(height, width, Box(1, 1, width - 2, height - 2))


def test_barrier_distance_is_the_height_of_the_wall_around_a_patch() -> None:
    lab = np.full((20, 20, 3), 10, np.float32)
    lab[6:14, 6:14, 0] = 60
    lab[8:12, 8:12, 0] = 10
    full, chroma = barrier_distance(lab, framed(20, 20))
    assert full[10, 10] == pytest.approx(50)
    assert full[3, 3] == 0
    assert not chroma.any()


def test_barrier_distance_finds_a_way_through_a_gap() -> None:
    lab = np.full((20, 20, 3), 10, np.float32)
    lab[6:14, 6:14, 0] = 60
    lab[8:12, 8:16, 0] = 10
    assert barrier_distance(lab, framed(20, 20))[0][10, 10] == 0


def test_row_model_explains_wall_floor_and_a_gradient_of_light() -> None:
    lab = np.zeros((40, 60, 3), np.float32)
    lab[:24, :, 0], lab[24:, :, 0] = 80, 50
    lab[..., 0] += np.linspace(0, 10, 60, dtype=np.float32)
    product = filled(40, 60, Box(25, 10, 10, 20))
    lab[product, 1] = 40
    residual, _ = row_residual(lab, row_model(lab, 4, 56))
    assert float(residual[product].min()) > 5
    assert float(np.percentile(residual[~product], 95)) < 1


def test_row_model_takes_the_other_side_where_the_box_leaves_no_room() -> None:
    lab = np.full((10, 30, 3), 50, np.float32)
    lab[:, :20] = 90
    assert np.allclose(row_model(lab, 0, 20).colour, 50)


def test_share_in_cells_learns_the_colour_of_the_guess() -> None:
    cells = (np.repeat(np.arange(4), 25).reshape(10, 10),)
    guess = (cells[0] == 3).astype(np.float32)
    share = share_in_cells(guess, cells, (4,))
    assert float(share[-1, 0]) > 0.6 > 0.4 > float(share[0, 0])


def test_overlap_of_empty_masks_is_one_and_of_strangers_zero() -> None:
    empty = filled(8, 8)
    assert overlap(empty, empty) == 1
    assert overlap(filled(8, 8, Box(0, 0, 2, 2)), filled(8, 8, Box(4, 4, 2, 2))) == 0


def test_bounds_of_an_empty_mask_are_the_frame() -> None:
    assert bounds(filled(6, 9)) == Box(0, 0, 9, 6)
    assert bounds(filled(6, 9, Box(2, 1, 3, 4))) == Box(2, 1, 3, 4)


def test_clean_drops_crumbs_and_fills_pinholes() -> None:
    mask = filled(60, 60, Box(15, 15, 30, 30), Box(2, 2, 3, 3))
    mask[28:31, 28:31] = False
    assert np.array_equal(clean(mask), clean(filled(60, 60, Box(15, 15, 30, 30))))


def test_bridged_joins_a_lid_and_a_jar_over_a_pale_label() -> None:
    lid, jar = Box(20, 10, 20, 15), Box(20, 40, 20, 15)
    assert bridged(filled(70, 60, lid, jar))[30, 30]


def test_bridged_leaves_parts_of_unlike_width_apart() -> None:
    assert not bridged(filled(70, 60, Box(27, 10, 6, 15), Box(10, 40, 40, 15)))[30, 30]


def test_extended_reaches_the_side_of_the_box_the_mask_missed() -> None:
    mask, box = filled(100, 100, Box(30, 40, 40, 40)), Box(28, 20, 44, 62)
    assert bounds(extended(mask, box)).y < 28


def test_around_stays_inside_the_photo() -> None:
    assert around((100, 80), Box(0, 0, 80, 100)) == Box(0, 0, 80, 100)


def test_scaled_rounds_outwards() -> None:
    assert scaled(Box(3, 3, 4, 4), (0.5, 0.5)) == Box(1, 1, 3, 3)


def test_size_within_never_grows_a_large_side_nor_loses_a_thin_one() -> None:
    assert size_within((4000, 20, 3), 200) == (8, 200)


def constant(inputs: int, logit: float) -> Perceptron:
    weights = np.zeros((inputs, 1), np.float32)
    layer = weights, np.array([logit], np.float32)
    return Perceptron(np.zeros(inputs, np.float32), np.ones(inputs, np.float32), (layer,))


def test_perceptron_keeps_the_shape_of_the_field() -> None:
    field = constant(5, 0.0)(np.zeros((3, 4, 5), np.float32))
    assert field.shape == (3, 4)
    assert np.allclose(field, 0.5)


def test_a_degenerate_mask_is_never_chosen() -> None:
    measured = np.array([[0, 0], [1, 2], [0.5, 1]], np.float32)
    scores = expected(measured, constant(candidates(measured, 3).shape[1], 1.0))
    assert scores[0] == -1
    assert scores[1:].min() > 0
