"""Edits by the product's own steps and the real engine on tiny checkpoints: what they promise holds.

From ``POST`` to PNG see ``test_whole_path.py``; here each way an edit can take, in one process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from nanococoa_aiserver.ads.local import LocalContext
from nanococoa_aiserver.ads.pictures import get_picture, put_picture, put_rgba
from nanococoa_aiserver.ads.pipeline import EDIT_STEPS
from nanococoa_aiserver.artifacts.store import ArtifactStore, open_store
from nanococoa_aiserver.engines.wiring import Engines, build_engines
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.settings import Settings
from nanococoa_client.schemas import EditRequest
from support.fake_editing import RED, coloured, scene

pytestmark = pytest.mark.diffusion

WIDTH, HEIGHT = 150, 97


@pytest.fixture(scope="module")
def engines(tiny_models: Path) -> Engines:
    return build_engines(Settings(engine="diffusion", models_dir=tiny_models, warm_up=False))


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return open_store(tmp_path.as_uri())


def half(store: ArtifactStore) -> str:
    """A mask of the right half, at another size than the picture's."""
    mask = np.zeros((40, 60, 3), np.uint8)
    mask[:, 30:] = 255
    return put_picture(store, mask)


class Watched(LocalContext):
    """Remembers the sub-steps; stops when one of them is ``stop_at``."""

    told: list[str]
    stop_at = ""

    def progress(self, sub_step: str, share: float) -> None:
        self.told.append(sub_step)

    def check_stop(self) -> None:
        if self.stop_at and self.stop_at in self.told:
            raise JobStopped


def context(store: ArtifactStore, engines: Engines, image: str = "", **asked: Any) -> Watched:
    settings = Settings(self_check=asked.pop("self_check", False))
    picture = image or put_picture(store, scene(WIDTH, HEIGHT))
    body = {"instruction": "사과를 배로 바꿔 줘", "image": picture, "seed": 3, **asked}
    request = EditRequest.model_validate(body).model_dump(mode="json")
    ctx = Watched(request, engines, store, cast(Any, None), settings, lambda *_: None)
    ctx.told = []
    return ctx


def edited(ctx: Watched) -> tuple[Rgb, dict[str, dict[str, Any]]]:
    results: dict[str, dict[str, Any]] = {}
    for step in EDIT_STEPS:
        results[step.name] = step.run(ctx, results)
    return get_picture(ctx.artifacts, results["finish"]["outputs"]["edited"])[0], results


def test_a_whole_picture_is_edited_and_looked_at(store: ArtifactStore, engines: Engines) -> None:
    ctx = context(store, engines, self_check=True, reference_images=[put_picture(store, scene(64, 64, 5))])
    image, results = edited(ctx)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert (image != scene(WIDTH, HEIGHT)).any()
    assert results["look"]["prompt"]
    record = results["finish"]["checks"]["self_check"]
    assert record["verdict"] in ("pass", "fail", "unknown")
    assert record["clip_score"] is not None
    assert [name for name in ctx.told if "edit (" in name], ctx.told


@pytest.mark.parametrize("strength", [None, 0.5])
def test_outside_a_mask_everything_stays_byte_for_byte(
    store: ArtifactStore, engines: Engines, strength: float | None
) -> None:
    image, results = edited(context(store, engines, mode="local", mask=half(store), strength=strength))
    assert np.array_equal(image[:, : WIDTH // 2], scene(WIDTH, HEIGHT)[:, : WIDTH // 2])
    assert (image[:, WIDTH // 2 + 5 :] != scene(WIDTH, HEIGHT)[:, WIDTH // 2 + 5 :]).any()
    assert results["finish"]["outside_difference"] == 0


def test_a_product_that_came_cut_out_is_kept_byte_for_byte(store: ArtifactStore, engines: Engines) -> None:
    photo = scene(WIDTH, HEIGHT)
    product = coloured(photo, RED)
    cut = put_rgba(store, np.dstack([photo, product.astype(np.uint8) * 255]))
    image, results = edited(context(store, engines, image=cut, keep_product=True))
    core = np.zeros_like(product)
    core[12:28, 12:32] = True
    assert np.array_equal(image[core], photo[core])
    assert results["finish"]["checks"]["fidelity"]["core_difference"] == 0


def test_the_classic_fill_model_takes_a_mask_too(store: ArtifactStore, tiny_models: Path) -> None:
    settings = Settings(
        engine="diffusion",
        models_dir=tiny_models,
        fill_model="sd3-medium",
        accept_noncommercial_models=True,
        warm_up=False,
    )
    image, results = edited(context(store, build_engines(settings), mode="local", mask=half(store), steps=2))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert results["finish"]["outside_difference"] == 0


def test_an_adapter_changes_what_is_painted(store: ArtifactStore, engines: Engines) -> None:
    plain, _ = edited(context(store, engines))
    again, _ = edited(context(store, engines))
    warm, _ = edited(context(store, engines, adapters=[{"id": "warm-light", "scale": 2}]))
    assert np.array_equal(plain, again), "the same seed gives the same picture"
    assert (plain != warm).any()


def test_a_stop_is_heard_at_the_next_denoising_step(store: ArtifactStore, engines: Engines) -> None:
    ctx = context(store, engines, steps=6)
    results: dict[str, dict[str, Any]] = {}
    for step in EDIT_STEPS[:2]:
        results[step.name] = step.run(ctx, results)
    ctx.stop_at = "flux_edit (2/6)"
    with pytest.raises(JobStopped):
        EDIT_STEPS[2].run(ctx, results)
    assert "flux_edit (4/6)" not in ctx.told
