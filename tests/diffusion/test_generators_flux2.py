"""FLUX.2: the library's own picture, editing in any shape with references, adapters, klein's and dev's layers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from transformers import AutoTokenizer

from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, load_catalogue
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.ports import Adapter
from nanococoa_aiserver.imaging.types import Rgb
from support.generating import Steps, alike, generator_of, module_of, photo, same, spot, tiny_host, watching

pytestmark = pytest.mark.diffusion

BRIEF = Brief("perfume on a beach", seed=5, steps=2)
WARM = (Adapter("warm-light"),)
SIZE = (96, 96)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        for model in ("flux2-klein-4b", "flux2-dev"):
            _uneven(module_of(host, model, "vae"))
        yield host


def pipeline(model: str, folder: Path) -> Any:
    """The library's own."""
    components = load_catalogue()[model].components.items()
    parts = {
        name: _class_of(part).from_pretrained(folder / model / name, dtype=torch.float32) for name, part in components
    }
    parts["tokenizer"] = AutoTokenizer.from_pretrained(folder / model / "tokenizer")
    parts["scheduler"] = diffusers.FlowMatchEulerDiscreteScheduler.from_pretrained(folder / model / "scheduler")
    klein = "klein" in model
    pipe = diffusers.Flux2KleinPipeline(**parts, is_distilled=True) if klein else diffusers.Flux2Pipeline(**parts)
    pipe.set_progress_bar_config(disable=True)
    _uneven(pipe.vae)
    return pipe


def library(model: str, folder: Path, **given: Any) -> Rgb:
    """The picture of the library's own pipeline."""
    random = torch.Generator("cpu").manual_seed(5)
    guidance = 1.0 if "klein" in model else 4.0
    size: dict[str, Any] = {"width": 96, "height": 96, "num_inference_steps": 2, "guidance_scale": guidance}
    made = pipeline(model, folder)(prompt=BRIEF.text, generator=random, **size, **given)
    return np.asarray(made.images[0])


def _uneven(vae: Any) -> None:
    """Statistics of latents as only trained weights have them: fresh ones are 0 and 1, and would hide a slip."""
    channels = len(vae.bn.running_mean)
    vae.bn.running_mean.copy_(torch.linspace(-0.5, 0.7, channels))
    vae.bn.running_var.copy_(torch.linspace(0.5, 3, channels))


def _class_of(part: ComponentSpec) -> Any:
    return getattr(diffusers if part.library == "diffusers" else transformers, part.class_name)


@pytest.mark.parametrize("model", ["flux2-klein-4b", "flux2-dev"])
def test_the_picture_is_the_librarys_own(model: str, host: ModelHost, tiny_models: Path) -> None:
    assert alike(generator_of(host, model).paint(BRIEF, SIZE, Steps().watch), library(model, tiny_models))


@pytest.mark.parametrize("model", ["flux2-klein-4b", "flux2-dev"])
def test_the_prompt_is_read_from_the_layers_the_model_was_trained_on(
    model: str, host: ModelHost, tiny_models: Path
) -> None:
    words, _ = pipeline(model, tiny_models).encode_prompt(BRIEF.text)
    assert torch.equal(generator_of(host, model).embeddings(BRIEF.text, "", Steps().watch)["prompt_embeds"], words)


@pytest.mark.parametrize("model", ["flux2-klein-4b", "flux2-dev"])
def test_an_edit_is_the_librarys_own(model: str, host: ModelHost, tiny_models: Path) -> None:
    images = [photo(96, 96), photo(80, 80, seed=1)]
    edited = generator_of(host, model).edit(BRIEF, images, Steps().watch)
    assert alike(edited, library(model, tiny_models, image=[Image.fromarray(image) for image in images]))


