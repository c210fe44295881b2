"""Fixtures several tests share. A database server and workers are real processes."""

from __future__ import annotations

import gc
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox
from support.house import House, build_house
from support.own_server import Server, serving
from support.postgres import Postgres, find_binaries, running_postgres


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000)


@pytest.fixture(scope="session")
def aiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real aiserver with the studio engine for all tests that need one to be there, and leave it as it is."""
    with serving(tmp_path_factory.mktemp("aiserver"), ENGINE="studio") as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module's walks; each has a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=keeps_sandbox())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    return binaries


@pytest.fixture(scope="session")
def postgres(postgres_binaries: Path) -> Iterator[Postgres]:
    """One cluster for all tests, never stopped by them."""
    with running_postgres(postgres_binaries) as cluster:
        yield cluster


@pytest.fixture
def own_postgres(postgres_binaries: Path) -> Iterator[Postgres]:
    """A cluster for one test to stop and start."""
    with running_postgres(postgres_binaries) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.create_database(f"jobs_{uuid.uuid4().hex[:12]}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def jobs_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn; empty means SQLite in ``DATA_DIR``."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def _house_with_worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    url = request.getfixturevalue("postgres").create_database(folder.name) if request.param == "postgres" else ""
    built = build_house(folder, url)
    built.start_worker()
    yield built
    built.close()


@pytest.fixture
def open_house(_house_with_worker: House) -> Iterator[House]:
    """Jobs on each database in turn with one worker, shared by a module's tests; what they leave is stopped."""
    yield _house_with_worker
    for view in _house_with_worker.service.list_jobs(limit=1000).jobs:
        _house_with_worker.service.stop(view.id)


@pytest.fixture
def house(tmp_path: Path, jobs_url: str) -> Iterator[House]:
    """Jobs on each database in turn, without workers yet."""
    built = build_house(tmp_path, jobs_url)
    yield built
    built.close()


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    """Jobs on SQLite, without workers yet."""
    built = build_house(tmp_path, "")
    yield built
    built.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
