"""The smoke test of the suite in containers: an ad through nginx, and what must hold around it."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from typing import Any

import httpx
import pytest

from .conftest import CHECKOUT, Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

PHOTO = base64.b64encode((CHECKOUT / "samples" / "coffee.jpg").read_bytes()).decode()
SERVICES = ("nginx", "customer_db", "nanococoa_aiserver", "backend", "nanococoa_mcpserver", "homepage_generator")
AD = {"product_image": PHOTO, "text_content": "갓 볶은 원두 15,900원", "bg_prompt": "나무 탁자", "seed": 7}


def submit(client: httpx.Client, **changes: Any) -> str:
    answer = client.post("/generate", json=AD | changes)
    assert answer.status_code in (200, 202), answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def finished(client: httpx.Client, job_id: str, seconds: float = 120) -> dict[str, Any]:
    """The job's last state; fails when it is still under way after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = client.get(f"/status/{job_id}", params={"images": "url"})
        if answer.status_code == 200 and answer.json()["status"] not in ("pending", "running"):
            state: dict[str, Any] = answer.json()
            return state
        time.sleep(0.3)  # between two looks at a server; the wait itself is bounded
    raise AssertionError(f"{job_id} was not finished within {seconds} s: {answer.text}")


def test_an_ad_comes_back_through_the_one_public_door(suite: Suite) -> None:
    with suite.client() as client:
        state = finished(client, submit(client))
        assert state["status"] == "completed", state["error"]
        picture = client.get(state["outputs"]["square"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(picture.content[16:20], "big") == 1080


def test_events_end_with_the_finished_job(suite: Suite) -> None:
    with suite.client() as client:
        job_id = submit(client, test_mode=True)
        with client.stream("GET", f"/jobs/{job_id}/events") as stream:
            text = "".join(stream.iter_text())
    assert "completed" in text


def test_requests_without_the_token_are_refused_and_health_is_not(suite: Suite) -> None:
    with suite.client(token="") as stranger:
        refused = stranger.get("/jobs")
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "UNAUTHORIZED"
        assert stranger.get("/health").status_code == 200


def test_an_upload_over_the_limit_is_refused_in_the_suites_envelope(suite: Suite) -> None:
    with suite.client() as client:
        refused = client.post("/generate", content=b"x" * (31 * 2**20))
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_request_id_is_passed_through(suite: Suite) -> None:
    with suite.client() as client:
        answer = client.get("/health", headers={"X-Request-ID": "order-17"})
    assert answer.headers["x-request-id"] == "order-17"


def test_chromium_keeps_its_own_sandbox_in_the_container(suite: Suite) -> None:
    """``doctor`` draws a word for real; as uid 1000 it does so only if the seccomp profile lets the sandbox be."""
    report = json.loads(suite.compose("exec", "-T", "nanococoa_aiserver", "nanococoa", "doctor", "--json"))
    chromium = next(line for line in report if line["name"] == "Chromium")
    assert chromium["verdict"] == "ok", chromium
    assert "with its sandbox" in chromium["found"]


def test_only_nginx_publishes_a_port(suite: Suite) -> None:
    for service in SERVICES:
        container = suite.compose("ps", "-q", service).strip()
        assert bool(_published_ports(container)) is (service == "nginx"), service


@pytest.mark.parametrize("service", ["nanococoa_aiserver", "backend", "nanococoa_mcpserver", "homepage_generator"])
def test_a_service_runs_without_rights_it_does_not_need(suite: Suite, service: str) -> None:
    assert suite.compose("exec", "-T", service, "id", "-u").strip() == "1000"
    status = suite.compose("exec", "-T", service, "cat", "/proc/1/status")
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status
    read_only = suite.compose("exec", "-T", service, "sh", "-c", "touch /opt/x 2>&1 || true")
    assert "Read-only file system" in read_only


def test_a_service_reaches_its_own_database_only(suite: Suite) -> None:
    asked = "PGPASSWORD=$BACKEND_DB_PASSWORD psql -h 127.0.0.1 -U backend -d {} -c 'SELECT 1' 2>&1 || true"
    own = suite.compose("exec", "-T", "customer_db", "bash", "-c", asked.format("nanococoa_customers"))
    others = suite.compose("exec", "-T", "customer_db", "bash", "-c", asked.format("nanococoa_jobs"))
    assert "(1 row)" in own
    assert "permission denied" in others


def _published_ports(container: str) -> list[Any]:
    template = "{{json .NetworkSettings.Ports}}"
    done = subprocess.run(["docker", "inspect", "-f", template, container], capture_output=True, text=True, check=True)
    return [port for port in json.loads(done.stdout).values() if port]


def test_waiting_jobs_survive_a_restart_of_the_aiserver(suite: Suite) -> None:
    with suite.client() as client:
        jobs = [submit(client, seed=seed) for seed in range(3)]
        suite.compose("restart", "--timeout", "10", "nanococoa_aiserver")
        states = [finished(client, job_id) for job_id in jobs]
    assert [state["status"] for state in states] == ["completed"] * 3
