"""Exports of a business: everything it has, as one file that can be fetched for a time."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Export(Identified, BusinessOwned, Base):
    """``reason``: asked, or deletion. ``status``: waiting → ready | failed.

    While it waits, no process works on it before ``next_try_at``. ``file`` is a key of the asset store.
    """

    __tablename__ = "exports"
    __table_args__ = (sa.Index("ix_exports_due", "status", "next_try_at"),)

    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    locale: Mapped[str] = mapped_column(sa.String(2), default="ko")
    reason: Mapped[str] = mapped_column(sa.String(10), default="asked")
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    file: Mapped[str | None] = mapped_column(sa.String(120))
    bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    problem: Mapped[str] = mapped_column(sa.String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
