"""PostgreSQL's disk is full: each service that keeps something there says so, not that the database is away."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from homepage_generator.database import Database as HomepageDatabase
from homepage_generator.errors import StorageFull as HomepageStorageFull
from nanococoa_aiserver.errors import StorageFull
from nanococoa_aiserver.jobs.database import Database as AiserverDatabase
from nanococoa_backend.errors import StoreFull
from nanococoa_backend.platform.database import Database as DashboardDatabase
from support.postgres import Postgres

pytestmark = pytest.mark.postgres

FILL = sa.text("INSERT INTO kept SELECT repeat(md5(random()::text), 50) FROM generate_series(1, 2000)")
COUNT = sa.text("SELECT count(*) FROM kept")


@pytest.fixture(scope="module")
def small_database(postgres_binaries: object, postgres: Postgres) -> Iterator[str]:
    """The table ``kept`` in it has 1 MB of disk."""
    disk = postgres.folder / "small"
    disk.mkdir()
    owner = postgres.folder.stat()
    size = f"size=1m,uid={owner.st_uid},gid={owner.st_gid},mode=700"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    url = postgres.create_database("small")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        connection.execute("CREATE TABLE kept (words text) TABLESPACE small")
        yield url
        connection.execute("DROP TABLE kept")
        connection.execute("DROP TABLESPACE small")
    subprocess.run(["umount", str(disk)], check=True)
    shutil.rmtree(disk)


@pytest.mark.parametrize(
    ("database", "told"),
    [
        (AiserverDatabase, StorageFull),
        (DashboardDatabase, StoreFull),
        (HomepageDatabase, HomepageStorageFull),
    ],
    ids=("aiserver", "dashboard", "homepages"),
)
def test_a_full_disk_below_the_database_is_told_as_one(small_database: str, database: type[Any], told: Any) -> None:
    keeper = database(small_database)
    try:
        with pytest.raises(told) as refused, keeper.begin() as connection:
            connection.execute(FILL)
        assert refused.value.status == 507
        with keeper.begin() as connection:
            assert connection.execute(COUNT).scalar_one() == 0, "nothing is kept by half, and the database goes on"
    finally:
        keeper.engine.dispose()
