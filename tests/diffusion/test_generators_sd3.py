"""Stable Diffusion 3 as the classic fill: guided by two runs, decoded with the shift its pipeline forgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusion3InpaintPipeline
from PIL import Image

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_client.errors import ModelUnavailable
from support.generating import Steps, alike, generator_of, photo, same, spot, tiny_host

pytestmark = pytest.mark.diffusion

MODEL = "sd3-medium"
EVERYWHERE = np.ones((96, 96), np.float32)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


def test_the_filling_is_the_librarys_own_but_for_the_shift(host: ModelHost, tiny_models: Path) -> None:
    pipe = StableDiffusion3InpaintPipeline.from_pretrained(tiny_models / MODEL, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    latents = pipe(
        "a bowl",
        negative_prompt="a crowd",
        image=Image.fromarray(photo(96, 96)),
        mask_image=Image.new("L", (96, 96), 255),
        width=96,
        height=96,
        strength=0.5,
        num_inference_steps=4,
        guidance_scale=7.0,
        generator=torch.Generator("cpu").manual_seed(5),
        output_type="latent",
    ).images
    config = pipe.vae.config
    with torch.no_grad():
        decoded = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor).sample
    (own,) = pipe.image_processor.postprocess(decoded, output_type="pil")
    brief = Brief("a bowl", negative="a crowd", seed=5, steps=4)
    filled = generator_of(host, MODEL).repaint(brief, Repaint(photo(96, 96), 0.5, EVERYWHERE), Steps().watch)
    assert alike(filled, np.asarray(own))


def test_guidance_and_negative_prompt_count(host: ModelHost) -> None:
    generator, task = generator_of(host, MODEL), Repaint(photo(), 1.0, spot())
    usual, weaker, led = (
        generator.repaint(Brief("a bowl", steps=2, guidance=guidance, negative=negative), task, Steps().watch)
        for guidance, negative in ((None, ""), (3.0, ""), (None, "a crowd"))
    )
    assert not same(usual, weaker)
    assert not same(usual, led)


def test_it_neither_paints_nor_edits(host: ModelHost) -> None:
    generator = generator_of(host, MODEL)
    with pytest.raises(ModelUnavailable, match="GENERATOR_MODEL"):
        generator.paint(Brief("a bowl"), (96, 96), Steps().watch)
    with pytest.raises(ModelUnavailable, match="GENERATOR_MODEL"):
        generator.edit(Brief("a bowl"), [photo()], Steps().watch)


def test_what_an_encoder_cuts_is_noted(host: ModelHost) -> None:
    generator = generator_of(host, MODEL)
    notes = generator.notes(Brief("x" * 400, summary="x" * 90))
    assert [(key, told["encoder"], told["limit"]) for key, told in notes] == [
        ("prompt_summary_cut", "CLIP", 77),
        ("prompt_cut", "T5", 256),
    ]
