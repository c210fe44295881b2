"""What whoever runs the installation may do. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.accounts.repository import Accounts
from nanococoa_backend.admin.repository import Administration
from nanococoa_backend.admin.schemas import (
    AuditPage,
    AuditView,
    BusinessPage,
    BusinessUsage,
    LimitsIn,
    LimitsView,
    UserAction,
    UserPage,
    UserView,
)
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import InvalidField, NotAllowed, NotFound
from nanococoa_backend.limits import service as limits
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.tables import now

PAGE: Final = 30


class AdminService:
    """On behalf of ``admin``."""

    def __init__(self, session: Session, admin: User) -> None:
        self._session, self._admin = session, admin
        self._all, self._accounts = Administration(session), Accounts(session)

    def users(self, cursor: str | None = None, search: str = "", limit: int = PAGE) -> UserPage:
        """Raises InvalidField for a cursor we have not made."""
        rows = self._all.users(limit + 1, place_of(cursor), _searchable(search))
        shown = rows[:limit]
        return UserPage(
            users=[UserView.model_validate(row) for row in shown],
            next_cursor=cursor_after(shown[-1]) if len(rows) > limit else None,
        )

    def change_user(self, user_id: uuid.UUID, action: UserAction) -> User:
        """Raises NotFound, NotAllowed when nobody would be left to run the installation."""
        user = self._all.user(user_id)
        if user is None:
            raise NotFound
        if action in ("deactivate", "unmake_admin"):
            self._keep_an_admin(user)
        if action == "deactivate":
            user.deactivated_at = user.deactivated_at or now()
        elif action == "reactivate":
            user.deactivated_at = None
        elif action != "sign_out":
            user.is_admin = action == "make_admin"
        if action in ("deactivate", "sign_out"):
            self._accounts.end_others(user.id)
        record(self._session, f"admin.{action}", user_id=self._admin.id, subject=user.id)
        return user

    def businesses(self, cursor: str | None = None, search: str = "", limit: int = PAGE) -> BusinessPage:
        """Raises InvalidField for a cursor we have not made."""
        rows = self._all.businesses(limit + 1, place_of(cursor), _searchable(search))
        shown = rows[:limit]
        more = cursor_after(shown[-1]) if len(rows) > limit else None
        return BusinessPage(businesses=self._told(shown), next_cursor=more)

    def business(self, business_id: uuid.UUID) -> BusinessUsage:
        """Raises NotFound."""
        return self._told([self._found(business_id)])[0]

    def limits(self, business_id: uuid.UUID) -> LimitsView:
        """Raises NotFound."""
        self._found(business_id)
        own, holding = limits.own_limits(self._session, business_id), limits.limits_of(self._session, business_id)
        return LimitsView(own=LimitsIn(**asdict(own)), holding=LimitsIn(**asdict(holding)))

    def set_limits(self, business_id: uuid.UUID, given: LimitsIn) -> None:
        """Raises NotFound. What a business has too much of stays; nothing is added to it."""
        self._found(business_id)
        limits.set_limits(self._session, business_id, limits.Limits(**given.model_dump()))
        record(
            self._session,
            "admin.limits",
            user_id=self._admin.id,
            business_id=business_id,
            subject=business_id,
            **given.model_dump(),
        )

    def audit(self, cursor: str | None = None, business_id: uuid.UUID | None = None, limit: int = PAGE) -> AuditPage:
        """The cursor is a line's number. Raises InvalidField."""
        if cursor and not (cursor.isdecimal() and len(cursor) < 19):
            raise InvalidField(cursor="invalid")
        rows = self._all.audit(limit + 1, int(cursor) if cursor else None, business_id)
        lines = [
            AuditView(
                id=entry.id,
                at=entry.at,
                action=entry.action,
                subject=entry.subject,
                person=person,
                business=business,
                details=entry.details,
            )
            for entry, person, business in rows[:limit]
        ]
        return AuditPage(lines=lines, next_cursor=str(lines[-1].id) if len(rows) > limit else None)

    def _found(self, business_id: uuid.UUID) -> Business:
        business = self._all.business(business_id)
        if business is None:
            raise NotFound
        return business

    def _told(self, rows: Sequence[Business]) -> list[BusinessUsage]:
        usage = self._all.usage([row.id for row in rows])
        return [
            BusinessUsage(
                id=row.id,
                name=row.name,
                is_demo=row.is_demo,
                created_at=row.created_at,
                deleted_at=row.deleted_at,
                usage=usage[row.id],
            )
            for row in rows
        ]

    def _keep_an_admin(self, leaving: User) -> None:
        if set(self._all.admins()) <= {leaving.id}:
            raise NotAllowed("last_admin")


def _searchable(text: str) -> str:
    """PostgreSQL's texts hold no NUL."""
    return text.replace("\0", "").strip()
