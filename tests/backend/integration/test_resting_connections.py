"""A connection that rested is still good: a POST that is lost on it can not be sent again."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.backend_process import BackendProcess
from support.homepages_server import HomepageServer
from support.mcp_server import serving_mcp
from support.own_server import Server

CALLERS_KEEP = 5.5
"""Seconds: httpx lets go after 5, others later. Servers have to keep a connection for longer."""

REQUEST = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def addresses(aiserver: Server, tmp_path: Path) -> Iterator[list[str]]:
    backend, homepages = BackendProcess(tmp_path, aiserver.url), HomepageServer(tmp_path)
    with ExitStack() as started:
        for server in (backend, homepages):
            started.callback(server.end)
            server.start()
        mcp = started.enter_context(serving_mcp(tmp_path, AISERVER_URL=aiserver.url))
        yield [aiserver.url, mcp.url, backend.url, homepages.url]


def test_no_service_hangs_up_before_its_callers_do(addresses: list[str]) -> None:
    with ExitStack() as open_ones:
        resting = {}
        for address in addresses:
            parts = urlsplit(address)
            line = open_ones.enter_context(socket.create_connection((parts.hostname, parts.port or 80), 30))
            line.sendall(REQUEST)
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
            while select.select([line], [], [], 0.2)[0]:
                assert line.recv(4096), f"{address} closed the connection with its answer"
            resting[line] = address
        hung_up, _, _ = select.select(list(resting), [], [], CALLERS_KEEP)
        assert [resting[line] for line in hung_up] == []
