"""Letters on their way: kept with what they belong to, sent beside the requests, again while mail servers are away."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, Session, mapped_column
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.mail import Letter, Mailer, NotTaken
from nanococoa_backend.platform.tables import Base, Identified, now
from nanococoa_backend.platform.watch import Bell, ring_after_commit

DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 3600, 14_400, 43_200))
"""After each try in vain."""

LEASE: Final = timedelta(minutes=3)
"""A process that died leaves its letter to another after this."""

PAUSE: Final = 5.0
"""Seconds between two looks when nobody rings."""


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


class Postman:
    """Carries letters to ``mailer``, one at a time."""

    def __init__(self, database: Database, mailer: Mailer, bell: Bell) -> None:
        self._database, self._mailer, self._bell = database, mailer, bell

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self._look():
                await self._bell.wait(PAUSE)

    async def _look(self) -> bool:
        """Whether there was something to do."""
        try:
            return await run_in_threadpool(self._deliver)
        except BackendError as error:
            structlog.get_logger().warning("letters wait", code=error.code)
        except Exception:  # one letter's bug must not end all others; its lease lets it be tried again
            structlog.get_logger().exception("letter crashed")
        return False

    def _deliver(self) -> bool:
        taken = self._claim()
        if taken is None:
            return False
        row_id, letter = taken
        try:
            if letter is not None:
                self._mailer.send(letter)
        except NotTaken as refusal:
            self._put_off(row_id, refusal)
        else:
            self._end(row_id, "sent" if letter else "failed", "" if letter else "too late")
        return True

    def _claim(self) -> tuple[uuid.UUID, Letter | None] | None:
        """The letter that is due longest; None in its place when its time is over."""
        with self._database.begin() as session:
            moment = now()
            row = claim(session, LetterRow, LetterRow.status == "waiting", moment, moment + LEASE)
            if row is None:
                return None
            row.tries += 1
            letter = Letter(row.recipient, row.subject, row.text, str(row.id)) if row.ends_at > moment else None
            return row.id, letter

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
