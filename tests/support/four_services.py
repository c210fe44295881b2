"""The four services as processes that log all they can, each with every secret that it may be given."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from support import calls
from support.ports import free_port
from support.rules import Service
from support.waiting import until

NOWHERE: Final = "127.0.0.1:9"
"""Nobody listens there."""

NAMES: Final = (
    "AISERVER_TOKEN", "HOMEPAGE_TOKEN", "INBOX_SECRET", "TOKEN_VERIFY_SECRET", "MCP_TOKEN", "MCP_LINK_KEY",
    "OPENAI_API_KEY", "HF_TOKEN", "SMTP_PASSWORD", "METRICS_TOKEN",
)  # fmt: skip
COMMANDS: Final[dict[Service, tuple[str, ...]]] = {
    "aiserver": ("nanococoa", "serve"),
    "homepages": ("homepage-generator", "serve"),
    "mcp": ("nanococoa-mcp",),
    "backend": ("nanococoa-backend", "serve"),
}


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    log: Path
    folder: Path
    process: subprocess.Popen[bytes]

    def raw(self, request: bytes, seconds: float = 30) -> bytes:
        """What comes back for these very bytes, which no client library has tidied."""
        with self.connected() as door:
            door.settimeout(seconds)
            door.sendall(request)
            answer = b""
            while piece := door.recv(65536):
                answer += piece
            return answer

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", urlsplit(self.url).port or 80))

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Suite:
    services: dict[Service, Running]
    secrets: dict[str, str]

    def bearer(self, service: Service) -> dict[str, str]:
        name = {"aiserver": "AISERVER_TOKEN", "homepages": "HOMEPAGE_TOKEN", "mcp": "MCP_TOKEN", "backend": "MCP_TOKEN"}
        return {"Authorization": f"Bearer {self.secrets[name[service]]}"}


@contextmanager
def four_services(folder: Path) -> Iterator[Suite]:
    """All alive when this begins. The aiserver has no worker: nothing is made, so nothing need be."""
    known = {name: f"canary-{name.lower()}-{secrets.token_hex(12)}" for name in NAMES}
    ports: dict[Service, int] = {service: free_port() for service in COMMANDS}
    environment = {**os.environ, **known, **_addresses(ports), **_folders(folder), "LOG_LEVEL": "DEBUG", "WORKERS": "0"}
    environment |= {
        "MCP_TOKENS": known["MCP_TOKEN"],
        "MCP_TOKEN_SECRET": known["TOKEN_VERIFY_SECRET"],
        "SMTP_URL": f"smtp://letters:{known['SMTP_PASSWORD']}@{NOWHERE}",
        "OPENAI_BASE_URL": f"http://{NOWHERE}/v1",
    }
    with ExitStack() as ends:
        started: dict[Service, Running] = {}
        for service in COMMANDS:
            started[service] = _started(service, folder, environment, ports[service])
            ends.callback(_ended, started[service].process)
        for running in started.values():
            until(lambda one=running: _lives(one), 240, 0.1)  # type: ignore[misc]  # the default is what it is bound to
        yield Suite(started, known)


def _addresses(ports: dict[Service, int]) -> dict[str, str]:
    at = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    return {
        "PORT": str(ports["aiserver"]),
        "HOMEPAGE_PORT": str(ports["homepages"]),
        "MCP_PORT": str(ports["mcp"]),
        "BACKEND_PORT": str(ports["backend"]),
        "PUBLIC_URL": at["backend"],
        "AISERVER_URL": at["aiserver"],
        "HOMEPAGE_URL": at["homepages"],
        "MCP_URL": f"{at['mcp']}/mcp",
        "MCP_TOKEN_URL": f"{at['backend']}/api/v1/tokens/verify",
        "INBOX_URL": f"{at['backend']}/api/v1/inbox/arrivals",
    }


def _folders(folder: Path) -> dict[str, str]:
    names = {"DATA_DIR": "aiserver", "HOMEPAGE_DATA_DIR": "homepages", "BACKEND_DATA_DIR": "backend"}
    return {variable: str(folder / name) for variable, name in names.items()}


def _started(service: Service, folder: Path, environment: dict[str, str], port: int) -> Running:
    program, *arguments = COMMANDS[service]
    log = folder / f"{service}.log"
    with log.open("wb") as output:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    return Running(f"http://127.0.0.1:{port}", log, folder / service, process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(30)


def _lives(running: Running) -> bool:
    assert running.process.poll() is None, running.said()[-2000:]
    try:
        return calls.get(f"{running.url}/health", timeout=60).status_code == 200
    except httpx.TransportError:
        return False
