"""The suite in containers, started once for all tests here, on a port, a network and volumes of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.small_disk import SmallDisk, small_disk

CHECKOUT = Path(__file__).resolve().parents[2]
SECRETS = (
    "POSTGRES_PASSWORD", "AISERVER_DB_PASSWORD", "BACKEND_DB_PASSWORD", "HOMEPAGES_DB_PASSWORD", "AISERVER_TOKEN",
    "TOKEN_VERIFY_SECRET", "MCP_LINK_KEY", "MCP_TOKEN", "HOMEPAGE_TOKEN", "INBOX_SECRET",
)  # fmt: skip


@dataclass(frozen=True)
class Suite:
    """Where the one public door is, and the means to look behind it. ``disk`` holds every volume, where it could be."""

    url: str
    token: str
    environment: dict[str, str]
    disk: SmallDisk | None = None

    def client(self, *, token: str | None = None) -> httpx.Client:
        """Of the aiserver, below its path."""
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx.Client(base_url=f"{self.url}/api/ai", headers=headers, timeout=30, trust_env=False)

    def browser(self) -> httpx.Client:
        """Of the dashboard, keeping cookies."""
        return httpx.Client(base_url=self.url, headers={"Accept-Language": "ko"}, timeout=30, trust_env=False)

    def compose(self, *arguments: str) -> str:
        """What ``scripts/compose`` prints."""
        done = subprocess.run(
            ["scripts/compose", *arguments], cwd=CHECKOUT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def container(self, service: str) -> str:
        """Its id, which a restart leaves as it is."""
        return self.compose("ps", "-q", service).strip()


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with small_disk(tmp_path_factory.mktemp("disk")) as disk:
        yield from _running(disk)


def _running(disk: SmallDisk | None) -> Iterator[Suite]:
    port = _free_port()
    name = f"nanococoa-test-{os.getpid()}"
    secret = {key: secrets.token_hex(12) for key in SECRETS}
    known = {key: value for key, value in os.environ.items() if key != "PUBLIC_URL"}
    environment = known | secret | {"COMPOSE_PROJECT_NAME": name, "NANOCOCOA_NETWORK": name, "PORT": str(port)}
    if disk is not None:
        environment["COMPOSE_FILE"] = f"docker-compose.yml:{disk.override}"
    running = Suite(f"http://127.0.0.1:{port}", secret["AISERVER_TOKEN"], environment, disk)
    try:
        assert f"http://127.0.0.1:{port}" in running.compose("up")
        yield running
    finally:
        running.compose("down", "--volumes", "--timeout", "5")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def owner(suite: Suite) -> Iterator[httpx.Client]:
    """Signed up, with the practice shop."""
    with suite.browser() as browser:
        person = {"name": "김햇살", "email": "sajang@haetsal.kr", "password": "새벽 네 시 가락시장"}
        assert sent(browser, "/sign-up", person).status_code == 303
        assert sent(browser, "/businesses/demo", {}).status_code == 303
        yield browser


def sent(browser: httpx.Client, path: str, form: dict[str, str]) -> httpx.Response:
    return browser.post(path, data={"csrf": csrf(browser), **form})


def csrf(browser: httpx.Client) -> str:
    token: str = browser.get("/api/v1/csrf").json()["token"]
    return token


def token_of(owner: httpx.Client) -> str:
    wish = {"name": "LLM", "access": "write"}
    answer = owner.post("/api/v1/me/tokens", json=wish, headers={"X-CSRF-Token": csrf(owner)})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token
