"""Z-Image Turbo: the library's own picture, no second run for guidance, repainting in its own dtype."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import ZImagePipeline

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from support.generating import Steps, alike, generator_of, module_of, photo, same, spot, tiny_host, watching

pytestmark = pytest.mark.diffusion

MODEL = "z-image-turbo"


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


def test_the_picture_is_the_librarys_own(host: ModelHost, tiny_models: Path) -> None:
    pipe = ZImagePipeline.from_pretrained(tiny_models / MODEL, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    own = pipe(
        "달항아리",
        width=96,
        height=96,
        num_inference_steps=8,
        guidance_scale=0.0,
        generator=torch.Generator("cpu").manual_seed(5),
    ).images[0]
    painted = generator_of(host, MODEL).paint(Brief("달항아리", seed=5), (96, 96), Steps().watch)
    assert alike(painted, np.asarray(own))


def test_a_negative_prompt_costs_no_second_run(host: ModelHost) -> None:
    with watching(module_of(host, MODEL, "transformer")) as calls:
        generator_of(host, MODEL).paint(Brief("a jar", negative="a crowd", guidance=5.0), (96, 96), Steps().watch)
    assert calls.count == 8


def test_sixteen_bit_weights_repaint_too(tiny_models: Path) -> None:
    with tiny_host(tiny_models, precision="bf16") as host:
        assert next(module_of(host, MODEL, "transformer").parameters()).dtype == torch.bfloat16
        generator, image = generator_of(host, MODEL), photo()
        for task in (Repaint(image, 0.5), Repaint(image, 1.0, spot())):
            assert not same(generator.repaint(Brief("a jar", steps=2), task, Steps().watch), image)


def test_a_cut_is_noted(host: ModelHost) -> None:
    generator = generator_of(host, MODEL)
    assert generator.notes(Brief("항아리")) == ()
    ((key, told),) = generator.notes(Brief("항아리" * 100))
    assert (key, told["encoder"], told["limit"]) == ("prompt_cut", "Qwen3", 512)
