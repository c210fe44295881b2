"""Queries over conversations of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from nanococoa_backend.chat.models import Chat, ChatMessage, ChatTurn
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository

OPEN: Final = ("waiting", "running")


class Chats(Repository[Chat]):
    table = Chat

    def live(self, chat_id: uuid.UUID) -> Chat:
        """Raises NotFound, also for a deleted one."""
        chat = self.get(chat_id)
        if chat.deleted_at is not None:
            raise NotFound
        return chat

    def locked(self, chat_id: uuid.UUID) -> Chat:
        """Nobody else adds to it before the transaction ends. Raises NotFound."""
        self._session.execute(sa.update(Chat).where(Chat.id == chat_id).values(touched_at=Chat.touched_at))
        found = self._session.scalars(sa.select(Chat).where(Chat.id == chat_id).with_for_update()).one_or_none()
        if found is None or found.deleted_at is not None:
            raise NotFound
        return found

    def latest(self, limit: int, before: tuple[datetime, uuid.UUID] | None = None) -> Sequence[Chat]:
        """Those made last come first."""
        query = sa.select(Chat).where(Chat.deleted_at.is_(None))
        if before is not None:
            query = query.where(sa.tuple_(Chat.created_at, Chat.id) < sa.tuple_(*map(sa.literal, before)))
        return self._session.scalars(query.order_by(Chat.created_at.desc(), Chat.id.desc()).limit(limit)).all()


class Turns(Repository[ChatTurn]):
    table = ChatTurn

    def by_key(self, chat_id: uuid.UUID, key: str) -> ChatTurn | None:
        query = sa.select(ChatTurn).where(ChatTurn.chat_id == chat_id, ChatTurn.request_key == key)
        return self._session.scalars(query).one_or_none()

    def last(self, chat_id: uuid.UUID) -> ChatTurn | None:
        query = sa.select(ChatTurn).where(ChatTurn.chat_id == chat_id)
        return self._session.scalars(query.order_by(ChatTurn.created_at.desc()).limit(1)).one_or_none()

    def claim(self) -> ChatTurn | None:
        return claim(self._session, ChatTurn, ChatTurn.status.in_(OPEN))


class Messages(Repository[ChatMessage]):
    table = ChatMessage

    def after(self, chat_id: uuid.UUID, number: int = 0, limit: int = 200) -> Sequence[ChatMessage]:
        """In the order they were said."""
        query = sa.select(ChatMessage).where(ChatMessage.chat_id == chat_id, ChatMessage.number > number)
        return self._session.scalars(query.order_by(ChatMessage.number).limit(limit)).all()

    def before(self, chat_id: uuid.UUID, number: int | None, limit: int) -> Sequence[ChatMessage]:
        """The last ones before ``number``, in the order they were said."""
        query = sa.select(ChatMessage).where(ChatMessage.chat_id == chat_id)
        if number is not None:
            query = query.where(ChatMessage.number < number)
        return self._session.scalars(query.order_by(ChatMessage.number.desc()).limit(limit)).all()[::-1]

    def last_number(self, chat_id: uuid.UUID) -> int:
        query = sa.select(sa.func.max(ChatMessage.number)).where(ChatMessage.chat_id == chat_id)
        return self._session.scalar(query) or 0
