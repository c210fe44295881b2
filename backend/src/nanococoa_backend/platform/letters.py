"""Letters on their way: kept with what they belong to, sent beside the requests, again while mail servers are away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, Session, mapped_column
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.mail import Letter, Mailer, NotTaken
from nanococoa_backend.platform.tables import Base, Identified, now
from nanococoa_backend.platform.watch import Bell, ring_after_commit

DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 3600, 14_400, 43_200))
"""After each try in vain."""


class LetterRow(Identified, Base):
    """``status``: waiting → sent | failed. The text is forgotten then: it may hold a link that opens an account."""

    __tablename__ = "letters"
    __table_args__ = (sa.Index("ix_letters_due", "status", "next_try_at"),)

    recipient: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(sa.String(300), default="")


def post(session: Session, letter: Letter, bell: Bell, lasting: timedelta) -> None:
    """Keep a letter with the transaction; it is of no use to anybody after ``lasting``."""
    row = LetterRow(recipient=letter.to, subject=letter.subject, text=letter.text, ends_at=now() + lasting)
    session.add(row)
    ring_after_commit(session, bell)


@dataclass(frozen=True, slots=True)
class Task:
    """``letter`` is None when its time is over."""

    row_id: uuid.UUID
    letter: Letter | None


class Postman:
    """The duty of a ``Crew``: carries letters to ``mailer``, one at a time."""

    name = "letters"

    def __init__(self, database: Database, mailer: Mailer) -> None:
        self._database, self._mailer = database, mailer

    def claim(self, session: Session) -> tuple[LetterRow, Task] | None:
        row = claim(session, LetterRow, LetterRow.status == "waiting")
        if row is None:
            return None
        row.tries += 1
        letter = Letter(row.recipient, row.subject, row.text, str(row.id)) if row.ends_at > now() else None
        return row, Task(row.id, letter)

    async def attend(self, task: Task) -> None:
        await run_in_threadpool(self._deliver, task)

    def _deliver(self, task: Task) -> None:
        try:
            if task.letter is not None:
                self._mailer.send(task.letter)
        except NotTaken as refusal:
            self._put_off(task.row_id, refusal)
        else:
            self._end(task.row_id, "sent" if task.letter else "failed", "" if task.letter else "too late")

    def _put_off(self, row_id: uuid.UUID, refusal: NotTaken) -> None:
        with self._database.begin() as session:
            row = session.get_one(LetterRow, row_id)
            tries, row.problem = row.tries, str(refusal)[:300]
            if not refusal.for_good and tries <= len(DELAYS):
                row.next_try_at = now() + DELAYS[tries - 1]
                structlog.get_logger().warning("letter put off", tries=tries, problem=row.problem)
                return
        self._end(row_id, "failed", str(refusal)[:300])

    def _end(self, row_id: uuid.UUID, status: str, problem: str) -> None:
        with self._database.begin() as session:
            row = session.get_one(LetterRow, row_id)
            row.status, row.problem, row.next_try_at, row.text = status, problem, None, ""
        if status == "failed":
            structlog.get_logger().error("letter not sent", problem=problem)
