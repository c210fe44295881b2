"""Conversations. A turn is a question that waits to be answered: a process that dies leaves it to another.

What was said and done is written down as it happens, so that an answer is taken up where it ended.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified, now


class Chat(Identified, BusinessOwned, Base):
    """``wishes`` is what the guided conversation knows of the ad that is wanted."""

    __tablename__ = "chats"
    __table_args__ = (sa.Index("ix_chats_list", "business_id", "deleted_at", "touched_at"),)

    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(sa.String(80), default="")
    wishes: Mapped[dict[str, Any]]
    touched_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]


class ChatTurn(Identified, BusinessOwned, Base):
    """One question and its answer. ``status``: waiting → running → done | failed | stopped.

    While it is answered nobody else takes it before ``next_try_at``. ``problem`` is a key of ``chat.problem.*``.
    """

    __tablename__ = "chat_turns"
    __table_args__ = (
        sa.UniqueConstraint("chat_id", "request_key"),
        sa.Index("ix_chat_turns_due", "status", "next_try_at"),
    )

    chat_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    request_key: Mapped[str] = mapped_column(sa.String(80))
    locale: Mapped[str] = mapped_column(sa.String(2))
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    problem: Mapped[str] = mapped_column(sa.String(20), default="")
    stop_wanted: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]


class ChatMessage(Identified, BusinessOwned, Base):
    """``role``: user, assistant or tool. ``body`` holds ``text`` and what belongs to the role (``schemas``)."""

    __tablename__ = "chat_messages"
    __table_args__ = (sa.UniqueConstraint("chat_id", "number"),)

    chat_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"))
    turn_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("chat_turns.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    role: Mapped[str] = mapped_column(sa.String(10))
    body: Mapped[dict[str, Any]]
