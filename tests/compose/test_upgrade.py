"""A newer version takes over while people go on working, and one that does not run is taken back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import calls
from support.asking import asking

from .conftest import CHECKOUT, Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(1200)]

REPLACED = ("nanococoa_aiserver", "nanococoa_mcpserver", "homepage_generator", "backend")


def containers(suite: Suite) -> dict[str, str]:
    return {service: suite.compose("ps", "-q", service).strip() for service in REPLACED}


def images(suite: Suite) -> dict[str, str]:
    """What each container runs."""
    asked = ["docker", "inspect", "--format", "{{.Image}}", *containers(suite).values()]
    found = subprocess.run(asked, env=suite.environment, capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(REPLACED, found, strict=True))


def upgrade(suite: Suite, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/upgrade"], cwd=CHECKOUT, env=suite.environment | settings, capture_output=True, text=True
    )


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
def test_a_version_that_does_not_start_is_taken_back_with_those_before_it(suite: Suite) -> None:
    before, former = containers(suite), images(suite)
    done = upgrade(suite, REVISION="next", MCP_ALLOWED_ORIGINS="*")
    assert done.returncode == 1
    assert "the new nanococoa_mcpserver does not get healthy" in done.stderr
    assert "MCP_ALLOWED_ORIGINS" in done.stderr
    assert images(suite) == former
    assert containers(suite) == before | {"nanococoa_aiserver": containers(suite)["nanococoa_aiserver"]}
    assert containers(suite)["nanococoa_aiserver"] != before["nanococoa_aiserver"], "it was replaced and went back"
    assert calls.get(f"{suite.url}/api/ai/health", timeout=30, trust_env=False).status_code == 200
