"""Shops and who may work for them."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, Identified


class Business(Identified, Base):
    """A shop: what ads and homepages may say of it. Empty text: not told."""

    __tablename__ = "businesses"

    name: Mapped[str] = mapped_column(sa.String(60))
    trade: Mapped[str] = mapped_column(sa.String(60), default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    hours: Mapped[str] = mapped_column(sa.String(200), default="")
    story: Mapped[str] = mapped_column(sa.String(2000), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)

    logo_id: Mapped[uuid.UUID | None]
    brand_color: Mapped[str] = mapped_column(sa.String(7), default="")
    accent_color: Mapped[str] = mapped_column(sa.String(7), default="")
    font_family: Mapped[str] = mapped_column(sa.String(80), default="")

    legal_name: Mapped[str] = mapped_column(sa.String(80), default="")
    representative: Mapped[str] = mapped_column(sa.String(60), default="")
    registration_number: Mapped[str] = mapped_column(sa.String(12), default="")
    mail_order_number: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_email: Mapped[str] = mapped_column(sa.String(254), default="")


class Membership(Identified, Base):
    """What one person may do for one business."""

    __tablename__ = "memberships"
    __table_args__ = (sa.UniqueConstraint("user_id", "business_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    business_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("businesses.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(sa.String(10))
