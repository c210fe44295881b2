"""One MCP server before the shared aiserver, for every test here."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from support.mcp_server import McpServer, serving_mcp
from support.own_server import SAMPLES, Server

KEY = "a key that every test may know"


@pytest.fixture(scope="session")
def mcp_server(aiserver: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    with serving_mcp(tmp_path_factory.mktemp("mcp"), AISERVER_URL=aiserver.url, MCP_LINK_KEY=KEY) as server:
        yield server


@pytest.fixture(scope="session")
def photo() -> str:
    """An apple box, as base64."""
    return base64.b64encode((SAMPLES / "products" / "12.jpg").read_bytes()).decode()
