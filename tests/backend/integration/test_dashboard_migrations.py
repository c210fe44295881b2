"""Tables come from migrations alone, and say the same as the models on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from nanococoa_backend.models import METADATA
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.migrating import alembic_config, upgrade


def opened(jobs_url: str, folder: Path) -> Database:
    return Database(jobs_url or f"sqlite:///{folder / 'customers.db'}")


def test_migrations_from_empty_make_what_the_models_say(jobs_url: str, tmp_path: Path) -> None:
    database = opened(jobs_url, tmp_path)
    upgrade(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.close()


def test_upgrading_twice_changes_nothing(jobs_url: str, tmp_path: Path) -> None:
    database = opened(jobs_url, tmp_path)
    upgrade(database)
    before = sorted(sa.inspect(database.engine).get_table_names())
    upgrade(database)
    assert sorted(sa.inspect(database.engine).get_table_names()) == before
    database.close()


def test_several_that_start_at_once_make_the_tables_once(jobs_url: str, tmp_path: Path) -> None:
    url = jobs_url or f"sqlite:///{tmp_path / 'customers.db'}"
    command = [str(Path(sys.executable).with_name("nanococoa-backend")), "migrate", "--database-url", url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told
    database = opened(jobs_url, tmp_path)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    database.close()


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1
