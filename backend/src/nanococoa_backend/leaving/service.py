"""Exports, and the way out for businesses and accounts. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.accounts.service import AccountService
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.businesses.repository import Businesses
from nanococoa_backend.errors import InvalidField, NotAllowed, NotFound
from nanococoa_backend.homepages.service import HomepageService
from nanococoa_backend.leaving.exporting import FETCHABLE
from nanococoa_backend.leaving.models import Export
from nanococoa_backend.leaving.removing import GRACE
from nanococoa_backend.leaving.repository import Exports
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit

MOST_STOPPED: Final = 10_000


class LeavingService:
    """For one person; ``bell`` wakes the work on exports, ``homepages`` that on what the world sees."""

    def __init__(self, session: Session, user: User, bell: Bell, homepages: Bell) -> None:
        self._session, self._user = session, user
        self._bell, self._homepages_bell = bell, homepages
        self._exports, self._businesses = Exports(session), Businesses(session)

    def exports(self) -> Sequence[Export]:
        """Of the session's business."""
        return self._exports.live()

    def export(self, business: Business, locale: Locale, reason: str = "asked") -> Export:
        """One at a time: while one waits, it is that one."""
        if (waiting := self._exports.waiting()) is not None:
            waiting.reason = reason if reason == "deletion" else waiting.reason
            return waiting
        row = Export(
            business_id=business.id, user_id=self._user.id, locale=locale, reason=reason, ends_at=now() + 2 * FETCHABLE
        )
        self._record("business.export", business)
        ring_after_commit(self._session, self._bell)
        return self._exports.add(row)

    def fetchable(self, export_id: uuid.UUID) -> tuple[Business, Export]:
        """A finished export of a business the person owns, a deleted one too. Raises NotFound."""
        owned = [business for business, membership in self._businesses.of(self._user.id) if membership.role == "owner"]
        for business in [*owned, *self._businesses.deleted_of(self._user.id)]:
            scope.narrow(self._session, business.id)
            found = self._exports.find(export_id)
            if found is not None and found.file and found.ends_at > now():
                return business, found
        raise NotFound

    def delete_business(self, business: Business, typed: str, ads: AdService, locale: Locale) -> None:
        """Out of sight at once, on the net too, gone in a week; an export is made first. Raises InvalidField."""
        if " ".join(typed.split()) != " ".join(business.name.split()):
            raise InvalidField(name="name_differs")
        self.export(business, locale, "deletion")
        for ad in ads.ads.under_way(MOST_STOPPED):
            ads.stop(ad)
        self._homepages_of(business).take_all_down()
        business.deleted_at = now()
        self._record("business.deleted", business)

    def deleted(self) -> list[tuple[Business, datetime, Export | None]]:
        """The person's deleted businesses with the end of their time to come back, and the export."""
        found = []
        for business in self._businesses.deleted_of(self._user.id):
            scope.narrow(self._session, business.id)
            ends_at = (business.deleted_at or now()) + GRACE
            if ends_at > now():
                found.append((business, ends_at, next(iter(self._exports.live()), None)))
        return found

    def restore(self, business_id: uuid.UUID) -> Business:
        """Raises NotFound when it was deleted too long ago, or by somebody else's shop."""
        for business, _, _ in self.deleted():
            if business.id == business_id:
                business.deleted_at = None
                scope.narrow(self._session, business.id)
                self._homepages_of(business).bring_all_back()
                self._record("business.restored", business)
                return business
        raise NotFound

    def delete_account(self, accounts: AccountService, password: str) -> None:
        """Raises NotAllowed for the last owner of a shop and the last administrator, InvalidField."""
        self._leave_no_shop_alone()
        if self._user.is_admin and accounts.admins() < 2:
            raise NotAllowed("last_admin")
        accounts.delete(self._user, password)

    def _leave_no_shop_alone(self) -> None:
        alone = [
            business.name
            for business, membership in self._businesses.of(self._user.id)
            if membership.role == "owner" and not self._has_other_owner(business.id)
        ]
        if alone:
            raise NotAllowed("owner_of", names=", ".join(alone))

    def _has_other_owner(self, business_id: uuid.UUID) -> bool:
        return any(
            membership.role == "owner" and user.id != self._user.id and user.deleted_at is None
            for user, membership in self._businesses.members(business_id)
        )

    def _homepages_of(self, business: Business) -> HomepageService:
        return HomepageService(self._session, business, self._user.id, self._homepages_bell)

    def _record(self, action: str, business: Business) -> None:
        record(self._session, action, user_id=self._user.id, business_id=business.id, subject=business.id)
