"""Links by which anybody may look at one ad, until they are revoked."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, ShareLink
from nanococoa_backend.errors import NotFound, Outdated
from nanococoa_backend.gallery.repository import ShareLinks
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now

MOST_LINKS: Final = 20
"""Links of one ad that work at once: each is for somebody."""


class ShareService:
    """Links of the session's business."""

    def __init__(self, session: Session, business_id: uuid.UUID, user_id: uuid.UUID | None = None) -> None:
        self._session = session
        self._business_id, self._user_id = business_id, user_id
        self._links = ShareLinks(session)

    def of(self, ad: Ad) -> Sequence[ShareLink]:
        """Links that work, the latest first."""
        return self._links.of(ad.id)

    def make(self, ad: Ad) -> ShareLink:
        """A link nobody can guess. Raises Outdated before there is a picture; with too many, the last one is given."""
        if ad.version_id is None:
            raise Outdated
        known = self._links.of(ad.id)
        if len(known) >= MOST_LINKS:
            return known[0]
        token = secrets.token_urlsafe(32)
        link = ShareLink(business_id=self._business_id, ad_id=ad.id, user_id=self._user_id, token=token, views=0)
        self._links.add(link)
        self._record("ad.shared", ad)
        return link

    def revoke(self, ad: Ad, link_id: uuid.UUID) -> None:
        """Twice is as good as once. Raises NotFound."""
        link = self._links.get(link_id)
        if link.ad_id != ad.id:
            raise NotFound
        link.revoked_at = link.revoked_at or now()
        self._record("ad.share_revoked", ad)

    def _record(self, action: str, ad: Ad) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business_id, subject=ad.id)
