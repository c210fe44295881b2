"""Products and their cut-outs. A cut-out is never changed: a better one is a new row, the product points to its own."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Product(Identified, BusinessOwned, Base):
    __tablename__ = "products"
    __table_args__ = (sa.Index("ix_products_shelf", "business_id", "deleted_at", "created_at"),)

    name: Mapped[str] = mapped_column(sa.String(80))
    price: Mapped[int | None]
    unit: Mapped[str] = mapped_column(sa.String(30), default="")
    notes: Mapped[str] = mapped_column(sa.String(1000), default="")
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id"))
    cutout_id: Mapped[uuid.UUID | None]
    deleted_at: Mapped[datetime | None]


class Cutout(Identified, BusinessOwned, Base):
    """``source``: auto, box (the owner drew one), brush (the owner painted), given (the photo had none behind it).

    ``status``: pending → ready | failed. While pending, it is not tried again before ``next_try_at``, which also keeps
    a second process from the same work.
    ``verdict``: ok, uncertain, or confirmed by the owner.
    """

    __tablename__ = "cutouts"
    __table_args__ = (sa.Index("ix_cutouts_waiting", "status", "next_try_at"),)

    product_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("products.id", ondelete="CASCADE"), index=True)
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id"))
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("assets.id"))
    source: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[str] = mapped_column(sa.String(10), default="pending")
    box: Mapped[list[int] | None] = mapped_column(sa.JSON(none_as_null=True))
    confidence: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(sa.String(10), default="")
    problem: Mapped[str] = mapped_column(sa.String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
