"""What people do with conversations. A message is written down before anything is done about it.

With a language model a turn waits for the work beside the requests (``answering``); without one the guide answers
at once, in the same transaction that takes the message down.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from nanococoa_backend.chat.models import Chat, ChatMessage, ChatTurn
from nanococoa_backend.chat.repository import OPEN, Chats, Messages, Turns
from nanococoa_backend.errors import InvalidField, NotFound, Outdated
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit

UNDO: Final = timedelta(days=7)
LONGEST_TITLE: Final = 40


class ChatService:
    def __init__(self, session: Session, business_id: uuid.UUID, user_id: uuid.UUID, bell: Bell) -> None:
        self.session, self._bell = session, bell
        self.business_id, self.user_id = business_id, user_id
        self.chats, self.turns, self.messages = Chats(session), Turns(session), Messages(session)

    def begin(self) -> Chat:
        return self.chats.add(Chat(business_id=self.business_id, user_id=self.user_id, title="", wishes={}))

    def ask(self, chat_id: uuid.UUID, body: dict[str, Any], key: str, locale: Locale) -> tuple[ChatTurn, bool]:
        """The turn of a message, and whether it is new: the same ``key`` gives the same turn.

        Raises NotFound, InvalidField, and Outdated while the one before is being answered.
        """
        chat = self.chats.locked(chat_id)
        if (known := self.turns.by_key(chat.id, key)) is not None:
            return known, False
        if not body.get("text") and not body.get("choice") and not body.get("formats"):
            raise InvalidField(text="message_missing")
        last = self.turns.last(chat.id)
        if last is not None and last.status in OPEN:
            raise Outdated
        turn = self.turns.add(
            ChatTurn(
                business_id=self.business_id,
                user_id=self.user_id,
                chat_id=chat.id,
                request_key=key,
                locale=locale,
                status="waiting",
            )
        )
        say_in(self.session, turn, "user", body)
        chat.touched_at = now()
        chat.title = chat.title or _short(body.get("text") or "")
        return turn, True

    def wake(self) -> None:
        """Let the work beside the requests find a waiting turn once it is there."""
        ring_after_commit(self.session, self._bell)

    def stop(self, chat: Chat) -> None:
        """What has ended stays as it is."""
        turn = self.turns.last(chat.id)
        if turn is None or turn.status not in OPEN:
            return
        turn.stop_wanted = True
        if turn.status == "waiting":
            turn.status, turn.problem, turn.next_try_at = "stopped", "stopped", None
        self.wake()

    def try_again(self, chat: Chat) -> ChatTurn:
        """Answer the last question after all. Raises Outdated when it is answered, or being answered."""
        turn = self.turns.last(chat.id)
        if turn is None or turn.status not in ("failed", "stopped"):
            raise Outdated
        turn.status, turn.problem, turn.stop_wanted, turn.tries, turn.next_try_at = "waiting", "", False, 0, None
        self.wake()
        return turn

    def rename(self, chat: Chat, title: str) -> None:
        chat.title = title

    def delete(self, chat: Chat) -> None:
        """Out of sight; gone for good after seven days. What is being answered is stopped."""
        self.stop(chat)
        chat.deleted_at = now()
        self._record("chat.deleted", chat)

    def restore(self, chat_id: uuid.UUID) -> Chat:
        """Raises NotFound when it was deleted too long ago."""
        chat = self.chats.get(chat_id)
        if chat.deleted_at is not None and now() - chat.deleted_at > UNDO:
            raise NotFound
        chat.deleted_at = None
        self._record("chat.restored", chat)
        return chat

    def _record(self, action: str, chat: Chat) -> None:
        record(self.session, action, user_id=self.user_id, business_id=self.business_id, subject=chat.id)


def say_in(session: Session, turn: ChatTurn, role: str, body: dict[str, Any]) -> ChatMessage:
    """The next message of a turn's conversation; whoever calls holds the conversation or the turn."""
    messages = Messages(session)
    number = messages.last_number(turn.chat_id) + 1
    return messages.add(
        ChatMessage(
            business_id=turn.business_id, chat_id=turn.chat_id, turn_id=turn.id, number=number, role=role, body=body
        )
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"
