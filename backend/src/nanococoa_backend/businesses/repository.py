"""Queries over businesses and memberships, always from a person's own memberships on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.businesses.models import Business, Membership


class Businesses:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: Business | Membership) -> None:
        self._session.add(row)
        self._session.flush()

    def of(self, user_id: uuid.UUID) -> Sequence[tuple[Business, Membership]]:
        """A person's businesses with their role, the oldest first."""
        query = (
            sa.select(Business, Membership)
            .join(Membership, Membership.business_id == Business.id)
            .where(Membership.user_id == user_id, Business.deleted_at.is_(None))
            .order_by(Membership.created_at, Membership.id)
        )
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def deleted_of(self, user_id: uuid.UUID) -> Sequence[Business]:
        """Businesses a person owned that can still be brought back, the latest first."""
        query = (
            sa.select(Business)
            .join(Membership, Membership.business_id == Business.id)
            .where(Membership.user_id == user_id, Membership.role == "owner", Business.deleted_at.is_not(None))
            .order_by(Business.deleted_at.desc(), Business.id)
        )
        return self._session.scalars(query).all()

    def members(self, business_id: uuid.UUID) -> Sequence[tuple[User, Membership]]:
        """People of a business with their role, the oldest first."""
        query = (
            sa.select(User, Membership)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.business_id == business_id)
            .order_by(Membership.created_at, Membership.id)
        )
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def membership(self, business_id: uuid.UUID, user_id: uuid.UUID) -> Membership | None:
        """None also for a business that was deleted."""
        query = (
            sa.select(Membership)
            .join(Business, Business.id == Membership.business_id)
            .where(Membership.business_id == business_id, Membership.user_id == user_id, Business.deleted_at.is_(None))
        )
        return self._session.scalars(query).one_or_none()

    def remove(self, membership: Membership) -> None:
        self._session.delete(membership)
        self._session.flush()
