"""People, where they are signed in, and the links that let them in again."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, Identified, now


class User(Identified, Base):
    """Deactivated by an administrator, or deleted by the person: signing in again brings a deleted one back in time."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    password: Mapped[str] = mapped_column(sa.String(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    deactivated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)


class SignIn(Identified, Base):
    """One browser that is signed in. The cookie's secret is kept as a hash alone."""

    __tablename__ = "sign_ins"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    business_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("businesses.id", ondelete="SET NULL"))
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(64), default="")


class PasswordReset(Identified, Base):
    """A link that sets a new password once."""

    __tablename__ = "password_resets"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
