"""Runs of many ads. A run is first a draft that one looks through; its rows become ads only once it is started."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class BatchRun(Identified, BusinessOwned, Base):
    """``source``: list (a table and photos) or products. ``status``: draft → started → stopped, and started again.

    ``refused`` are the rows of the list that could not be read, each with its line and why.
    ``reuse``: a row that names a product the shop has is made of that product, not of a new one.
    ``is_open``: it was started, and nobody was told of its end yet.
    """

    __tablename__ = "batch_runs"
    __table_args__ = (
        sa.Index("ix_batch_runs_list", "business_id", "created_at", "id"),
        sa.Index("ix_batch_runs_open", "is_open", "next_try_at"),
    )

    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("campaigns.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(sa.String(80))
    source: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[str] = mapped_column(sa.String(10), default="draft")
    reuse: Mapped[bool] = mapped_column(default=True)
    refused: Mapped[list[Any]]
    started_at: Mapped[datetime | None]
    is_open: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    next_try_at: Mapped[datetime | None]


class BatchItem(Identified, BusinessOwned, Base):
    """One row. ``status``: draft → waiting → made (there is an ad, which has its own status) | failed | stopped.

    ``photo`` and ``thumb`` are keys of the asset store, until there is a product. ``known_id`` is a product of the
    same name that was there before, ``product_id`` the one the ad is made of.
    """

    __tablename__ = "batch_items"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "position"),
        sa.Index("ix_batch_items_waiting", "status", "next_try_at"),
    )

    run_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("batch_runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    line: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(80))
    price: Mapped[int | None]
    unit: Mapped[str] = mapped_column(sa.String(30), default="")
    notes: Mapped[str] = mapped_column(sa.String(1000), default="")
    photo: Mapped[str] = mapped_column(sa.String(120), default="")
    thumb: Mapped[str] = mapped_column(sa.String(120), default="")
    known_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("products.id", ondelete="SET NULL"))
    product_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("products.id", ondelete="SET NULL"))
    ad_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("ads.id", ondelete="SET NULL"), index=True)
    order: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(sa.String(10), default="draft")
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
