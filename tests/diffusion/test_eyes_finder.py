"""Finding a thing by its name: boxes in the picture's pixels, masks at its own size, phrases, memory and stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from nanococoa_aiserver.engines.diffusion.detector import FOUND_FROM, Detection, GroundingDino, best, spelled
from nanococoa_aiserver.engines.diffusion.finder import GroundingDinoFinder
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.sam import Sam2, nearest
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Box, Rgb
from nanococoa_client.errors import GpuOutOfMemory
from support.seeing import SHAPES, Leasing, StopAt, never, photo, starving, tiny_host

pytestmark = pytest.mark.diffusion

CUP = photo(60, 80, Box(20, 10, 30, 40))


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.fixture(scope="module")
def finder(host: ModelHost) -> GroundingDinoFinder:
    return GroundingDinoFinder(GroundingDino(host, found_from=0), Sam2(host))


def boxes(*rows: tuple[float, float, float, float]) -> torch.Tensor:
    return torch.tensor(rows)


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_box_and_mask_belong_to_a_picture_of_any_shape(height: int, width: int, finder: GroundingDinoFinder) -> None:
    found = finder.find(photo(height, width, Box(0, 0, width // 2, height // 2)), "Cup", never)
    if found is None:  # every box of noise fell beside a sliver
        assert min(height, width) < 8
        return
    assert found.mask.shape == (height, width)
    assert found.mask.dtype == np.bool_
    assert found.mask.any()
    assert 0 <= found.box.x < found.box.right <= width
    assert 0 <= found.box.y < found.box.bottom <= height
    assert 0 <= found.score <= 1
    assert found.label == "Cup"


def test_the_same_question_finds_the_same_region(finder: GroundingDinoFinder) -> None:
    first, second = (finder.find(CUP, "a cup", never) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.mask, second.mask)
    assert (first.box, first.score) == (second.box, second.score)


@pytest.mark.parametrize("phrase", ["", "   ", "...", "?!", "。"])
def test_an_empty_phrase_finds_nothing_and_asks_no_model(phrase: str, host: ModelHost) -> None:
    with starving(host, "grounding-dino", 0) as counted:
        assert GroundingDino(host, found_from=0).find(CUP, phrase, never) is None
    assert counted.calls == 0


@pytest.mark.parametrize(
    ("phrase", "spelling"),
    [
        ("The Red Cup", "the red cup."),
        ("red cup.", "red cup."),
        ("cup. table. lamp", "cup table lamp."),
        ("  a\tcup\n", "a cup."),
        ("women's shoe", "women's shoe."),
        ("t-shirt", "t-shirt."),
        ("빨간 컵", "빨간 컵."),
    ],
)
def test_a_phrase_is_spelled_as_the_model_learnt_it(phrase: str, spelling: str) -> None:
    assert spelled(phrase) == spelling


def test_a_phrase_of_any_length_is_one_the_model_can_read(finder: GroundingDinoFinder) -> None:
    assert len(spelled("cup " * 500)) <= 121
    finder.find(CUP, "cup " * 500, never)


def test_the_highest_score_wins_from_the_threshold_on() -> None:
    found = boxes((0.5, 0.5, 0.5, 0.5), (0.25, 0.5, 0.5, 1.0))
    scores = torch.tensor([FOUND_FROM, 0.9])
    assert best(scores, found, (100, 200, 3), FOUND_FROM) == Detection(Box(0, 0, 100, 100), 0.9)
    only = best(scores[:1], found[:1], (100, 200, 3), FOUND_FROM)
    assert only is not None
    assert only.box == Box(50, 25, 100, 50)
    below = torch.tensor([FOUND_FROM - 1e-3])
    assert best(below, found[:1], (100, 200, 3), FOUND_FROM) is None


def test_a_box_is_clipped_to_the_picture_and_one_beside_it_gives_way_to_the_next() -> None:
    beside, partly = (0.5, 3.0, 1.0, 1.0), (0.5, 0.1, 1.5, 2.0)
    found = best(torch.tensor([0.9, 0.5]), boxes(beside, partly), (10, 600, 3), FOUND_FROM)
    assert found == Detection(Box(0, 0, 600, 10), 0.5)
    assert best(torch.tensor([0.9]), boxes(beside), (10, 600, 3), FOUND_FROM) is None


@dataclass
class Answering(torch.nn.Module):  # type: ignore[misc]
    """A detector that saw one thing for certain, at ``box`` of what it was shown."""

    box: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        super().__init__()

    def forward(self, **_: Any) -> Any:
        return SimpleNamespace(logits=torch.full((1, 1, 4), 9.0), pred_boxes=torch.tensor([[self.box]]))


@pytest.mark.parametrize(
    ("height", "width", "box"),
    [
        (100, 200, (0.5, 0.5, 0.5, 0.5)),
        (4000, 5000, (0.5, 0.5, 0.5, 0.5)),
        (10, 600, (0.5, 0.05, 0.5, 0.1)),  # the picture is the upper tenth of what was shown
        (900, 15, (0.05, 0.5, 0.1, 0.5)),
    ],
)
def test_a_box_is_told_in_the_pictures_own_pixels_however_it_was_shown(
    height: int, width: int, box: tuple[float, float, float, float], host: ModelHost
) -> None:
    eyes: Any = Leasing(host, Answering(box))
    found = GroundingDino(eyes).find(photo(height, width), "cup", never)
    assert found is not None
    assert found.box.y == pytest.approx(0 if width > 6 * height else height / 4, abs=2)
    assert found.box.x == pytest.approx(0 if height > 6 * width else width / 4, abs=2)
    assert found.box.height == pytest.approx(height if width > 6 * height else height / 2, abs=3)
    assert found.box.width == pytest.approx(width if height > 6 * width else width / 2, abs=3)


def test_the_real_threshold_turns_noise_away_or_keeps_its_word(host: ModelHost) -> None:
    found = GroundingDino(host, found_from=1.01).find(CUP, "cup", never)
    assert found is None


def by_hand(field: np.ndarray[Any, Any], width: int, height: int) -> np.ndarray[Any, Any]:
    """Each pixel's middle, looked up one after the other."""
    out = np.empty((height, width), field.dtype)
    for row in range(height):
        for column in range(width):
            y, x = (row + 0.5) * field.shape[0] / height, (column + 0.5) * field.shape[1] / width
            out[row, column] = field[int(y), int(x)]
    return out


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 37), (41, 1), (8, 8), (16, 24), (5, 3), (13, 31), (64, 7)])
def test_a_mask_is_enlarged_or_shrunk_by_its_nearest_values(height: int, width: int) -> None:
    logits = np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32)
    assert np.array_equal(nearest(logits, width, height), by_hand(logits, width, height))


