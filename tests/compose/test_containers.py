"""How every container is held: memory, logs, time to stop, no root, nothing published that was not asked for."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .conftest import Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

SERVICES = ("nginx", "customer_db", "nanococoa_aiserver", "backend", "nanococoa_mcpserver", "homepage_generator")
DEBUG_PORTS = {"DATABASE": 5432, "BACKEND": 8890, "HOMEPAGES": 8891, "AISERVER": 8000, "MCPSERVER": 3000}


def inspected(suite: Suite, service: str) -> dict[str, Any]:
    container = suite.compose("ps", "-q", service).strip()
    done = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_fill_neither_memory_nor_disk_and_has_time_to_stop(suite: Suite, service: str) -> None:
    container = inspected(suite, service)
    assert 2**28 <= container["HostConfig"]["Memory"] <= 2**33
    assert container["HostConfig"]["LogConfig"] == {
        "Type": "json-file",
        "Config": {"max-file": "5", "max-size": "10m"},
    }
    assert container["Config"]["StopTimeout"] >= 15
    assert container["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


@pytest.mark.parametrize("service", SERVICES)
def test_no_process_of_a_container_is_root_or_can_become_it(suite: Suite, service: str) -> None:
    """The first process is not root and can't gain rights, so no process below it is or can."""
    status = suite.compose("exec", "-T", service, "cat", "/proc/1/status")
    users = re.search(r"^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$", status, re.MULTILINE)
    assert users is not None
    assert "0" not in users.groups()
    assert "NoNewPrivs:\t1" in status
    container = inspected(suite, service)
    assert container["HostConfig"]["ReadonlyRootfs"]
    assert container["HostConfig"]["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in container["HostConfig"]["SecurityOpt"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def debug(suite: Suite) -> Iterator[dict[str, int]]:
    """The profile's ports by service, moved away from what may run on this machine."""
    ports = {name: free_port() for name in DEBUG_PORTS}
    moved = {f"DEBUG_{name}_PORT": str(port) for name, port in ports.items()}
    asking = Suite(suite.url, suite.token, suite.environment | moved)
    try:
        asking.compose("--profile", "debug", "up", "-d", "--no-deps", "debug")
        yield ports
    finally:
        asking.compose("--profile", "debug", "rm", "--stop", "--force", "debug")


def test_the_debug_profile_opens_every_service_on_the_loopback_address_alone(
    suite: Suite, debug: dict[str, int]
) -> None:
    bindings = inspected(suite, "debug")["HostConfig"]["PortBindings"]
    assert {one["HostIp"] for published in bindings.values() for one in published} == {"127.0.0.1"}
    assert {int(name.split("/")[0]) for name in bindings} == set(DEBUG_PORTS.values())
    retrying = httpx.HTTPTransport(retries=8)  # until the forwarder listens: 0.5, 1, 2 … seconds between tries
    with httpx.Client(transport=retrying, timeout=20, trust_env=False) as client:
        for name in ("BACKEND", "HOMEPAGES", "AISERVER", "MCPSERVER"):
            assert client.get(f"http://127.0.0.1:{debug[name]}/health").status_code == 200, name
    with socket.create_connection(("127.0.0.1", debug["DATABASE"]), timeout=20) as database:
        database.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")  # SSLRequest
        assert database.recv(1) in (b"N", b"S")
