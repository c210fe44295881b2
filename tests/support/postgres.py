"""PostgreSQL started from its own binaries, as an ordinary user, in a folder of its own."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from support.ports import free_port

QUICK = "-c fsync=off -c shared_buffers=16MB -c max_connections=200"
DURABLE = "-c shared_buffers=128MB -c max_connections=200"
"""As one would run it: a commit waits for the disk."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A cluster that can be stopped and started again."""

    binaries: Path
    folder: Path
    port: int
    user: str
    address: str = "127.0.0.1"
    options: str = QUICK

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{self.user}@{self.address}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Returns its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def start(self) -> None:
        options = f"{self.options} -p {self.port} -k {self.folder} -c listen_addresses={self.address}"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """As a crash would look to its clients: connections are cut."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def initialise(self) -> None:
        self._run(
            "initdb", "-D", self.folder / "data", "-U", self.user, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"
        )
        if self.address != "127.0.0.1":
            with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        log = self.folder / "commands"
        with log.open("ab") as output:  # a pipe would be kept open by the server
            done = subprocess.run(command, stdout=output, stderr=output, cwd=self.folder, **_ordinary_user())
        assert done.returncode == 0, log.read_text("utf-8", "replace")


def find_binaries() -> Path | None:
    """The folder with ``initdb``, newest version first; None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_postgres(binaries: Path, address: str = "127.0.0.1", options: str = QUICK) -> Iterator[Postgres]:
    """A fresh cluster at one of this machine's addresses; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nanococoa-pg-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam(_ordinary_user()["user"])
        os.chown(folder, account.pw_uid, account.pw_gid)
    cluster = Postgres(binaries, folder, free_port(), getpass.getuser(), address, options)
    try:
        cluster.initialise()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {account.pw_name for account in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}
