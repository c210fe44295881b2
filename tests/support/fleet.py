"""A fleet on this machine: PostgreSQL, an S3 server, and workers on machines of their own (``support.machines``)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx

from nanococoa_aiserver.jobs.models import JobView
from support import calls
from support.house import READY, WORKER, House, build_house
from support.machines import Machine, Network, network
from support.ports import free_port
from support.postgres import QUICK, Postgres, find_binaries, running_postgres
from support.waiting import until

BUCKET = "s3://ads/fleet"


@dataclass
class Fleet:
    """``house`` is the jobs as the API has them; ``machines`` by name, none of which runs a worker yet."""

    house: House
    postgres: Postgres
    network: Network

    @property
    def machines(self) -> dict[str, Machine]:
        return dict(self.network.machines)

    def start(self, names: Sequence[str]) -> None:
        """A worker on each, and wait until they take jobs."""
        for name in names:
            self.log(name).unlink(missing_ok=True)
            self.machines[name].run(WORKER, self.house.environment(), self.log(name))
        until(lambda: all(READY in self.log(name).read_text("utf-8") for name in names))

    def log(self, name: str) -> Path:
        return self.house.journal.with_name(f"{name}.log")

    def hosts(self, job_id: str) -> list[str]:
        """Where each of the job's steps was begun, in order."""
        return [line["host"] for line in self.house.lines() if line["job"] == job_id]

    def finished(self, jobs: Sequence[str], seconds: float = 120) -> list[JobView]:
        """The jobs when all of them have ended."""
        service, deadline = self.house.service, time.monotonic() + seconds
        return [service.wait(job_id, max(0.0, deadline - time.monotonic())) for job_id in jobs]


@contextmanager
def running_fleet(folder: Path, names: Sequence[str], options: str = QUICK) -> Iterator[Fleet]:
    """Everything but the workers. The S3 server's address and keys stand in the environment meanwhile."""
    binaries = find_binaries()
    assert binaries is not None, "PostgreSQL is needed: apt install postgresql"
    with (
        network(names) as net,
        running_postgres(binaries, net.address, options) as postgres,
        _s3_server(net.address, folder / "s3.log") as endpoint,
        patch.dict(os.environ, _s3_settings(endpoint)),
    ):
        fleet = Fleet(build_house(folder, postgres.create_database("jobs"), artifacts_url=BUCKET), postgres, net)
        try:
            yield fleet
        finally:
            fleet.house.close()


def _s3_settings(endpoint: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "fleet", "AWS_SECRET_ACCESS_KEY": "fleet", "AWS_REGION": "us-east-1"}
    return {**keys, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true"}


@contextmanager
def _s3_server(address: str, log: Path) -> Iterator[str]:
    endpoint = f"http://{address}:{(port := free_port())}"
    command = [sys.executable, "-m", "moto.server", "-H", address, "-p", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: _has_bucket(endpoint), 120, pause=0.2)
        yield endpoint
    finally:
        server.kill()
        server.wait(60)


def _has_bucket(endpoint: str) -> bool:
    try:
        return calls.put(f"{endpoint}/{BUCKET.split('/')[2]}", trust_env=False, timeout=30).status_code == 200
    except httpx.TransportError:
        return False
