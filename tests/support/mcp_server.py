"""``nanococoa-mcp`` as an engineer starts it: a process of its own on a free port, and the SDK's clients of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult, TextContent

from mcp import Client, StdioServerParameters
from support import calls
from support.ports import free_port
from support.waiting import until

Transport: TypeAlias = Literal["http", "sse", "stdio"]
Era: TypeAlias = Literal["auto", "legacy"]
COMMAND = str(Path(sys.executable).with_name("nanococoa-mcp"))


@dataclass(frozen=True, slots=True)
class McpServer:
    """A running ``nanococoa-mcp`` and what it was started with."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def client(self, transport: Transport = "http", era: Era = "auto", *flags: str) -> Client:
        """The SDK's client; stdio starts a server of its own with the same environment."""
        match transport:
            case "http":
                return Client(f"{self.url}/mcp", mode=era)
            case "sse":
                return Client(sse_client(f"{self.url}/sse"), mode="legacy")
            case "stdio":
                asked = StdioServerParameters(command=COMMAND, args=["--stdio", *flags], env=self.environment)
                return Client(asked, mode=era)


@asynccontextmanager
async def token_client(url: str, token: str, more: Mapping[str, str] | None = None) -> AsyncIterator[Client]:
    """The SDK's client of a server somewhere, with a bearer token and more headers."""
    headers = {"Authorization": f"Bearer {token}", **(more or {})}
    async with (
        create_mcp_http_client(headers) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client


@contextmanager
def serving_mcp(folder: Path, **settings: str) -> Iterator[McpServer]:
    """Ready when this begins; ended by SIGTERM."""
    port = free_port()
    environment = {**os.environ, "MCP_PORT": str(port), **settings}
    log = folder / "mcp.log"
    with log.open("wb") as output:
        process = subprocess.Popen([COMMAND], env=environment, stdout=output, stderr=output)
    server = McpServer(f"http://127.0.0.1:{port}", environment, process, log)
    try:
        until(_answering(server), 180)
        yield server
    finally:
        process.terminate()
        process.wait(60)


def said(result: CallToolResult) -> str:
    """The first text of a result."""
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text


def data(result: Any) -> dict[str, Any]:
    """The structured content of a call that went well."""
    assert not result.is_error, said(result)
    found: dict[str, Any] = result.structured_content
    return found


def _answering(server: McpServer) -> Callable[[], bool]:
    def ask() -> bool:
        assert server.process.poll() is None, "nanococoa-mcp ended: see mcp.log"
        try:
            return calls.get(f"{server.url}/health", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    return ask
