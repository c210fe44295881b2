"""Edits with small engines behind the ports: what is painted, what must stay, and what is done when it goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.ads.editing.keeping import Keeping, blended
from nanococoa_aiserver.ads.editing.region import given_mask, grown, weight_of
from nanococoa_aiserver.ads.local import LocalContext
from nanococoa_aiserver.ads.pictures import get_picture, put_picture, put_rgba
from nanococoa_aiserver.ads.pipeline import EDIT_STEPS
from nanococoa_aiserver.artifacts.store import ArtifactStore, open_store
from nanococoa_aiserver.engines.ports import Adapter
from nanococoa_aiserver.errors import InvalidParameter, InvalidPrompt, JobStopped, ModelUnavailable
from nanococoa_aiserver.imaging.disclosure import SourceType
from nanococoa_aiserver.imaging.encode import read_source
from nanococoa_aiserver.imaging.fidelity import CoreChanged
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.jobs.names import EDIT_STEPS as PUBLISHED
from nanococoa_client.schemas import EditInfo
from support.editing import context, edited, refusal, result_of, unheard
from support.fake_editing import BLUE, RED, FakeEditor, coloured, fake_engines, scene


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return open_store(tmp_path.as_uri())


def test_the_steps_are_the_published_ones_in_order() -> None:
    assert {step.name: step.stage for step in EDIT_STEPS} == PUBLISHED


# --- what changes and what stays --------------------------------------------------------------------------------------


def test_a_global_edit_is_the_editors_picture_at_the_uploads_own_size(store: ArtifactStore) -> None:
    editor = FakeEditor()
    ctx = context(store, fake_engines(editor=editor))
    results = edited(ctx)
    assert np.array_equal(result_of(ctx, results), 254 - scene())
    assert editor.tasks[0].prompt == "turn the blue square into a dog. Keep the rest."
    assert results["finish"]["checks"]["fidelity"] is None
    assert results["finish"]["outside_difference"] is None


def test_a_local_edit_leaves_everything_outside_its_region_byte_for_byte(store: ArtifactStore) -> None:
    ctx = context(store, fake_engines(), mode="local")
    results = edited(ctx)
    final, before = result_of(ctx, results), scene()
    region = get_picture(store, results["locate"]["mask"])[0][..., 0] > 127
    assert results["locate"]["label"] == "blue square"
    assert region[coloured(before, BLUE)].all()
    assert region[33:55, 59:85].sum() > coloured(before, BLUE).sum(), "its edge goes with it"
    assert np.array_equal(final[~region], before[~region])
    assert (final[40:48, 66:78] != before[40:48, 66:78]).all()
    assert results["finish"]["outside_difference"] == 0


def test_a_kept_product_is_the_uploads_byte_for_byte(store: ArtifactStore) -> None:
    ctx = context(store, fake_engines(), keep_product=True)
    results = edited(ctx)
    final, before = result_of(ctx, results), scene()
    assert np.array_equal(final[12:28, 12:32], before[12:28, 12:32])
    assert (final[40:48, 66:78] != before[40:48, 66:78]).all()
    assert results["finish"]["checks"]["fidelity"] == {
        "core_difference": 0,
        "cutout_confidence": 0.9,
        "cutout_verdict": "ok",
    }


def test_a_core_that_is_nearly_opaque_is_pasted_not_blended() -> None:
    photo = scene()
    matte = np.full((64, 97), 254, np.uint8)
    keeping = Keeping(photo, None, np.dstack([photo, matte]))
    image = keeping.put_back(np.asarray(255 - photo, np.uint8))
    assert np.array_equal(image, photo)
    assert keeping.core_difference(image) == 0


def test_a_products_soft_edge_takes_as_little_of_the_edit_as_it_covers() -> None:
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    matte = np.full((8, 8), 51, np.uint8)
    keeping = Keeping(black, np.ones((8, 8), np.float32), np.dstack([black, matte]))
    assert (keeping.put_back(white) == 204).all()


def test_a_local_edit_that_keeps_the_product_goes_around_it(store: ArtifactStore) -> None:
    mask = np.zeros((64, 97), np.uint8)
    mask[5:40, 5:50] = 255
    editor = FakeEditor()
    ctx = context(
        store,
        fake_engines(editor=editor),
        mode="local",
        keep_product=True,
        mask=put_picture(store, np.dstack([mask] * 3)),
    )
    final, before = result_of(ctx, edited(ctx)), scene()
    product = coloured(before, RED)
    assert not (editor.masks[0] & product).any()
    assert np.array_equal(final[product], before[product])
    assert (final[7:38, 38:46] != before[7:38, 38:46]).any()


def test_a_region_that_is_all_product_is_refused(store: ArtifactStore) -> None:
    asked: dict[str, Any] = {"mode": "local", "keep_product": True, "instruction": "turn the red square into a ball"}
    mask = np.zeros((64, 97, 3), np.uint8)
    mask[14:20, 14:20] = 255
    error = refusal(context(store, fake_engines(), mask=put_picture(store, mask), **asked), InvalidParameter)
    assert error.key == "edit_region_is_product"


def test_an_upload_with_transparency_stands_on_white_paper(store: ArtifactStore) -> None:
    alpha = np.full((64, 97), 255, np.uint8)
    alpha[:, 90:] = 0
    editor = FakeEditor()
    ctx = context(store, fake_engines(editor=editor))
    ctx.request["image"] = put_rgba(store, np.dstack([scene(), alpha]))
    edited(ctx)
    assert (editor.tasks[0].image[:, 90:] == 255).all()
    assert np.array_equal(editor.tasks[0].image[:, :90], scene()[:, :90])


def test_the_file_says_that_a_trained_model_had_part_in_it(store: ArtifactStore) -> None:
    results = edited(context(store, fake_engines()))
    assert read_source(store.get(results["finish"]["outputs"]["edited"])) is SourceType.COMPOSITE_TRAINED


def test_a_defect_that_touches_the_outside_never_leaves_the_house(store: ArtifactStore) -> None:
    ctx = context(store, fake_engines(), mode="local")
    results = edited(ctx)
    spoilt = scene()
    spoilt[0, 0, 0] ^= 1
    results["check"]["image"] = put_picture(store, spoilt)
    with pytest.raises(CoreChanged, match="up to 1 of 255"):
        EDIT_STEPS[-1].run(ctx, results)


def test_an_editor_that_answers_at_another_size_is_a_defect(store: ArtifactStore) -> None:
    class Shrinking(FakeEditor):
        def edit(self, task: Any, progress: Any, stop: Any) -> Rgb:
            return super().edit(task, progress, stop)[:-1]

    with pytest.raises(ValueError, match="the picture has"):
        edited(context(store, fake_engines(editor=Shrinking())))


# --- regions ----------------------------------------------------------------------------------------------------------


def test_what_is_not_in_the_picture_is_named(store: ArtifactStore) -> None:
    asked: dict[str, Any] = {"mode": "local", "instruction": "turn the green cat into a dog"}
    error = refusal(context(store, fake_engines(), **asked), InvalidPrompt)
    assert "green cat" in error.message("ko")
    assert "mask" in error.message("en")


def test_an_instruction_that_names_nothing_asks_for_a_name_or_a_mask(store: ArtifactStore) -> None:
    error = refusal(context(store, fake_engines(), mode="local", instruction="nicer please"), InvalidPrompt)
    assert error.key == "edit_target_unknown"


def test_with_a_mask_nothing_is_looked_for(store: ArtifactStore) -> None:
    mask = np.zeros((32, 50, 3), np.uint8)
    mask[:16] = 255
    engines = fake_engines(finder=None)
    results = edited(context(store, engines, mode="local", instruction="nicer please", mask=put_picture(store, mask)))
    region = get_picture(store, results["locate"]["mask"])[0][..., 0] > 127
    assert region[:32].all()
    assert not region[32:].any()


@pytest.mark.parametrize("size", [(8, 8), (97, 64), (400, 100), (1000, 1000)])
def test_a_mask_of_any_size_is_brought_to_the_pictures(store: ArtifactStore, size: tuple[int, int]) -> None:
    grey = np.zeros(size[::-1], np.uint8)
    grey[:, : size[0] // 2] = 255
    mask = given_mask(store, put_picture(store, np.dstack([grey] * 3)), 97, 64)
    assert mask.shape == (64, 97)
    assert mask[:, :47].all()
    assert not mask[:, 50:].any()


def test_in_a_mask_with_transparency_the_opaque_part_is_marked(store: ArtifactStore) -> None:
    strokes = np.zeros((64, 97, 4), np.uint8)
    strokes[20:30, 20:30, 3] = 255  # black paint
    mask = given_mask(store, put_rgba(store, strokes), 97, 64)
    assert mask[20:30, 20:30].all()
    assert mask.sum() == 100


@pytest.mark.parametrize(("shade", "key"), [(0, "mask_empty"), (255, "mask_full"), (127, "mask_empty")])
def test_a_mask_that_marks_nothing_or_everything_is_refused(store: ArtifactStore, shade: int, key: str) -> None:
    mask = put_picture(store, np.full((40, 40, 3), shade, np.uint8))
    assert refusal(context(store, fake_engines(), mode="local", mask=mask), InvalidParameter).key == key


def test_a_found_region_grows_by_a_share_of_the_picture() -> None:
    mask = np.zeros((500, 1000), np.bool_)
    mask[200:300, 400:500] = True
    ring = grown(mask) & ~mask
    assert ring[250, 388:400].all()
    assert not ring[250, 387]


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 60), st.integers(3, 60), st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_outside_the_region_nothing_is_ever_blended_in(width: int, height: int, seed: int, blobs: int) -> None:
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    for _ in range(blobs):
        middle = (int(random.integers(width)), int(random.integers(height)))
        cv2.circle(mask, middle, int(random.integers(0, 9)), 1, -1)
    region = mask > 0
    old, new = (random.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(2))
    image = blended(old, new, weight_of(region))
    assert np.array_equal(image[~region], old[~region])
    assert (weight_of(region)[region] > 0).all()


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_what_was_asked_for_reaches_the_model(store: ArtifactStore) -> None:
    editor = FakeEditor()
    reference = scene(40, 40, 9)
    asked: dict[str, Any] = {"strength": 0.4, "steps": 6, "seed": 3, "adapters": [{"id": "warm-light", "scale": 0.5}]}
    edited(context(store, fake_engines(editor=editor), reference_images=[put_picture(store, reference)], **asked))
    task = editor.tasks[0]
    assert (task.strength, task.steps, task.seed) == (0.4, 6, 3)
    assert task.adapters == (Adapter("warm-light", 0.5),)
    assert np.array_equal(task.references[0], reference)


def test_without_a_seed_the_picture_decides(store: ArtifactStore) -> None:
    editor = FakeEditor()
    for seed in (1, 1, 2):
        edited(context(store, fake_engines(editor=editor), scene(seed=seed)))
    seeds = [task.seed for task in editor.tasks]
    assert seeds[0] == seeds[1] != seeds[2]


@pytest.mark.parametrize("missing", ["editor", "vlm", "finder"])
def test_an_engine_that_cannot_edit_says_what_to_do(store: ArtifactStore, missing: str) -> None:
    engines = fake_engines(**{missing: None})
    error = refusal(context(store, engines, mode="local"), ModelUnavailable)
    assert "ENGINE=diffusion" in error.message("ko")


def test_a_stop_is_heard_between_denoising_steps(store: ArtifactStore) -> None:
    class Stopped(LocalContext):
        calls = 0

        def check_stop(self) -> None:
            self.calls += 1
            if self.calls == 3:
                raise JobStopped

    editor = FakeEditor(steps=50)
    plain = context(store, fake_engines(editor=editor))
    ctx = Stopped(plain.request, plain.engines, store, plain.renderer, plain.settings, unheard)
    with pytest.raises(JobStopped):
        edited(ctx)
    assert ctx.calls == 3


def test_what_the_status_says_is_the_schemas(store: ArtifactStore) -> None:
    results = edited(context(store, fake_engines(), mode="local"))
    place = results["locate"]
    EditInfo(mode="local", label=place["label"], score=place["score"], mask=place["mask"])
    assert set(place) == {"mask", "label", "score"}


def test_a_prompt_longer_than_the_model_reads_is_warned_of(store: ArtifactStore) -> None:
    ctx = context(store, fake_engines(), instruction="turn the blue square into a dog, " * 9)
    (warning,) = edited(ctx)["edit"]["warnings"]
    assert warning[0] == "prompt_cut"
    assert warning[1]["limit"] == 200
