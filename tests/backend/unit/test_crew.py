"""Rows that wait are worked on once, whatever happens to who works on them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from anyio import create_task_group
from sqlalchemy.orm import Session

from nanococoa_backend.errors import DatabaseGone
from nanococoa_backend.platform import claims, crew
from nanococoa_backend.platform.crew import Crew
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.letters import LetterRow
from nanococoa_backend.platform.tables import Base, now
from nanococoa_backend.platform.watch import Bell

LEASE = timedelta(seconds=3)


class Work:
    """The letters that wait; ``do`` is what is done with each."""

    name = "work"

    def __init__(self, do: Callable[[str], Awaitable[None]]) -> None:
        self._do = do

    def claim(self, session: Session) -> tuple[LetterRow, str] | None:
        row = claims.claim(session, LetterRow, LetterRow.status == "waiting")
        return (row, row.subject) if row else None

    async def attend(self, task: str) -> None:
        await self._do(task)


@pytest.fixture
def database(tmp_path: Path, jobs_url: str) -> Iterator[Database]:
    found = Database(jobs_url or f"sqlite:///{tmp_path / 'crew.db'}")
    Base.metadata.create_all(found.engine, [LetterRow.__table__])  # type: ignore[list-item]
    yield found
    found.close()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that a test can outlast."""
    monkeypatch.setattr(claims, "LEASE", LEASE)
    monkeypatch.setattr(crew, "LEASE", LEASE)
    monkeypatch.setattr(crew, "RENEWED_EVERY", 0.05)


def add(database: Database, subject: str = "one") -> None:
    with database.begin() as session:
        session.add(LetterRow(recipient="a@b.kr", subject=subject, text="", ends_at=now() + timedelta(days=1)))


def end(database: Database, subject: str = "one") -> None:
    with database.begin() as session:
        session.execute(sa.update(LetterRow).where(LetterRow.subject == subject).values(status="sent"))


def due_in(database: Database) -> float:
    """Seconds until the only row is due."""
    with database.begin() as session:
        moment = session.scalars(sa.select(LetterRow.next_try_at)).one()
    assert moment is not None
    return (moment - now()).total_seconds()


def one_hand(database: Database, do: Callable[[str], Awaitable[None]]) -> Crew[str]:
    return Crew(database, Work(do), Bell())


@pytest.mark.usefixtures("short")
async def test_work_that_outlasts_its_lease_is_not_taken_by_another(database: Database) -> None:
    add(database)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def long(_task: str) -> None:
        begun.set()
        await may_end.wait()
        await asyncio.to_thread(end, database)

    async with asyncio.timeout(60), create_task_group() as group:
        group.start_soon(one_hand(database, long).look)
        await begun.wait()
        begun.clear()
        outlasted = now() + 1.5 * LEASE
        while now() < outlasted:
            assert not await one_hand(database, long).look()
        may_end.set()
    assert not begun.is_set()


@pytest.mark.usefixtures("short")
async def test_what_a_process_that_died_had_claimed_is_taken_up_when_its_lease_ends(database: Database) -> None:
    add(database)
    with database.begin() as session:
        assert claims.claim(session, LetterRow, LetterRow.status == "waiting") is not None
    done: list[str] = []

    async def note(task: str) -> None:
        done.append(task)
        await asyncio.to_thread(end, database)

    hand = one_hand(database, note)
    assert not await hand.look()
    async with asyncio.timeout(10):
        await asyncio.sleep(due_in(database))
        assert await hand.look()
    assert done == ["one"]


def test_a_killed_process_leaves_its_work_for_half_a_minute_at_most() -> None:
    assert claims.LEASE.total_seconds() + crew.PAUSE <= 30
    assert claims.LEASE.total_seconds() > crew.RENEWED_EVERY * 3


async def test_a_bug_in_one_row_rests_it_and_holds_up_no_other(database: Database) -> None:
    add(database, "bad")
    add(database, "good")
    done: list[str] = []

    async def stumble(task: str) -> None:
        if task == "bad":
            raise KeyError("a bug")
        done.append(task)
        await asyncio.to_thread(end, database, task)

    hand = one_hand(database, stumble)
    assert not await hand.look()
    assert await hand.look()
    assert done == ["good"]
    end(database, "good")
    with database.begin() as session:
        session.execute(sa.delete(LetterRow).where(LetterRow.subject == "good"))
    assert 50 < due_in(database) <= crew.RESTS.total_seconds()


async def test_a_process_that_ends_in_order_gives_back_what_it_holds(database: Database) -> None:
    add(database)
    begun = asyncio.Event()

    async def forever(_task: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(20), create_task_group() as group:
        group.start_soon(one_hand(database, forever).run)
        await begun.wait()
        group.cancel_scope.cancel()
    assert due_in(database) <= 0


async def test_a_database_that_went_away_only_delays(database: Database) -> None:
    add(database)

    async def gone(_task: str) -> None:
        raise DatabaseGone

    assert not await one_hand(database, gone).look()
    assert 0 < due_in(database) <= crew.SOON.total_seconds()


async def test_when_a_row_is_due_again_is_for_the_duty_to_say(database: Database) -> None:
    """A renewal that comes late must not undo it."""
    add(database)

    async def put_off(_task: str) -> None:
        await asyncio.to_thread(later)

    def later() -> None:
        with database.begin() as session:
            session.execute(sa.update(LetterRow).values(next_try_at=now() + timedelta(hours=1)))

    assert await one_hand(database, put_off).look()
    assert due_in(database) > 3500


async def test_many_hands_never_have_the_same_row(database: Database) -> None:
    for number in range(30):
        add(database, str(number))
    lock, done = threading.Lock(), list[str]()

    def finish(task: str) -> None:
        with lock:
            done.append(task)
        end(database, task)

    async def note(task: str) -> None:
        await asyncio.to_thread(finish, task)

    async def work() -> None:
        while await one_hand(database, note).look():
            pass

    async with asyncio.timeout(30), create_task_group() as group:
        for _ in range(4):
            group.start_soon(work)
    assert sorted(done, key=int) == [str(number) for number in range(30)]
