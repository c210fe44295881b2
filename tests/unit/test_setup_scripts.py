"""The scripts a newcomer runs, tried in a copy of the few files they read."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SECRETS = (
    "POSTGRES_PASSWORD", "AISERVER_DB_PASSWORD", "BACKEND_DB_PASSWORD", "HOMEPAGES_DB_PASSWORD", "AISERVER_TOKEN",
    "TOKEN_VERIFY_SECRET", "MCP_LINK_KEY", "MCP_TOKEN", "HOMEPAGE_TOKEN", "INBOX_SECRET",
)  # fmt: skip
SPARE = "METRICS_TOKEN"
"""Without it the suite starts as well, and shows no numbers."""


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)} | environment
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "scripts", tmp_path / "scripts")
    for name in ("Makefile", ".env.example", "constraints.txt", "requirements-dev.txt"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    for folder in (
        "nanococoa_aiserver",
        "nanococoa_aiserver/client",
        "backend",
        "nanococoa_mcpserver",
        "homepage_generator",
    ):
        (tmp_path / folder).mkdir()
        shutil.copy(CHECKOUT / folder / "pyproject.toml", tmp_path / folder)
    return tmp_path


def only(folder: Path, *programs: str) -> str:
    """A PATH with just these programs."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (bin_folder / program).symlink_to(found)
    return str(bin_folder)


def test_make_alone_lists_the_commands(copy: Path) -> None:
    listed = run(copy, "make").stdout
    for target in ("setup", "ad", "dev", "up", "down", "test", "conformance", "gate", "check", "bench", "doctor"):
        assert f"make {target} " in listed


def test_setup_without_a_python_says_in_one_line_what_to_install(copy: Path) -> None:
    path = only(copy, "bash", "env", "dirname", "cat", "sha256sum", "cut", "mktemp")
    done = run(copy, "bash", "scripts/setup", PATH=path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "Python 3.11 or newer" in line
    assert "apt install python3 python3-venv" in line


def test_env_gets_random_secrets_that_only_its_owner_reads(copy: Path) -> None:
    assert run(copy, "scripts/compose", "env").returncode == 0
    lines = (copy / ".env").read_text().splitlines()
    secrets = [line.split("=")[1] for line in lines if line.split("=")[0] in SECRETS]
    assert len(secrets) == len(set(secrets)) == len(SECRETS)
    assert all(len(secret) == 48 for secret in secrets)
    assert stat.S_IMODE((copy / ".env").stat().st_mode) == 0o600


def test_an_env_that_is_there_keeps_its_values_and_gets_the_secrets_it_lacks(copy: Path) -> None:
    mine = "AISERVER_TOKEN=mine\nOPENAI_API_KEY=\n"
    (copy / ".env").write_text(mine)
    for _ in range(2):
        assert run(copy, "scripts/compose", "env").returncode == 0
    text = (copy / ".env").read_text()
    assert text.startswith(mine)
    assert sorted(line.split("=")[0] for line in text.splitlines()[2:]) == sorted(
        {*SECRETS, SPARE} - {"AISERVER_TOKEN"}
    )


def test_no_secret_of_the_containers_has_a_default() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text("utf-8")
    for secret in SECRETS:
        assert f"${{{secret}:?" in text
        assert f"${{{secret}:-" not in text
