"""Webhooks of a business, and every letter sent to one: what it said, how often it was tried, what came back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Webhook(Identified, BusinessOwned, Base):
    """``secret`` signs what is sent, so it is kept as it is; nobody is shown it again.

    ``given_up`` counts deliveries in a row that were never taken.
    """

    __tablename__ = "webhooks"

    url: Mapped[str] = mapped_column(sa.String(500))
    secret: Mapped[str] = mapped_column(sa.String(80))
    events: Mapped[list[Any]]
    is_active: Mapped[bool] = mapped_column(default=True)
    given_up: Mapped[int] = mapped_column(default=0)


class Delivery(Identified, BusinessOwned, Base):
    """``status``: waiting → delivered | failed. ``body`` is sent byte for byte, so that every try has one signature."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (sa.Index("ix_webhook_deliveries_due", "status", "next_try_at"),)

    webhook_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    answered: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    delivered_at: Mapped[datetime | None]
