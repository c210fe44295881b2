"""Edits of an ad's text that are being rendered: a row that waits, until its version is home."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class AdEdit(Identified, BusinessOwned, Base):
    """``request`` is the order as it was given, ``base_id`` the version it changes.

    ``status``: waiting → done | failed. While it waits, no process looks after it before ``next_try_at``.
    """

    __tablename__ = "ad_edits"
    __table_args__ = (
        sa.Index("ix_ad_edits_under_way", "status", "next_try_at"),
        sa.UniqueConstraint("business_id", "request_key"),
    )

    ad_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ads.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    base_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ad_versions.id", ondelete="CASCADE"))
    request_key: Mapped[str | None] = mapped_column(sa.String(200))
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    version_id: Mapped[uuid.UUID | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
