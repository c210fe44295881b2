"""The audit log: who did what to which thing, in the same transaction as the deed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from nanococoa_backend.platform.tables import Base, now


class AuditEntry(Base):
    """Kept when the user or the business is gone: ids, no foreign keys."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    business_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(80), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(
    session: Session,
    action: str,
    *,
    user_id: uuid.UUID | None = None,
    business_id: uuid.UUID | None = None,
    subject: object = "",
    **details: Any,
) -> None:
    """Add a line; ``details`` are JSON and hold no secrets."""
    entry = AuditEntry(action=action, user_id=user_id, business_id=business_id, subject=str(subject), details=details)
    session.add(entry)
