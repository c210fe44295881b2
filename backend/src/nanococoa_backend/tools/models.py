"""What was asked about pictures, and what was answered."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class PictureNote(Identified, BusinessOwned, Base):
    """A question that is kept until it is answered or refused, and its answer.

    ``kind``: question (no ``words``: a description) or score (``words``: what the picture should show, for ``model``).
    ``status``: waiting (kept here) → running (``job_id`` at the aiserver) → done | failed.
    ``attempt`` counts the jobs it was given to, ``tries`` how often the aiserver could not be reached for it.
    """

    __tablename__ = "picture_notes"
    __table_args__ = (
        sa.Index("ix_picture_notes_due", "status", "next_try_at"),
        sa.UniqueConstraint("business_id", "request_key"),
    )

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    request_key: Mapped[str | None] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str] = mapped_column(sa.String(500), default="")
    model: Mapped[str] = mapped_column(sa.String(10), default="")
    locale: Mapped[str] = mapped_column(sa.String(2), default="ko")
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)

    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    job_id: Mapped[str | None] = mapped_column(sa.String(64))
    progress: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
