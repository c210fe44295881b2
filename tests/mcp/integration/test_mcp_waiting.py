"""Waiting for a job: progress, giving up, clients and servers that die. The job goes on, whatever happens to a wait."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from nanococoa_aiserver.settings import Settings
from support import calls
from support.api_server import ApiServer, serving, working
from support.api_worker import PICTURE
from support.mcp_server import Era, McpServer, Transport, data, said, serving_mcp
from support.ports import free_port
from support.waiting import until

HELD = {"text_content": "갓 짠 참기름 17,000원", "bg_prompt": "hold background"}
"""A job of the tests' worker that works on its background until it is stopped."""

WIRES = [("http", "auto"), ("http", "legacy"), ("sse", "legacy"), ("stdio", "auto"), ("stdio", "legacy")]
CLIENT = """
import sys, asyncio
from mcp import Client
async def main(url, job_id):
    async with Client(url, mode="legacy") as client:
        async def told(done, total, message): print("waiting", flush=True)
        asked = {"job_id": job_id, "wait_seconds": 40}
        await client.call_tool("check_generation_status", asked, progress_callback=told)
asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An aiserver whose worker holds jobs at a word."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("house") / "data")
    with serving(settings) as server, working(settings):
        until(lambda: calls.get(f"{server.url}/ready", timeout=60).status_code == 200, 180)
        yield server


@pytest.fixture(scope="module")
def mcp_house(house: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    with serving_mcp(tmp_path_factory.mktemp("mcp"), AISERVER_URL=house.url) as server:
        yield server


@pytest.fixture
def held_job(house: ApiServer) -> Iterator[str]:
    """A job under way, stopped afterwards."""
    answer = calls.post(f"{house.url}/generate", data=HELD, files={"product_image": PICTURE}, timeout=60)
    job_id = answer.json()["job_id"]
    until(lambda: state_of(house, job_id) == "running")
    yield job_id
    calls.post(f"{house.url}/stop/{job_id}", timeout=60)


def state_of(house: ApiServer, job_id: str) -> str:
    state: str = calls.get(f"{house.url}/status/{job_id}?images=none", timeout=60).json()["status"]
    return state


@pytest.mark.alone
@pytest.mark.parametrize(("transport", "era"), WIRES)
async def test_progress_comes_while_waiting_and_the_answer_when_the_time_is_over(
    mcp_house: McpServer, held_job: str, transport: Transport, era: Era
) -> None:
    told: list[float] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with mcp_house.client(transport, era) as client:
        began = asyncio.get_running_loop().time()
        asked = {"job_id": held_job, "wait_seconds": 3.5}
        state = data(await client.call_tool("check_generation_status", asked, progress_callback=tell))
        assert asyncio.get_running_loop().time() - began < 3.5 * 1.2
    assert state["status"] == "running"
    assert "check_generation_status" in state["next"]
    assert len(told) >= 2
    assert told == sorted(set(told)), "the protocol wants progress to grow"


async def test_a_wait_ends_at_once_with_its_job(house: ApiServer, mcp_house: McpServer, held_job: str) -> None:
    async with mcp_house.client() as client, asyncio.timeout(35), asyncio.TaskGroup() as group:
        asked = {"job_id": held_job, "wait_seconds": 40}
        waits = [group.create_task(client.call_tool("check_generation_status", asked)) for _ in range(3)]
        stopped = data(await client.call_tool("stop_generation", {"job_id": held_job}))
        assert stopped["stopped"]
        assert [data(await wait)["status"] for wait in waits] == ["stopped"] * 3


@pytest.mark.parametrize(("transport", "era"), WIRES)
async def test_giving_up_a_wait_leaves_the_job_at_work(
    house: ApiServer, mcp_house: McpServer, held_job: str, transport: Transport, era: Era
) -> None:
    async with mcp_house.client(transport, era) as client:
        with anyio.move_on_after(1) as given_up:
            await client.call_tool("check_generation_status", {"job_id": held_job, "wait_seconds": 30})
        assert given_up.cancelled_caught
        after = data(await client.call_tool("check_generation_status", {"job_id": held_job, "wait_seconds": 0}))
        assert after["status"] == "running"


def test_a_killed_client_leaves_the_job_at_work(house: ApiServer, mcp_house: McpServer, held_job: str) -> None:
    command = [sys.executable, "-c", CLIENT, f"{mcp_house.url}/mcp", held_job]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"waiting\n"
        client.send_signal(signal.SIGKILL)
    assert state_of(house, held_job) == "running"
    assert calls.get(f"{mcp_house.url}/health", timeout=60).status_code == 200


async def test_a_wait_outlives_a_restart_of_the_aiserver(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with serving_mcp(tmp_path, AISERVER_URL=f"http://127.0.0.1:{(port := free_port())}") as mcp, working(settings):
        async with mcp.client() as client:
            away = await client.call_tool("list_jobs", {})
            assert said(away).startswith("UPSTREAM_UNAVAILABLE: ")
            first = await asyncio.to_thread(_started, settings, port)
            job_id = _submit(port)
            told: list[str] = []

            async def tell(progress: float, total: float | None, message: str | None) -> None:
                told.append(message or "")

            asked = {"job_id": job_id, "wait_seconds": 40}
            wait = asyncio.create_task(client.call_tool("check_generation_status", asked, progress_callback=tell))
            await asyncio.to_thread(until, lambda: told, 30)
            await asyncio.to_thread(_end, first)
            await asyncio.to_thread(until, lambda: any("그대로" in message for message in told), 30)
            second = await asyncio.to_thread(_started, settings, port)
            await asyncio.to_thread(httpx.post, f"http://127.0.0.1:{port}/stop/{job_id}")
            assert data(await asyncio.wait_for(wait, 39))["status"] == "stopped"
            await asyncio.to_thread(_end, second)


def _submit(port: int) -> str:
    answer = calls.post(f"http://127.0.0.1:{port}/generate", data=HELD, files={"product_image": PICTURE}, timeout=60)
    job_id: str = answer.json()["job_id"]
    return job_id


def _started(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    """The API alone, on a port that stays the same."""
    command = [str(Path(sys.executable).with_name("nanococoa")), "serve", "--workers", "0", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **settings.environment()}, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            return calls.get(f"http://127.0.0.1:{port}/health", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    until(answers)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)
