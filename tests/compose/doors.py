"""nginx alone, as ``docker-compose.yml`` starts it, with stand-ins for the services behind it."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from support import calls
from support.ports import free_port
from support.waiting import until

from .conftest import CHECKOUT, SECRETS

BEHIND = Path(__file__).with_name("behind_the_door.py")
NAMES = ("nanococoa_aiserver", "backend", "nanococoa_mcpserver", "homepage_generator")
PIPELINED = 900  # requests on one connection: nginx ends it after 1000


@dataclass(frozen=True)
class Door:
    """Where it listens, what it logs, and the folders that people give it."""

    port: int
    tls_port: int
    folder: Path
    container: str
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.tls_port}"

    def browser(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, **options)

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def knock(self, times: int, method: str, path: str, headers: Mapping[str, str]) -> Counter[int]:
        """How often each status came back; requests go out one behind the other, without waiting for answers."""
        found: Counter[int] = Counter()
        for start in range(0, times, PIPELINED):
            found += self._knock(min(PIPELINED, times - start), method, path, headers)
        return found

    def _knock(self, times: int, method: str, path: str, headers: Mapping[str, str]) -> Counter[int]:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{lines}"
        with closing(self.connected()) as connection:
            sent = f"{request}\r\n" * (times - 1) + f"{request}Connection: close\r\n\r\n"
            connection.sendall(sent.encode())
            answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        return Counter(int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers))

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]

    def said(self) -> str:
        """All it wrote, errors too."""
        done = subprocess.run(["docker", "logs", self.container], capture_output=True, text=True, check=True)
        return done.stdout + done.stderr


@contextmanager
def opened(folder: Path, settings: Mapping[str, str], *, tls: bool = False) -> Iterator[Door]:
    """A door with ``settings`` of ``.env``; ``folder`` gets ``maintenance``, ``acme`` and, for TLS, ``tls``."""
    for name in ("maintenance", "acme", "tls"):
        (folder / name).mkdir(exist_ok=True)
    mounts = [f"{folder}/maintenance:/etc/nginx/maintenance:ro", f"{folder}/acme:/srv/acme:ro"]
    own = folder / "own.json"
    own.write_text(json.dumps({"services": {"nginx": {"volumes": mounts}}}))
    files = ["docker-compose.yml", *(["docker-compose.tls.yml"] if tls else []), str(own)]
    name = f"nanococoa-door-{os.getpid()}-{secrets.token_hex(2)}"
    port, tls_port = free_port(), free_port()
    environment = {
        **os.environ, **dict.fromkeys(SECRETS, "x" * 24), **settings,
        "COMPOSE_PROJECT_NAME": name, "NANOCOCOA_NETWORK": name, "COMPOSE_FILE": ":".join(files),
        "PORT": str(port), "TLS_PORT": str(tls_port), "TLS_DIR": f"{folder}/tls",
    }  # fmt: skip

    def compose(*arguments: str) -> str:
        done = subprocess.run(
            ["scripts/compose", *arguments], cwd=CHECKOUT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    with ExitStack() as after:
        after.callback(compose, "down", "--volumes", "--timeout", "1")
        compose("--project-name", name, "up", "-d", "--no-deps", "nginx")
        after.callback(docker, "rm", "--force", "--volumes", f"{name}-behind")
        _stand_in(name)
        door = Door(port, tls_port, folder, compose("ps", "-q", "nginx"), environment)
        until(lambda: _answers(door), 30)
        yield door


def _stand_in(name: str) -> None:
    aliases = [f"--network-alias={service}" for service in NAMES]
    volumes = ["-v", f"{name}_sites:/sites", "-v", f"{BEHIND}:/behind_the_door.py:ro"]
    image = ["python:3.11-slim-bookworm", "python", "/behind_the_door.py"]
    docker("run", "-d", "--name", f"{name}-behind", f"--network={name}", *aliases, *volumes, *image)
    until(lambda: "ready" in docker("logs", f"{name}-behind"), 30)


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _answers(door: Door) -> bool:
    try:
        return calls.get(f"{door.url}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