def test_a_mask_at_a_whole_multiple_is_made_of_squares() -> None:
    logits = np.array([[1, -1], [-1, 1]], np.float32)
    assert np.array_equal(nearest(logits, 4, 6) > 0, np.kron(logits, np.ones((3, 2))) > 0)


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_the_mask_is_the_networks_own_at_the_pictures_size(height: int, width: int, host: ModelHost) -> None:
    """The decoder's logits are caught on their way out and enlarged by hand."""
    caught: list[np.ndarray[Any, Any]] = []
    with host.lease("sam2.1", ["model"], activity="test", stop=never) as loaded:
        decoder = loaded.modules["model"].get_submodule("mask_decoder")
    hook = decoder.register_forward_hook(lambda *out: caught.append(out[2][0][0, 0, 0].float().numpy()))
    try:
        mask = Sam2(host).mask(photo(height, width), Box(0, 0, max(1, width // 2), max(1, height // 2)), never)
    finally:
        hook.remove()
    assert np.array_equal(mask, by_hand(caught[0], width, height) > 0)


def test_the_box_is_squeezed_with_the_picture(host: ModelHost) -> None:
    seen: list[torch.Tensor] = []
    with host.lease("sam2.1", ["model"], activity="test", stop=never) as loaded:
        module = loaded.modules["model"]
    hook = module.register_forward_pre_hook(lambda _m, _a, named: seen.append(named["input_boxes"]), with_kwargs=True)
    try:
        Sam2(host).mask(photo(50, 200), Box(20, 10, 100, 30), never)
    finally:
        hook.remove()
    side = module.config.prompt_encoder_config.image_size
    corners = (seen[0][0, 0] / side).tolist()
    assert corners == pytest.approx([0.1, 0.2, 0.6, 0.8], abs=1e-6)


@dataclass
class Seen:
    """A detector that always sees the same, and a mask model that always draws the same."""

    detection: Detection | None
    drawn: Mask

    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Detection | None:
        return self.detection

    def mask(self, image: Rgb, box: Box, stop: StopCheck) -> Mask:
        return self.drawn


def region_of(seen: Seen) -> Any:
    eyes: Any = seen
    return GroundingDinoFinder(eyes, eyes).find(CUP, " cup ", never)


def test_an_empty_mask_or_one_beside_the_box_gives_way_to_the_box() -> None:
    box, nothing = Box(20, 10, 30, 40), np.zeros((60, 80), np.bool_)
    beside = nothing.copy()
    beside[:, 60:] = True
    for mask in (nothing, beside):
        region = region_of(Seen(Detection(box, 0.8), mask))
        assert region.mask.sum() == 30 * 40
        assert region.mask[10:50, 20:50].all()
        assert region.label == "cup"


def test_a_thin_mask_is_kept_and_nothing_found_is_none() -> None:
    thin = np.zeros((60, 80), np.bool_)
    thin[10:50, 35] = True
    assert np.array_equal(region_of(Seen(Detection(Box(20, 10, 30, 40), 0.8), thin)).mask, thin)
    assert region_of(Seen(None, thin)) is None


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("model", ["grounding-dino", "sam2.1"])
def test_memory_running_out_is_recovered_from(
    times: int, model: str, host: ModelHost, finder: GroundingDinoFinder
) -> None:
    with starving(host, model, times) as starved:
        assert finder.find(CUP, "cup", never) is not None
    assert starved.calls == times + 1


@pytest.mark.parametrize("model", ["grounding-dino", "sam2.1"])
def test_memory_that_never_suffices_is_a_clear_error(model: str, host: ModelHost, finder: GroundingDinoFinder) -> None:
    with starving(host, model, 99), pytest.raises(GpuOutOfMemory):
        finder.find(CUP, "cup", never)


def test_a_stop_ends_the_search_before_either_model(host: ModelHost, finder: GroundingDinoFinder) -> None:
    counting = StopAt(10_000)
    finder.find(CUP, "cup", counting)
    for call in range(1, counting.calls + 1):
        with pytest.raises(JobStopped):
            finder.find(CUP, "cup", StopAt(call))
    assert finder.find(CUP, "cup", never) is not None
