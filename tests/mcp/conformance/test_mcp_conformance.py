"""The protocol's conformance suite and its inspector, as ``scripts/conformance`` brings them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support import calls
from support.mcp_server import McpServer
from support.ports import free_port
from support.waiting import until

pytestmark = [pytest.mark.conformance, pytest.mark.slow, pytest.mark.timeout(1200)]

CHECKS = 44
"""All of the suite's checks of a server, those not yet in force included."""

GENERIC = (
    "server-initialize", "ping", "tools-list", "resources-list", "prompts-list", "completion-complete",
    "server-sse-multiple-streams", "dns-rebinding-protection",
)  # fmt: skip
"""Scenarios that mean something without the suite's fixtures."""

NEEDS_SESSIONS = "server-sse-multiple-streams"
"""Only warned about where there are no sessions, as on the product; with sessions it is among the 44."""


@pytest.fixture(scope="module")
def fixtures_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product's own application with the suite's fixtures registered on it."""
    port, log = free_port(), tmp_path_factory.mktemp("conformance") / "server.log"
    tests = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-m", "support.conformance_app", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": tests}, stdout=file, stderr=file)

    def answers() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            return calls.get(f"http://127.0.0.1:{port}/health", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(answers)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(60)


def conformance(url: str, folder: Path, *options: str) -> str:
    command = ["conformance", "server", "--url", url, "--output-dir", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_check_of_the_suite_passes_on_our_server_with_its_fixtures(fixtures_server: str, tmp_path: Path) -> None:
    told = conformance(fixtures_server, tmp_path, "--suite", "all")
    assert f"Total: {CHECKS} passed, 0 failed" in told, told


@pytest.mark.parametrize("scenario", GENERIC)
def test_a_generic_scenario_passes_on_the_product(mcp_server: McpServer, tmp_path: Path, scenario: str) -> None:
    conformance(f"{mcp_server.url}/mcp", tmp_path, "--scenario", scenario)
    (report,) = tmp_path.rglob("checks.json")
    outcomes = [check["status"] for check in json.loads(report.read_text("utf-8"))]
    assert "FAILURE" not in outcomes
    assert ("SUCCESS" in outcomes) == (scenario != NEEDS_SESSIONS)


def inspector(server: McpServer, transport: str, *options: str) -> dict[str, Any]:
    path = {"http": "/mcp", "sse": "/sse"}[transport]
    command = ["mcp-inspector", "--cli", server.url + path, "--transport", transport, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("transport", ["http", "sse"])
def test_the_inspector_lists_and_calls_the_tools(mcp_server: McpServer, transport: str) -> None:
    listed = inspector(mcp_server, transport, "--method", "tools/list")["tools"]
    assert {"generate_ad_image", "check_generation_status", "list_formats"} <= {tool["name"] for tool in listed}
    called = inspector(mcp_server, transport, "--method", "tools/call", "--tool-name", "list_formats")
    assert {"square", "story"} <= {spec["name"] for spec in called["structuredContent"]["formats"]}
