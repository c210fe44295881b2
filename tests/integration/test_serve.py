"""``nanococoa serve`` as an engineer starts it: the API, its own workers, real ads, and their end."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support import calls
from support.own_server import SAMPLES, Server, serving
from support.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("serve")) as running:
        yield running


def test_a_photo_and_a_line_of_copy_become_an_ad(server: Server) -> None:
    state = server.finished(server.submit(formats="square,kakao_bizboard"))
    assert state["status"] == "completed", state
    assert state["progress_percent"] == 100
    assert state["engine"] == "studio"
    assert state["checks"]["legibility"]["passed"]
    assert state["checks"]["fidelity"]["core_difference"] == 0
    picture = calls.get(server.url + state["outputs"]["kakao_bizboard"], timeout=60)
    assert picture.headers["content-type"] == "image/png"
    assert len(picture.content) <= 300_000


def test_health_says_which_engine_runs_and_why_auto_took_the_studio(server: Server) -> None:
    def told() -> dict[str, str]:
        answer: dict[str, str] = calls.get(f"{server.url}/health", timeout=60).json()
        return answer

    until(lambda: told()["engine"] == "studio")
    assert told()["engine_note"]


def test_the_text_is_changed_without_painting_again(server: Server) -> None:
    ad = server.finished(server.submit())
    body = {"job_id": ad["job_id"], "style": "lower", "fields": {"headline": "꿀사과"}}
    answer = calls.post(f"{server.url}/render", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    again = answer.json()
    assert again["outputs"]["square"] != ad["outputs"]["square"]
    assert calls.get(server.url + again["outputs"]["square"], timeout=60).status_code == 200


def test_a_cutout_is_answered_at_once(server: Server) -> None:
    photo = (SAMPLES / "products" / "12.jpg").read_bytes()
    body = {"image": base64.b64encode(photo).decode()}
    answer = calls.post(f"{server.url}/cutout", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["verdict"] in ("ok", "uncertain")


def test_a_killed_worker_is_replaced_and_its_ad_goes_on(server: Server) -> None:
    job_id = server.submit(formats="square,portrait,story,wide")
    until(lambda: server.status(job_id)["status"] == "running")
    (worker,) = server.workers()
    worker.kill()
    state = server.finished(job_id)
    assert state["status"] == "completed", state
    assert worker.pid not in [other.pid for other in server.workers()]


def test_an_ad_under_way_is_stopped_and_can_be_resumed(server: Server) -> None:
    job_id = server.submit(formats="all")
    until(lambda: (server.status(job_id)["current_step"] or "").startswith("step2"))
    assert calls.post(f"{server.url}/stop/{job_id}", timeout=60).json()["status"] == "stopped"
    assert calls.post(f"{server.url}/jobs/{job_id}/resume", json={}, timeout=60).status_code == 200
    until(lambda: server.status(job_id)["status"] == "running")
    assert calls.post(f"{server.url}/stop/{job_id}", timeout=60).json()["status"] == "stopped"


def test_sigterm_ends_the_server_and_every_worker(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        until(server.workers)
        family = psutil.Process(server.process.pid).children(recursive=True)
    assert server.process.returncode == 0
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
