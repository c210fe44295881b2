"""One request's id in the logs of everything that worked for it: MCP server, aiserver, the worker that ran its job."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from mcp import Client
from support import calls
from support.mcp_server import McpServer, data, serving_mcp
from support.own_server import Server, serving
from support.waiting import until

pytestmark = pytest.mark.browser

AD = {"text_content": "햇사과 9,900원", "bg_prompt": "나무 탁자", "seed": 5}


@pytest.fixture(scope="module")
def aiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose log is read."""
    with serving(tmp_path_factory.mktemp("logged"), ENGINE="studio", LOG="json", AISERVER_WORKERS="1") as server:
        yield server


@pytest.fixture(scope="module")
def mcp_server(aiserver: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    with serving_mcp(tmp_path_factory.mktemp("mcp"), AISERVER_URL=aiserver.url, LOG="json") as server:
        yield server


def lines(log: Path, request_id: str) -> list[dict[str, Any]]:
    """What was logged under an id; a line that is no JSON fails."""
    told = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return [line for line in told if line.get("request_id") == request_id]


def done_job(log: Path, request_id: str) -> str | None:
    """The job that a worker finished for that request."""
    return next((line["job_id"] for line in lines(log, request_id) if "job is done" in line["event"]), None)


async def called(server: McpServer, request_id: str, photo: str) -> str:
    async with (
        create_mcp_http_client({"X-Request-ID": request_id}) as http,
        Client(streamable_http_client(f"{server.url}/mcp", http_client=http)) as client,
    ):
        job_id: str = data(await client.call_tool("generate_ad_image", AD | {"product_image": photo}))["job_id"]
        return job_id


async def test_an_ad_asked_for_by_a_tool_is_found_in_every_log_by_one_id(
    mcp_server: McpServer, aiserver: Server, photo: str
) -> None:
    job_id = await called(mcp_server, "order-17", photo)
    assert until(lambda: done_job(aiserver.log, "order-17"), 240) == job_id
    assert [line["tool"] for line in lines(mcp_server.log, "order-17") if line["event"] == "tool"] == [
        "generate_ad_image"
    ]
    accepted = [line for line in lines(aiserver.log, "order-17") if line["event"] == "job accepted"]
    assert [line["job_id"] for line in accepted] == [job_id]


async def test_a_fork_is_logged_under_the_request_that_asked_for_it(
    mcp_server: McpServer, aiserver: Server, photo: str
) -> None:
    job_id = await called(mcp_server, "order-18", photo)
    aiserver.finished(job_id)
    async with httpx.AsyncClient(base_url=aiserver.url, headers={"X-Request-ID": "order-19"}, timeout=60) as http:
        changed = {"from_step": "background", "changes": {"bg_prompt": "돌 바닥"}}
        again = await http.post(f"/jobs/{job_id}/resume", json=changed)
    assert again.status_code == 200, again.text
    assert until(lambda: done_job(aiserver.log, "order-19"), 240) == again.json()["job_id"]


def test_a_request_without_a_sane_id_gets_one(mcp_server: McpServer) -> None:
    assert calls.get(f"{mcp_server.url}/health").headers["x-request-id"] != ""
    given = calls.get(f"{mcp_server.url}/health", headers={"X-Request-ID": "order-7"})
    assert given.headers["x-request-id"] == "order-7"
    odd = calls.get(f"{mcp_server.url}/health", headers={"X-Request-ID": "a b\tc"})
    assert re.fullmatch(r"[0-9a-f]{32}", odd.headers["x-request-id"])
