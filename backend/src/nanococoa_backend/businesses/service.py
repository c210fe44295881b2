"""What people do for their businesses. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.accounts.repository import Accounts
from nanococoa_backend.businesses.models import Business, Membership
from nanococoa_backend.businesses.repository import Businesses
from nanococoa_backend.businesses.roles import Role
from nanococoa_backend.businesses.schemas import BusinessFacts, NewBusiness
from nanococoa_backend.errors import InvalidField, NotAllowed, NotFound
from nanococoa_backend.limits.service import check
from nanococoa_backend.platform.audit import record


class BusinessService:
    def __init__(self, session: Session, user_id: uuid.UUID) -> None:
        self._session = session
        self._businesses = Businesses(session)
        self._user_id = user_id

    def mine(self) -> Sequence[tuple[Business, Membership]]:
        return self._businesses.of(self._user_id)

    def one(self, business_id: uuid.UUID) -> tuple[Business, Membership]:
        """Raises NotFound for a business the person does not work for."""
        found = next((pair for pair in self.mine() if pair[0].id == business_id), None)
        if found is None:
            raise NotFound
        return found

    def create(self, given: NewBusiness, *, is_demo: bool = False) -> Business:
        """A new business whose owner the person is."""
        business = Business(**given.model_dump(), is_demo=is_demo)
        self._businesses.add(business)
        self._businesses.add(Membership(user_id=self._user_id, business_id=business.id, role="owner"))
        self._record("business.created", business.id, demo=is_demo)
        return business

    def change(self, business: Business, given: BusinessFacts) -> None:
        changed = {name: value for name, value in given.model_dump().items() if getattr(business, name) != value}
        for name, value in changed.items():
            setattr(business, name, value)
        if changed:
            self._record("business.changed", business.id, fields=sorted(changed))

    def set_logo(self, business: Business, asset_id: uuid.UUID | None) -> None:
        business.logo_id = asset_id
        self._record("business.logo", business.id)

    def members(self, business_id: uuid.UUID) -> Sequence[tuple[User, Membership]]:
        return self._businesses.members(business_id)

    def add_member(self, business_id: uuid.UUID, email: str, role: Role) -> User:
        """Let another account work for the business. Raises InvalidField for none, or one that does."""
        user = Accounts(self._session).by_email(email)
        if user is None:
            raise InvalidField(email="no_account")
        if self._businesses.membership(business_id, user.id) is not None:
            raise InvalidField(email="member_already")
        check(self._session, business_id, "members")
        self._businesses.add(Membership(user_id=user.id, business_id=business_id, role=role))
        self._record("member.added", business_id, user.id, role=role)
        return user

    def change_member(self, business_id: uuid.UUID, user_id: uuid.UUID, role: Role) -> None:
        """Raises NotFound, or NotAllowed when nobody would be left as owner."""
        membership = self._member(business_id, user_id)
        if role != "owner":
            self._keep_an_owner(business_id, membership)
        membership.role = role
        self._record("member.changed", business_id, user_id, role=role)

    def remove_member(self, business_id: uuid.UUID, user_id: uuid.UUID) -> None:
        """Raises NotFound, or NotAllowed when nobody would be left as owner."""
        membership = self._member(business_id, user_id)
        self._keep_an_owner(business_id, membership)
        self._businesses.remove(membership)
        self._record("member.removed", business_id, user_id)

    def _member(self, business_id: uuid.UUID, user_id: uuid.UUID) -> Membership:
        membership = self._businesses.membership(business_id, user_id)
        if membership is None:
            raise NotFound
        return membership

    def _keep_an_owner(self, business_id: uuid.UUID, leaving: Membership) -> None:
        staying = [one for user, one in self.members(business_id) if user.deleted_at is None and one.id != leaving.id]
        others = [one for one in staying if one.role == "owner"]
        if leaving.role == "owner" and not others:
            raise NotAllowed("last_owner")

    def _record(self, action: str, business_id: uuid.UUID, subject: object = "", **details: object) -> None:
        record(self._session, action, user_id=self._user_id, business_id=business_id, subject=subject, **details)
