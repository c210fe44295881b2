"""What every generator promises, whatever its family: sizes, seeds, steps, sharing, stops, and memory that runs out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nanococoa_aiserver.engines.diffusion.generators import latent
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache
from nanococoa_aiserver.engines.diffusion.generators.pipelines import assembled
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.errors import JobStopped
from nanococoa_client.errors import GpuOutOfMemory
from support.generating import (
    Steps,
    distinct,
    generator_of,
    module_of,
    photo,
    same,
    spot,
    tiny_host,
    watching,
)

pytestmark = pytest.mark.diffusion

PAINTERS = ("flux2-klein-4b", "flux1-schnell", "flux1-dev", "flux2-dev", "z-image-turbo")
INPAINTERS = ("flux2-klein-4b", "flux1-schnell", "z-image-turbo", "sd3-medium")
DISTILLED = ("flux2-klein-4b", "flux1-schnell", "z-image-turbo")
BRIEF = Brief("a marble table", seed=3)
QUICK = Brief("a marble table", seed=3, steps=2)
SIZE = (90, 120)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.mark.parametrize("model", PAINTERS)
def test_a_picture_has_the_size_asked_for_and_its_seed_decides_it(model: str, host: ModelHost) -> None:
    generator = generator_of(host, model)
    first, again = (generator.paint(QUICK, SIZE, Steps().watch) for _ in range(2))
    other = generator.paint(Brief(QUICK.text, seed=4, steps=2), SIZE, Steps().watch)
    assert first.shape == (120, 90, 3)
    assert first.dtype == np.uint8
    assert same(first, again)
    assert not same(first, other)


@pytest.mark.parametrize("model", PAINTERS)
def test_a_model_takes_the_steps_it_was_made_for_unless_told_otherwise(model: str, host: ModelHost) -> None:
    generator, steps = generator_of(host, model), Steps()
    generator.paint(BRIEF, SIZE, steps.watch)
    assert steps.count == generator.spec.steps == len(steps.told)
    generator.paint(QUICK, SIZE, steps.watch)
    assert steps.count == 2


@pytest.mark.parametrize("model", DISTILLED)
def test_a_distilled_model_keeps_its_own_guidance(model: str, host: ModelHost) -> None:
    generator = generator_of(host, model)
    asked = Brief(QUICK.text, seed=3, steps=2, guidance=9.0, negative="ugly")
    assert generator.guidance(asked) == generator.spec.guidance
    with watching(module_of(host, model, "transformer")) as calls:
        guided = generator.paint(asked, SIZE, Steps().watch)
    assert calls.count == 2
    assert same(guided, generator.paint(QUICK, SIZE, Steps().watch))


def test_every_operation_works_on_the_same_modules_each_with_a_scheduler_of_its_own(
    host: ModelHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    def noted(*given: Any, **config: Any) -> Any:
        made.append(assembled(*given, **config))
        return made[-1]

    monkeypatch.setattr(latent, "assembled", noted)
    generator = generator_of(host, "flux2-klein-4b")
    generator.paint(QUICK, SIZE, Steps().watch)
    generator.repaint(QUICK, Repaint(photo(), 0.6, spot()), Steps().watch)
    generator.edit(QUICK, [photo()], Steps().watch)
    denoising = [pipe for pipe in made if pipe.transformer is not None]
    assert len(denoising) == 3
    assert distinct([pipe.transformer for pipe in denoising]) == distinct([pipe.vae for pipe in denoising]) == 1
    assert distinct([pipe.scheduler for pipe in denoising]) == 3
    assert all(pipe.text_encoder is None and pipe.config.is_distilled for pipe in denoising)


@pytest.mark.parametrize("model", [*PAINTERS, "sd3-medium"])
def test_an_embedding_from_the_cache_is_the_encoders_bit_for_bit(model: str, host: ModelHost) -> None:
    watch = Steps().watch
    once, twice = (generator_of(host, model, EmbeddingCache()).embeddings("감나무 아래", "", watch) for _ in range(2))
    generator = generator_of(host, model)
    with watching(module_of(host, model, "text_encoder")) as calls:
        kept = [generator.embeddings("감나무 아래", "", watch) for _ in range(3)][-1]
    assert calls.count == 1
    for embedding in (twice, kept):
        assert list(embedding) == list(once)
        assert all(_equal(embedding[name], once[name]) for name in once)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(map(torch.equal, one, other))
    return bool(torch.equal(one, other))


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache, encoded = EmbeddingCache(limit=3 * 40), []

    def get(name: str) -> None:
        def encode() -> dict[str, torch.Tensor]:
            encoded.append(name)
            return {"prompt_embeds": torch.zeros(10)}

        cache.get(name, encode)

    for name in "abcadb":
        get(name)
    assert encoded == ["a", "b", "c", "d", "b"]
    assert cache.bytes == 120


@pytest.mark.parametrize("model", PAINTERS)
def test_a_stopped_job_ends_within_one_step_and_decodes_nothing(model: str, host: ModelHost) -> None:
    generator, steps = generator_of(host, model), Steps(stop_at=1)
    generator.embeddings(BRIEF.text, "", Steps().watch)
    transformer, decoder = module_of(host, model, "transformer"), module_of(host, model, "vae.decoder")
    with watching(transformer) as denoised, watching(decoder) as decoded, pytest.raises(JobStopped):
        generator.paint(BRIEF, SIZE, steps.watch)
    assert (denoised.count, decoded.count) == (1, 0)
    assert generator.paint(QUICK, SIZE, Steps().watch).shape == (120, 90, 3)


@pytest.mark.parametrize("model", INPAINTERS)
def test_strength_says_how_many_steps_are_taken_and_none_gives_the_picture_back(model: str, host: ModelHost) -> None:
    generator, steps, image = generator_of(host, model), Steps(), photo()
    assert same(generator.repaint(BRIEF, Repaint(image, 0.0, spot()), steps.watch), image)
    assert same(generator.repaint(BRIEF, Repaint(image, 0.7, np.zeros_like(spot())), steps.watch), image)
    assert steps.told == []
    generator.repaint(BRIEF, Repaint(image, 0.5, spot()), steps.watch)
    assert steps.count == generator.spec.steps // 2
    generator.repaint(BRIEF, Repaint(image, 1.0, spot()), steps.watch)
    assert steps.count == generator.spec.steps


@pytest.mark.parametrize("model", [*INPAINTERS, "flux2-dev"])
def test_a_mask_is_repainted_and_no_other_pixel_changes(model: str, host: ModelHost) -> None:
    image, mask = photo(), spot()
    painted = generator_of(host, model).repaint(QUICK, Repaint(image, 1.0, mask), Steps().watch)
    assert painted.shape == image.shape
    assert same(painted[mask == 0], image[mask == 0])
    assert (painted[mask > 0] != image[mask > 0]).mean() > 0.9


@pytest.mark.parametrize("model", ["flux2-klein-4b", "flux1-schnell", "z-image-turbo"])
def test_a_picture_without_a_mask_is_repainted_whole_the_less_the_weaker(model: str, host: ModelHost) -> None:
    generator, image = generator_of(host, model), photo(96, 96)
    weak, strong = (generator.repaint(BRIEF, Repaint(image, much), Steps().watch) for much in (0.25, 1.0))
    assert weak.shape == strong.shape == image.shape
    assert not same(weak, strong)


PARTS = ("text_encoder", "transformer", "vae.encoder", "vae.decoder")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("model", INPAINTERS)
def test_memory_that_runs_out_once_anywhere_changes_nothing(model: str, part: str, host: ModelHost) -> None:
    task = Repaint(photo(), 1.0, spot())
    wanted = generator_of(host, model).repaint(QUICK, task, Steps().watch)
    with watching(module_of(host, model, part), failing=1) as calls:
        painted = generator_of(host, model).repaint(QUICK, task, Steps().watch)
    assert calls.count > 1
    assert same(painted, wanted)


@pytest.mark.parametrize("part", PARTS)
def test_memory_that_stays_short_is_recovered_from_by_doing_less_at_once(part: str, host: ModelHost) -> None:
    with watching(module_of(host, "flux2-klein-4b", part), failing=4) as calls:
        generator = generator_of(host, "flux2-klein-4b")
        painted = generator.repaint(QUICK, Repaint(photo(), 1.0, spot()), Steps().watch)
    assert calls.count > 4
    assert painted.shape == photo().shape


def test_memory_too_short_for_anything_is_told_after_the_whole_ladder(host: ModelHost) -> None:
    with watching(module_of(host, "flux2-klein-4b", "transformer"), failing=99) as calls, pytest.raises(GpuOutOfMemory):
        generator_of(host, "flux2-klein-4b").paint(QUICK, SIZE, Steps().watch)
    assert calls.count == 5
    assert generator_of(host, "flux2-klein-4b").paint(QUICK, SIZE, Steps().watch).shape == (120, 90, 3)


def test_a_decoder_short_of_memory_works_in_tiles_and_costs_no_step(host: ModelHost) -> None:
    generator, steps = generator_of(host, "flux2-klein-4b"), Steps()
    vae = module_of(host, "flux2-klein-4b", "vae")
    with watching(module_of(host, "flux2-klein-4b", "vae.decoder"), failing=3) as calls:
        generator.paint(QUICK, SIZE, steps.watch)
    assert calls.count > 3 + 1
    assert len(steps.told) == 2
    assert not vae.use_tiling


def test_half_the_pixels_are_painted_where_memory_stays_short(host: ModelHost) -> None:
    generator, sizes = generator_of(host, "flux1-schnell"), []
    transformer = module_of(host, "flux1-schnell", "transformer")
    hook = transformer.register_forward_pre_hook(
        lambda module, given, named: sizes.append(named["hidden_states"].shape[1]), with_kwargs=True
    )
    try:
        with watching(transformer, failing=4):
            picture = generator.paint(QUICK, (96, 96), Steps().watch)
    finally:
        hook.remove()
    assert picture.shape == (96, 96, 3)
    assert (sizes[0], sizes[-1]) == (36, 16)


@pytest.mark.parametrize("precision", ["int8", "fp8"])
@pytest.mark.parametrize("model", ["flux2-klein-4b", "flux1-schnell", "z-image-turbo", "sd3-medium"])
def test_models_with_quantized_weights_repaint(model: str, precision: str, tiny_models: Path) -> None:
    with tiny_host(tiny_models, precision=precision) as host:
        kinds = {type(weight.data).__name__ for weight in module_of(host, model, "transformer").parameters()}
        picture = generator_of(host, model).repaint(QUICK, Repaint(photo(), 1.0, spot()), Steps().watch)
    assert kinds - {"Tensor", "Parameter"}
    assert picture.std() > 0


def test_sizes_for_the_placements_are_near_what_models_were_trained_on() -> None:
    canvas = Canvas()
    painted = {size: canvas.painted(*size) for size in ((1080, 1080), (1080, 1350), (1080, 1920), (1360, 720))}
    assert painted == {
        (1080, 1080): (1024, 1024),
        (1080, 1350): (1024, 1280),
        (1080, 1920): (1024, 1792),
        (1360, 720): (1344, 704),
    }
    assert canvas.painted(600, 1800) == (704, 1664)
    assert canvas.painted(1440, 360) == (1408, 576)


def test_the_room_asked_for_grows_with_pixels_and_with_pictures_looked_at(host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    square, tall = generator.workspace((1024, 1024)), generator.workspace((1024, 1792))
    assert 2 << 30 < square < tall < 5 << 30
    assert generator.workspace((512, 512), 6) > generator.workspace((512, 512), 0)
