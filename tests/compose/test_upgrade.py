"""A newer version takes over while people go on working, and one that does not run is taken back."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .conftest import CHECKOUT, Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(1200)]

REPLACED = ("nanococoa_aiserver", "nanococoa_mcpserver", "homepage_generator", "backend")


def containers(suite: Suite) -> dict[str, str]:
    return {service: suite.compose("ps", "-q", service).strip() for service in REPLACED}


def upgrade(suite: Suite, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/upgrade"], cwd=CHECKOUT, env=suite.environment | settings, capture_output=True, text=True
    )


@contextmanager
def asking(*addresses: str) -> Iterator[list[str]]:
    """What went wrong for somebody who asks for these all the time."""
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=60, trust_env=False) as client:
            while not done.wait(0.1):
                for address in addresses:
                    try:
                        answer = client.get(address)
                    except httpx.HTTPError as error:
                        wrong.append(f"{address}: {error!r}")
                    else:
                        if answer.status_code >= 500:
                            wrong.append(f"{address}: {answer.status_code}")

    person = threading.Thread(target=ask)
    person.start()
    try:
        yield wrong
    finally:
        done.set()
        person.join()


@pytest.fixture
def backups() -> Iterator[None]:
    """Those that the upgrades here wrote go again."""
    before = set(CHECKOUT.glob("backups/*"))
    yield
    for file in set(CHECKOUT.glob("backups/nanococoa-before-upgrade-*")) - before:
        Path(file).unlink()


@pytest.mark.usefixtures("backups")
def test_every_service_is_replaced_while_its_pages_go_on(suite: Suite) -> None:
    before = containers(suite)
    # They pause for seconds while the backup is written: a request waits then.
    with asking(f"{suite.url}/sign-in", f"{suite.url}/api/ai/health") as wrong:
        done = upgrade(suite)
    assert done.returncode == 0, done.stdout + done.stderr
    after = containers(suite)
    assert all(after[service] and after[service] != before[service] for service in REPLACED)
    assert not wrong


@pytest.mark.usefixtures("backups")
def test_a_version_that_does_not_start_is_taken_back(suite: Suite) -> None:
    before = containers(suite)
    done = upgrade(suite, ENGINE="perpetuum")
    assert done.returncode == 1
    assert "the new nanococoa_aiserver does not get healthy" in done.stderr
    assert "ENGINE" in done.stderr
    assert containers(suite) == before
    assert httpx.get(f"{suite.url}/api/ai/health", timeout=30, trust_env=False).status_code == 200
