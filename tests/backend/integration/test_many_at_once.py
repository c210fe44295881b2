"""Connections to the database: many more people at once than there are wait for their turn; none is left at the end."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from nanococoa_backend.platform.database import Database
from support.dashboard import Dashboard
from support.threads import threads

MANY = 60


@pytest.mark.timeout(1200)
def test_more_people_than_connections_are_all_answered(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    cookie = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())

    def look() -> int:
        answer = dashboard.client.get("/api/v1/products", headers={"Cookie": cookie})
        return int(answer.status_code)

    with threads(MANY) as start:
        looks = [start(look) for _ in range(4 * MANY)]
    assert {one.result() for one in looks} == {200}


def test_a_connection_given_back_after_the_end_is_closed(tmp_path: Path, jobs_url: str) -> None:
    database = Database(jobs_url or f"sqlite:///{tmp_path / 'customers.db'}")
    with database.engine.connect() as late:
        held = late.connection.dbapi_connection
        database.close()
    assert held is not None
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        held.cursor().execute("SELECT 1")
