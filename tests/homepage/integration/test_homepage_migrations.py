"""Tables come from migrations alone, say what the code says, and those of before the migrations are taken over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from homepage_generator.cli import cli
from homepage_generator.database import Database, metadata
from homepage_generator.jobs.tables import jobs
from homepage_generator.migrating import VERSIONS, alembic_config
from homepage_generator.publish.tables import secrets, sites


def opened(jobs_url: str, folder: Path) -> Database:
    return Database(jobs_url or f"sqlite:///{folder / 'homepages.db'}")


def test_migrations_from_empty_make_what_the_code_says(jobs_url: str, tmp_path: Path) -> None:
    database = opened(jobs_url, tmp_path)
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        assert compare_metadata(context, metadata) == []
        assert {jobs.name, sites.name} < set(sa.inspect(connection).get_table_names())
    database.close()


def test_tables_of_before_the_migrations_are_taken_over_with_what_they_hold(jobs_url: str, tmp_path: Path) -> None:
    database = opened(jobs_url, tmp_path)
    with database.engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(secrets.insert().values(name="pepper", value="kept"))
    with database.begin() as connection:
        assert connection.scalar(sa.select(secrets.c.value)) == "kept"
        assert connection.scalar(sa.text(f"select version_num from {VERSIONS}")) is not None
    database.close()


def test_two_that_start_at_once_make_the_tables_once(jobs_url: str, tmp_path: Path) -> None:
    databases = [opened(jobs_url, tmp_path) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Database.prepare, databases))
    with databases[0].begin() as connection:
        assert connection.scalar(sa.text(f"select count(*) from {VERSIONS}")) == 1
    for database in databases:
        database.close()


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrate_makes_the_tables_and_says_when_it_can_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(cli, ["migrate", "--data-dir", str(tmp_path)]).exit_code == 0
    with sa.create_engine(f"sqlite:///{tmp_path / 'homepages.db'}").connect() as connection:
        assert jobs.name in sa.inspect(connection).get_table_names()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    answer = CliRunner().invoke(cli, ["migrate"])
    assert answer.exit_code == 1
    assert "homepage-generator: " in answer.stderr
