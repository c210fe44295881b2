"""While a step computes, the models of the next ones come nearer, and what is far away or absent is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.lookahead import Lookahead
from nanococoa_aiserver.engines.diffusion.selection import select_models
from nanococoa_aiserver.gpu.device import CpuDevice
from nanococoa_aiserver.gpu.residency import Residency
from nanococoa_aiserver.settings import Settings
from support.waiting import until

pytestmark = pytest.mark.diffusion


@pytest.fixture
def residency() -> Iterator[Residency]:
    opened = Residency(CpuDevice(), host_bytes=1 << 30)
    yield opened
    opened.close()


def lookahead(models: Path, residency: Residency) -> Lookahead:
    settings = Settings(models_dir=models)
    return Lookahead(ModelHost(settings, residency.device, residency), residency, select_models(settings))


def near(residency: Residency) -> set[str]:
    return {one.name for one in residency.state().components if one.in_host or one.place != "disk"}


def test_the_models_of_later_steps_are_loaded_while_the_first_computes(tiny_models: Path, residency: Residency) -> None:
    lookahead(tiny_models, residency)(["segment", "background", "composite", "analyse"])
    wanted = {"flux2-klein-4b/text_encoder", "flux2-klein-4b/transformer", "flux2-klein-4b/vae", "qwen3-vl-4b/model"}
    until(lambda: wanted <= near(residency))


def test_the_next_jobs_cut_out_comes_when_only_text_is_left(tiny_models: Path, residency: Residency) -> None:
    lookahead(tiny_models, residency)(["analyse", "design", "render", "export", "segment", "background"])
    until(lambda: "birefnet/model" in near(residency))


def test_a_model_that_is_not_here_is_not_waited_for(tmp_path: Path, residency: Residency) -> None:
    lookahead(tmp_path, residency)(["segment", "background"])
    assert residency.state().components == ()
