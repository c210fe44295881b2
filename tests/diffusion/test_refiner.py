"""Refining and editing by the ports: where pixels may change, how much, and which model does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanococoa_aiserver.engines.diffusion.editor import DiffusionEditor, feathered
from nanococoa_aiserver.engines.diffusion.generators.canvas import CELL, Canvas, Framing, covered, window
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.refiner import DiffusionRefiner
from nanococoa_aiserver.engines.ports import EditTask, RefinePrompt
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Alpha, Box
from support.generating import Dictionary, generator_of, module_of, photo, same, tiny_host, watching

pytestmark = pytest.mark.diffusion

KLEIN, SD3 = "flux2-klein-4b", "sd3-medium"
PROMPT = RefinePrompt("soft light on marble", seed=2)


def go_on() -> None:
    """Nobody stops this job."""


def quiet(name: str, share: float) -> None:
    """Nobody looks."""


def ring(width: int = 180, height: int = 140) -> Alpha:
    """Fading outwards around a product in the middle, 0 inside it."""
    inside = np.zeros((height, width), np.uint8)
    cv2.ellipse(inside, (width // 2, height // 2), (25, 35), 0, 0, 360, 1, -1)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    return np.asarray(np.clip(1 - away / 20, 0, 1) * (inside == 0), np.float32)


def rectangle(at: Box, width: int = 180, height: int = 140) -> Mask:
    mask = np.zeros((height, width), np.bool_)
    mask[at.y : at.bottom, at.x : at.right] = True
    return mask


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.fixture
def refiner(host: ModelHost) -> DiffusionRefiner:
    return DiffusionRefiner(generator_of(host, KLEIN), Dictionary())


def test_only_what_is_allowed_is_repainted_at_the_composites_size(refiner: DiffusionRefiner) -> None:
    composite, allowed, told = photo(180, 140), ring(), []
    refined = refiner.refine(composite, allowed, PROMPT, lambda name, share: told.append(name), go_on)
    assert refined.shape == composite.shape
    assert same(refined[allowed == 0], composite[allowed == 0])
    assert (refined[allowed > 0] != composite[allowed > 0]).mean() > 0.9
    assert told == ["flux_refine (1/3)", "flux_refine (2/3)", "flux_refine (3/3)"]


def test_without_strength_or_room_the_composite_stays(refiner: DiffusionRefiner, host: ModelHost) -> None:
    composite = photo(180, 140)
    with watching(module_of(host, KLEIN, "transformer")) as calls:
        assert same(refiner.refine(composite, ring(), RefinePrompt("", strength=0.0), quiet, go_on), composite)
        assert same(refiner.refine(composite, ring() * 0, PROMPT, quiet, go_on), composite)
    assert calls.count == 0


def test_refining_is_decided_by_its_seed(refiner: DiffusionRefiner) -> None:
    one, again, other = (
        refiner.refine(photo(180, 140), ring(), RefinePrompt("marble", seed=seed), quiet, go_on) for seed in (2, 2, 3)
    )
    assert same(one, again)
    assert not same(one, other)


def test_what_the_refiners_encoder_cuts_can_be_asked_for(host: ModelHost) -> None:
    refiner = DiffusionRefiner(generator_of(host, "flux1-schnell"), Dictionary())
    notes = refiner.notes(RefinePrompt("a long description " * 20), go_on)
    assert [key for key, _ in notes] == ["prompt_summary_cut", "prompt_cut"]


def test_a_picture_is_edited_whole_at_its_own_size(host: ModelHost) -> None:
    generator = generator_of(host, KLEIN)
    generator.canvas = Canvas(160 * 160, 16)
    told: list[str] = []
    edited = DiffusionEditor(generator, generator, Dictionary()).edit(
        EditTask(photo(180, 140), "make it night", steps=2), lambda name, share: told.append(name), go_on
    )
    assert edited.shape == (140, 180, 3)
    assert told == ["flux_edit (1/2)", "flux_edit (2/2)"]


def test_a_strength_keeps_more_of_the_picture(host: ModelHost) -> None:
    editor = DiffusionEditor(generator_of(host, KLEIN), generator_of(host, KLEIN), Dictionary())
    told: list[str] = []
    editor.edit(EditTask(photo(96, 96), "night", strength=0.5), lambda name, share: told.append(name), go_on)
    assert told[-1] == "flux_edit (2/2)"
    assert same(editor.edit(EditTask(photo(96, 96), "night", strength=0.0), quiet, go_on), photo(96, 96))


@pytest.mark.parametrize("filler", [KLEIN, SD3])
def test_a_region_is_filled_and_nothing_else(filler: str, host: ModelHost) -> None:
    editor = DiffusionEditor(generator_of(host, KLEIN), generator_of(host, filler), Dictionary())
    image, mask = photo(180, 140), rectangle(Box(30, 40, 50, 40))
    told: list[str] = []
    filled = editor.fill(EditTask(image, "a red sofa", steps=2), mask, lambda name, share: told.append(name), go_on)
    assert same(filled[~mask], image[~mask])
    assert (filled[mask] != image[mask]).mean() > 0.8
    assert told[-1] == ("flux_fill (2/2)" if filler == KLEIN else "sd3_fill (2/2)")


def test_korean_is_translated_for_the_filler_that_needs_it(host: ModelHost) -> None:
    translator = Dictionary({"빨간 소파": "a red sofa"})
    editor = DiffusionEditor(generator_of(host, KLEIN), generator_of(host, SD3), translator)
    task, mask = EditTask(photo(96, 96), "빨간 소파", steps=1), rectangle(Box(20, 20, 40, 40), 96, 96)
    editor.edit(task, quiet, go_on)
    assert translator.asked == []
    editor.fill(task, mask, quiet, go_on)
    assert translator.asked == ["빨간 소파"]


def test_what_an_edits_encoder_cuts_can_be_asked_for(host: ModelHost) -> None:
    editor = DiffusionEditor(generator_of(host, KLEIN), generator_of(host, SD3), Dictionary())
    task = EditTask(photo(96, 96), "word " * 80)
    assert [key for key, _ in editor.notes(task, go_on)] == []
    assert [key for key, _ in editor.notes(task, go_on, local=True)] == ["prompt_summary_cut", "prompt_cut"]


@pytest.mark.parametrize(("width", "height"), [(180, 140), (1080, 1920), (2000, 300), (77, 531), (3, 400)])
def test_a_picture_comes_back_from_the_canvas_where_it_was(width: int, height: int) -> None:
    framing = Framing.of(width, height, Canvas(256 * 256, 16))
    slope = np.add.outer(np.linspace(0, 120, height), np.linspace(0, 120, width)).astype(np.uint8)
    image = np.dstack([slope, slope[::-1], slope[:, ::-1]])
    shown = framing.onto(image)
    assert shown.shape[1::-1] == framing.canvas
    assert all(side % CELL == 0 for side in framing.canvas)
    assert max(framing.canvas) / min(framing.canvas) <= 4.5
    assert np.abs(framing.back(shown).astype(int) - image).mean() < 3


def test_a_mask_opens_every_cell_it_touches_and_no_other() -> None:
    mask = np.zeros((1920, 1080), np.float32)
    mask[1001, 501] = 0.01  # one pixel of a picture larger than the canvas
    framing = Framing.of(1080, 1920, Canvas(512 * 512, 16))
    cells = framing.cells(mask)
    assert 0 < cells.sum() <= 4 * CELL * CELL
    row, column = int(1001 * framing.canvas[1] / 1920), int(501 * framing.canvas[0] / 1080)
    assert cells[row, column]


def test_a_window_shows_a_masks_surroundings_and_stays_inside() -> None:
    corner = np.zeros((1000, 1000), np.float32)
    corner[:100, 900:] = 1
    box = window(corner)
    assert (box.right, box.y) == (1000, 0)
    assert box.x < 900 - 40
    assert box.bottom > 100 + 40
    assert window(np.ones((1000, 1000), np.float32)) == Box(0, 0, 1000, 1000)


def test_a_long_picture_is_cut_about_the_place_where_the_product_stands() -> None:
    rows = np.repeat(np.arange(200, dtype=np.uint8)[:, None, None], 100, 1).repeat(3, 2)
    cut = covered(rows, 100, 50, (0.5, 0.62))
    assert cut.shape == (50, 100, 3)
    assert int(cut[25, 0, 0]) == pytest.approx(0.62 * 200, abs=2)
    assert covered(rows, 100, 50, (0.5, 1.0))[-1, 0, 0] == 199


def test_a_filled_region_begins_softly_inside_its_mask() -> None:
    mask = rectangle(Box(300, 300, 200, 200), 1000, 1000)
    soft = feathered(mask)
    assert (soft[~mask] == 0).all()
    assert (soft[mask] > 0).all()
    assert soft[400, 400] == 1
    assert soft[400, 301] < 0.6
