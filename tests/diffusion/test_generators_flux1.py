"""FLUX.1: the same picture as the library's own pipeline, two encoders of different length, guidance, negatives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Repaint
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_client.errors import ModelUnavailable
from support.generating import Steps, alike, generator_of, module_of, photo, same, tiny_host, watching

pytestmark = pytest.mark.diffusion

SIZE = (96, 96)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.mark.parametrize(
    ("model", "steps", "guidance", "limit"), [("flux1-schnell", 4, 0.0, 256), ("flux1-dev", 28, 3.5, 512)]
)
def test_the_picture_is_the_librarys_own(
    model: str, steps: int, guidance: float, limit: int, host: ModelHost, tiny_models: Path
) -> None:
    pipe = FluxPipeline.from_pretrained(tiny_models / model, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    own = pipe(
        "a red shoe on marble",
        width=96,
        height=96,
        num_inference_steps=steps,
        guidance_scale=guidance,
        max_sequence_length=limit,
        generator=torch.Generator("cpu").manual_seed(5),
    ).images[0]
    painted = generator_of(host, model).paint(Brief("a red shoe on marble", seed=5), SIZE, Steps().watch)
    assert alike(painted, np.asarray(own))


def test_dev_follows_the_guidance_asked_for(host: ModelHost) -> None:
    generator = generator_of(host, "flux1-dev")
    usual, asked, strong = (
        generator.paint(Brief("a shoe", steps=2, guidance=guidance), SIZE, Steps().watch)
        for guidance in (None, 3.5, 8.0)
    )
    assert same(usual, asked)
    assert not same(usual, strong)


def test_dev_is_led_away_from_a_negative_prompt_by_a_second_run_of_each_step(host: ModelHost) -> None:
    generator, transformer = generator_of(host, "flux1-dev"), module_of(host, "flux1-dev", "transformer")
    plain = generator.paint(Brief("a shoe", steps=2), SIZE, Steps().watch)
    with watching(transformer) as calls:
        led = generator.paint(Brief("a shoe", steps=2, negative="a crowd"), SIZE, Steps().watch)
    assert calls.count == 4
    assert not same(plain, led)


def test_schnell_was_not_made_for_negative_prompts(host: ModelHost) -> None:
    generator = generator_of(host, "flux1-schnell")
    plain, negative = (
        generator.paint(Brief("a shoe", negative=negative), SIZE, Steps().watch) for negative in ("", "a crowd")
    )
    assert same(plain, negative)


def test_clip_reads_the_summary_and_t5_the_whole_text(host: ModelHost) -> None:
    watch, generator = Steps().watch, generator_of(host, "flux1-schnell")
    whole = generator.embeddings("a shoe on a long table", "", watch)
    short = generator.embeddings("a shoe on a long table", "a shoe", watch)
    direct = generator.embeddings("a shoe", "", watch)
    assert torch.equal(whole["prompt_embeds"], short["prompt_embeds"])
    assert torch.equal(direct["pooled_prompt_embeds"], short["pooled_prompt_embeds"])
    assert not torch.equal(whole["pooled_prompt_embeds"], short["pooled_prompt_embeds"])


def test_what_an_encoder_cuts_is_noted_with_numbers(host: ModelHost) -> None:
    generator = generator_of(host, "flux1-schnell")
    assert generator.notes(Brief("x" * 20)) == ()
    (note,) = generator.notes(Brief("x" * 100))
    assert note == ("prompt_summary_cut", {"encoder": "CLIP", "tokens": 102, "limit": 77})
    assert [key for key, _ in generator.notes(Brief("x" * 300, summary="x" * 20))] == ["prompt_cut"]
    assert [key for key, _ in generator.notes(Brief("x" * 300))] == ["prompt_summary_cut", "prompt_cut"]


def test_a_cut_is_noted_exactly_where_the_encoder_cuts(host: ModelHost) -> None:
    generator, watch = generator_of(host, "flux1-schnell"), Steps().watch
    cut = next(n for n in range(200, 300) if generator.notes(Brief("x" * n, summary="x")))
    shorter, whole, more = (generator.embeddings("x" * (cut + n), "x", watch)["prompt_embeds"] for n in (-2, -1, 0))
    assert not torch.equal(shorter, whole)
    assert torch.equal(whole, more)  # the last letter was not read


def test_references_are_refused_with_what_to_choose(host: ModelHost) -> None:
    generator = generator_of(host, "flux1-schnell")
    with pytest.raises(ModelUnavailable, match="flux2-klein-4b"):
        generator.edit(Brief("a shoe"), [photo(), photo()], Steps().watch)
    with pytest.raises(ModelUnavailable):
        generator.repaint(Brief("a shoe"), Repaint(photo(), 0.5, references=[photo()]), Steps().watch)


def test_an_edit_without_references_repaints_the_picture(host: ModelHost) -> None:
    generator, steps = generator_of(host, "flux1-dev"), Steps()
    assert generator.edit(Brief("a shoe"), [photo()], steps.watch).shape == photo().shape
    assert steps.count == 23  # of 28, by a strength of 0.8
