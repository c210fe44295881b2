"""What visitors of a business' homepages wrote to it."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class ContactMessage(Identified, BusinessOwned, Base):
    """``letter_id`` is the homepage service's own: a message that is sent twice is kept once. ``wanted`` is the time a
    reservation asks for; ``written_at`` when the visitor sent it."""

    __tablename__ = "contact_messages"
    __table_args__ = (sa.Index("ix_contact_messages_shelf", "business_id", "created_at"),)

    homepage_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("homepages.id", ondelete="SET NULL"))
    letter_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    site: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(60))
    reply: Mapped[str] = mapped_column(sa.String(120))
    wanted: Mapped[str] = mapped_column(sa.String(120), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
