"""Queries over people and their sign-ins. These tables belong to nobody's business, so no scope applies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import PasswordReset, SignIn, User
from nanococoa_backend.platform.tables import now


class Accounts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: User | SignIn | PasswordReset) -> None:
        self._session.add(row)
        self._session.flush()

    def user(self, user_id: uuid.UUID) -> User:
        return self._session.get_one(User, user_id)

    def by_email(self, email: str) -> User | None:
        return self._session.scalars(sa.select(User).where(User.email == email)).one_or_none()

    def sign_in(self, secret_hash: str) -> tuple[SignIn, User] | None:
        """A live sign-in and its person."""
        query = (
            sa.select(SignIn, User)
            .join(User, SignIn.user_id == User.id)
            .where(SignIn.secret_hash == secret_hash, SignIn.expires_at > now())
            .where(User.deactivated_at.is_(None), User.deleted_at.is_(None))
        )
        row = self._session.execute(query).one_or_none()
        return (row[0], row[1]) if row else None

    def admins(self) -> int:
        in_use = (User.is_admin, User.deactivated_at.is_(None), User.deleted_at.is_(None))
        return self._session.scalar(sa.select(sa.func.count()).select_from(User).where(*in_use)) or 0

    def touch(self, sign_in_id: uuid.UUID, **values: Any) -> None:
        self._session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(**values))

    def sign_ins(self, user_id: uuid.UUID) -> Sequence[SignIn]:
        """Live sign-ins, the one seen last first."""
        query = sa.select(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at > now())
        return self._session.scalars(query.order_by(SignIn.seen_at.desc())).all()

    def end_sign_in(self, user_id: uuid.UUID, sign_in_id: uuid.UUID) -> bool:
        """Whether it was one of the person's own."""
        query = sa.delete(SignIn).where(SignIn.user_id == user_id, SignIn.id == sign_in_id).returning(SignIn.id)
        return self._session.execute(query).first() is not None

    def end_others(self, user_id: uuid.UUID, but: uuid.UUID | None = None) -> None:
        query = sa.delete(SignIn).where(SignIn.user_id == user_id)
        self._session.execute(query.where(SignIn.id != but) if but else query)

    def forget_old(self) -> None:
        """Remove sign-ins and links whose time is over."""
        for table in (SignIn, PasswordReset):
            self._session.execute(sa.delete(table).where(table.expires_at < now()))

    def reset(self, secret_hash: str) -> PasswordReset | None:
        """An unused link whose time is not over."""
        query = sa.select(PasswordReset).where(
            PasswordReset.secret_hash == secret_hash,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now(),
        )
        return self._session.scalars(query).one_or_none()

    def drop_resets(self, user_id: uuid.UUID) -> None:
        self._session.execute(sa.delete(PasswordReset).where(PasswordReset.user_id == user_id))
