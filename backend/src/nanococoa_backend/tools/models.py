"""What was asked about pictures, and what was answered."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class PictureNote(Identified, BusinessOwned, Base):
    """``kind``: question (no ``words``: a description) or score (``words``: what the picture should show)."""

    __tablename__ = "picture_notes"

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str] = mapped_column(sa.String(500), default="")
    answer: Mapped[dict[str, Any]]