@pytest.mark.parametrize(("width", "height"), [(120, 80), (75, 133), (601, 80), (96, 96), (31, 300), (400, 299)])
def test_an_edited_picture_keeps_its_shape_whatever_it_is(width: int, height: int, host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    generator.canvas = type(generator.canvas)(192 * 192, 16)  # the pipeline wants sides of 64 px and more
    assert generator.edit(BRIEF, [photo(width, height)], Steps().watch).shape == (height, width, 3)


def test_references_have_a_say(host: ModelHost) -> None:
    generator, image = generator_of(host, "flux2-klein-4b"), photo(96, 96)
    alone, beside, beside_another = (
        generator.edit(BRIEF, [image, *references], Steps().watch)
        for references in ([], [photo(96, 96, seed=1)], [photo(96, 96, seed=2), photo(80, 96, seed=3)])
    )
    assert not same(alone, beside)
    assert not same(beside, beside_another)


def test_references_have_a_say_in_what_is_filled(host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    alone, beside = (
        generator.repaint(BRIEF, Repaint(photo(), 1.0, spot(), references), Steps().watch)
        for references in ([], [photo(96, 96, seed=1), photo(80, 96, seed=2)])
    )
    assert not same(alone, beside)


def test_a_small_region_is_filled_at_a_larger_scale_than_the_picture_has(host: ModelHost) -> None:
    generator, image = generator_of(host, "flux2-klein-4b"), photo(600, 500)
    mask = np.zeros((500, 600), np.float32)
    mask[200:230, 300:330] = 1
    shown: list[float] = []
    hook = module_of(host, "flux2-klein-4b", "vae.encoder").register_forward_pre_hook(
        lambda module, given: shown.append(float(np.abs(np.diff(given[0][0, 0].numpy(), axis=1)).mean()))
    )
    try:
        filled = generator.repaint(BRIEF, Repaint(image, 1.0, mask), Steps().watch)
    finally:
        hook.remove()
    assert same(filled[mask == 0], image[mask == 0])
    assert shown[0] > 0.3  # noise by the pixel survives: the whole picture on this canvas would be a grey average


def test_an_adapter_changes_the_picture_and_leaves_no_trace(host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    before, warm, after = (
        generator.paint(Brief(BRIEF.text, seed=5, adapters=adapters), SIZE, Steps().watch)
        for adapters in ((), WARM, ())
    )
    assert not same(before, warm)
    assert same(before, after)


def test_an_adapter_works_as_strongly_as_asked(host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    plain, half, full = (
        generator.paint(Brief(BRIEF.text, seed=5, adapters=(Adapter("warm-light", scale),)), SIZE, Steps().watch)
        for scale in (0.0, 0.5, 1.0)
    )
    far = [np.abs(other.astype(int) - plain).mean() for other in (half, full)]
    assert 0 < far[0] < far[1]


def test_an_adapter_needs_no_new_embedding(host: ModelHost) -> None:
    generator = generator_of(host, "flux2-klein-4b")
    with watching(module_of(host, "flux2-klein-4b", "text_encoder")) as calls:
        generator.paint(BRIEF, SIZE, Steps().watch)
        generator.paint(Brief(BRIEF.text, steps=2, adapters=WARM), SIZE, Steps().watch)
    assert calls.count == 1


@pytest.mark.parametrize(("model", "encoder"), [("flux2-klein-4b", "Qwen3"), ("flux2-dev", "Mistral")])
def test_a_cut_is_noted_exactly_where_the_encoder_cuts(model: str, encoder: str, host: ModelHost) -> None:
    generator, watch = generator_of(host, model), Steps().watch
    ((key, told),) = generator.notes(Brief("빛" * 400))
    assert (key, told["encoder"], told["limit"]) == ("prompt_cut", encoder, 512)
    last = 400 - -(-(int(str(told["tokens"])) - 512) // 3)  # three bytes, three tokens to a syllable here
    assert generator.notes(Brief("빛" * last)) == ()
    assert generator.notes(Brief("빛" * (last + 1))) != ()
    fits, more = (generator.embeddings("빛" * n, "", watch)["prompt_embeds"] for n in (last, last + 1))
    assert not torch.equal(fits, more)
