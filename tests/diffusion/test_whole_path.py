"""The diffusion engine end to end on tiny checkpoints: from ``POST`` to PNG through the real server and its worker.

The models are random, so nothing here asks whether a picture is good: only that every model had its part, that the
promises hold (core untouched, stop within a step, a killed worker's job goes on), and that what cannot run says why.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nanococoa_aiserver.imaging.disclosure import SourceType
from nanococoa_aiserver.imaging.encode import read_source
from support import calls
from support.own_server import SAMPLES, Server, serving
from support.waiting import until

pytestmark = [pytest.mark.diffusion, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

PHOTO = (SAMPLES / "products" / "12.jpg").read_bytes()
SMALL = "banner_970x250"
"""Painted with half a square's pixels: on a processor that is a fifth of its attention."""
PATIENCE = 480.0
"""Seconds an ad may take here: one process has imported nothing yet, and four others share its cores."""


@pytest.fixture(scope="module")
def server(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("diffusion"), ENGINE="diffusion", MODELS_DIR=str(tiny_models)) as running:
        yield running


def encoded(picture: bytes = PHOTO) -> str:
    return base64.b64encode(picture).decode()


def fetched(server: Server, path: str) -> bytes:
    answer = calls.get(server.url + path, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def light(server: Server, path: str, **body: Any) -> dict[str, Any]:
    answer = calls.post(f"{server.url}{path}", json={"wait_seconds": 60, "locale": "ko"} | body, timeout=90)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def test_a_photo_and_a_line_of_copy_become_an_ad_by_models_alone(server: Server) -> None:
    job = server.submit(formats="square,story", bg_composition_prompt="soft contact shadow", strength="0.7")
    state = server.finished(job, PATIENCE)
    assert state["status"] == "completed", state["error"]
    assert state["engine"] == "diffusion"
    assert state["checks"]["fidelity"]["core_difference"] == 0
    assert state["checks"]["legibility"]["passed"]
    assert state["checks"]["self_check"]["attempts"] >= 1
    assert state["checks"]["self_check"]["clip_score"] is not None
    assert state["layer"]["contact"]
    picture = fetched(server, state["outputs"]["square"])
    assert Image.open(io.BytesIO(picture)).size == (1080, 1080)
    assert read_source(picture) is SourceType.COMPOSITE_TRAINED


def test_its_text_is_changed_afterwards_without_a_model(server: Server) -> None:
    ad = server.finished(server.submit(formats=SMALL), PATIENCE)
    body = {"job_id": ad["job_id"], "fields": {"headline": "꿀사과"}}
    answer = calls.post(f"{server.url}/render", json=body, timeout=90).json()
    assert answer["status"] == "completed", answer
    assert read_source(fetched(server, answer["outputs"][SMALL])) is SourceType.COMPOSITE_TRAINED


def test_an_instruction_edits_a_picture_at_its_own_size(server: Server) -> None:
    body = {"image": encoded(), "instruction": "사과를 배로 바꿔 줘", "keep_product": False, "seed": 3}
    answer = calls.post(f"{server.url}/edit", json=body, timeout=60)
    assert answer.status_code in (200, 202), answer.text
    state = server.finished(answer.json()["job_id"], PATIENCE)
    assert state["status"] == "completed", state["error"]
    assert state["edit"]["prompt"]
    (path,) = state["outputs"].values()
    assert Image.open(io.BytesIO(fetched(server, path))).size == Image.open(io.BytesIO(PHOTO)).size


def test_a_question_about_a_picture_is_answered(server: Server) -> None:
    result = light(server, "/analyze", image=encoded(), question="무엇이 보이나요?")
    assert isinstance(result["text"], str)


def test_a_picture_is_described_in_four_views(server: Server) -> None:
    views = light(server, "/analyze", image=encoded())["views"]
    assert {"spatial", "color_material", "lighting_mood", "overall"} <= set(views)


@pytest.mark.parametrize("model", ["openai", "koclip"])
def test_a_picture_is_scored_against_a_text(server: Server, model: str) -> None:
    result = light(server, "/clip-score", image_base64=encoded(), prompt="빨간 사과", model_type=model)
    assert 0 <= result["clip_score"] <= 100
    assert result["model_type"] == model
    assert result["interpretation"]


def test_a_cut_out_comes_from_birefnet(server: Server) -> None:
    assert light(server, "/cutout", image=encoded())["method"].startswith("birefnet")


def test_the_server_tells_what_lies_where_and_which_engine_it_runs(server: Server) -> None:
    server.finished(server.submit(formats=SMALL), PATIENCE)
    until(lambda: calls.get(f"{server.url}/health", timeout=60).json()["engine"] == "diffusion")
    told = calls.get(f"{server.url}/metrics", timeout=60).text
    assert 'component="flux2-klein-4b/transformer"' in told
    assert "nanococoa_residency_moves_total" in told


def test_a_wish_longer_than_an_encoder_reads_is_warned_of(server: Server) -> None:
    wish = "나무 탁자 위에 아침 햇살이 비치고 " * 12
    state = server.finished(server.submit(formats=SMALL, bg_prompt=wish), PATIENCE)
    assert state["status"] == "completed", state["error"]
    assert state["warnings"]


def denoising(server: Server, job: str) -> bool:
    return "flux" in (server.status(job)["sub_step"] or "")


def test_a_stop_in_the_middle_of_denoising_ends_the_job_and_resume_finishes_it(server: Server) -> None:
    job = server.submit(formats=SMALL)
    until(lambda: denoising(server, job), PATIENCE)
    assert calls.post(f"{server.url}/stop/{job}", timeout=60).json()["status"] == "stopped"
    assert calls.post(f"{server.url}/jobs/{job}/resume", json={}, timeout=60).status_code == 200
    state = server.finished(job, PATIENCE)
    assert state["status"] == "completed", state["error"]


def test_a_worker_killed_in_the_middle_of_denoising_is_replaced_and_its_ad_goes_on(server: Server) -> None:
    job = server.submit(formats=SMALL)
    until(lambda: denoising(server, job), PATIENCE)
    (worker,) = server.workers()
    worker.kill()
    state = server.finished(job, PATIENCE)
    assert state["status"] == "completed", state["error"]
    assert state["checks"]["fidelity"]["core_difference"] == 0


def test_a_truncated_model_fails_its_job_with_what_to_do_and_the_server_lives(
    tiny_models: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_models, models)
    (weights,) = (models / "flux2-klein-4b" / "transformer").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-2000])
    with serving(tmp_path, ENGINE="diffusion", MODELS_DIR=str(models)) as damaged:
        state = damaged.finished(damaged.submit(formats=SMALL), PATIENCE)
        assert state["status"] == "failed"
        assert state["error"]["code"] == "MODEL_LOAD_ERROR"
        assert "flux2-klein-4b" in state["error"]["message"]
        assert light(damaged, "/cutout", image=encoded())["method"].startswith("birefnet")


def test_a_licence_that_was_not_accepted_ends_the_start_with_what_to_do(tiny_models: Path, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("nanococoa")), "serve", "--engine", "diffusion"]
    environment = os.environ | {"GENERATOR_MODEL": "flux1-dev", "MODELS_DIR": str(tiny_models), "LANG": "en_US.UTF-8"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "ACCEPT_NONCOMMERCIAL_MODELS=1" in done.stderr
