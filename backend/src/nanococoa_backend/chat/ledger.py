"""What an answer is made of, written down step by step: an agent that died goes on from here, and repeats nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.businesses.models import Business
from nanococoa_backend.chat.models import ChatTurn
from nanococoa_backend.chat.repository import OPEN, Chats, Messages, Turns
from nanococoa_backend.chat.service import say_in
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.tables import now

WINDOW: Final = 40
"""Messages the model is told; older ones are left out."""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed turn as it was."""

    turn_id: uuid.UUID
    chat_id: uuid.UUID
    business_id: uuid.UUID
    user_id: uuid.UUID | None
    locale: str
    tries: int


@dataclass(slots=True)
class Outcome:
    """What a tool said. ``ads`` and ``homepages`` are those it began; ``told`` is shown to the person as it is."""

    text: str
    ok: bool = True
    ads: list[str] = field(default_factory=list)
    homepages: list[str] = field(default_factory=list)
    told: str = ""


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, session: Session) -> tuple[ChatTurn, Task] | None:
        turn = Turns(session).claim()
        if turn is None:
            return None
        turn.status, turn.tries = "running", turn.tries + 1
        return turn, Task(turn.id, turn.chat_id, turn.business_id, turn.user_id, turn.locale, turn.tries)

    def goes_on(self, task: Task) -> bool:
        """Not when it was stopped, or taken by another because this process had held on to it too late."""
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            ours = sa.and_(ChatTurn.id == task.turn_id, ChatTurn.status == "running", ChatTurn.tries == task.tries)
            return session.scalar(sa.select(ChatTurn.stop_wanted).where(ours)) is False

    def told(self, task: Task) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
        """The shop's name, and what was said last, beginning with a question. Raises NotFound when it was deleted."""
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            chat = Chats(session).live(task.chat_id)
            rows = [(row.role, row.body) for row in Messages(session).before(chat.id, None, WINDOW)]
            first = next((place for place, (role, _) in enumerate(rows) if role == "user"), len(rows))
            return session.get_one(Business, task.business_id).name, rows[first:]

    def said(self, task: Task, text: str, calls: list[dict[str, Any]]) -> None:
        """What the model said, and which tools it asks for: before they are used."""
        self._write(task, "assistant", {"text": text, "calls": calls})

    def used(self, task: Task, call: dict[str, Any], outcome: Outcome, seconds: float) -> None:
        body = {
            "call_id": call["id"],
            "name": call["name"],
            "text": outcome.text,
            "ok": outcome.ok,
            "ads": outcome.ads,
            "homepages": outcome.homepages,
            "told": outcome.told,
            "seconds": round(seconds, 1),
        }
        self._write(task, "tool", body)

    def end(self, task: Task, status: str, problem: str = "") -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            turn = self._mine(session, task)
            turn.status, turn.problem, turn.next_try_at, turn.stop_wanted = status, problem, None, False

    def _write(self, task: Task, role: str, body: dict[str, Any]) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            chat = Chats(session).locked(task.chat_id)
            chat.touched_at = now()
            say_in(session, self._mine(session, task), role, body)

    def _mine(self, session: Any, task: Task) -> ChatTurn:
        """Raises NotFound when another process has taken the turn meanwhile."""
        turn = Turns(session).get(task.turn_id)
        if turn.status not in OPEN or turn.tries != task.tries:
            raise NotFound
        return turn
