"""Queries over ads, their versions and files of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final, TypeAlias

import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad, AdImage, AdVersion
from nanococoa_backend.errors import NotFound
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository

Files: TypeAlias = Sequence[tuple[AdImage, Asset]]
"""Finished files with where they are kept."""

UNDER_WAY: Final = ("waiting", "pending", "running")


class Ads(Repository[Ad]):
    table = Ad

    def live(self, ad_id: uuid.UUID) -> Ad:
        """Raises NotFound, also for a deleted one."""
        ad = self.get(ad_id)
        if ad.deleted_at is not None:
            raise NotFound
        return ad

    def locked(self, ad_id: uuid.UUID) -> Ad | None:
        """Nobody else changes it before the transaction ends. None when it is gone."""
        self._session.execute(sa.update(Ad).where(Ad.id == ad_id).values(status=Ad.status))  # SQLite locks by writing
        return self._session.scalars(sa.select(Ad).where(Ad.id == ad_id).with_for_update()).one_or_none()

    def by_key(self, key: str) -> Ad | None:
        return self._session.scalars(sa.select(Ad).where(Ad.request_key == key)).one_or_none()

    def under_way(self, limit: int = 20) -> Sequence[Ad]:
        """What waits or runs, the oldest first."""
        query = sa.select(Ad).where(Ad.status.in_(UNDER_WAY), Ad.deleted_at.is_(None))
        return self._session.scalars(query.order_by(Ad.created_at, Ad.id).limit(limit)).all()

    def recent(self, limit: int) -> Sequence[tuple[Ad, Asset]]:
        """What was finished last, with the picture to show."""
        query = sa.select(Ad, Asset).join(Asset, Asset.id == Ad.cover_id)
        query = query.where(Ad.status == "completed", Ad.deleted_at.is_(None))
        rows = self._session.execute(query.order_by(Ad.created_at.desc(), Ad.id.desc()).limit(limit))
        return [(row[0], row[1]) for row in rows]

    def claim(self) -> Ad | None:
        """The one that is due longest."""
        return claim(self._session, Ad, Ad.status.in_(UNDER_WAY))


class AdVersions(Repository[AdVersion]):
    table = AdVersion

    def of(self, ad_id: uuid.UUID) -> Sequence[AdVersion]:
        """The latest first."""
        query = sa.select(AdVersion).where(AdVersion.ad_id == ad_id)
        return self._session.scalars(query.order_by(AdVersion.number.desc())).all()

    def last_number(self, ad_id: uuid.UUID) -> int:
        """0 without any."""
        return self._session.scalar(sa.select(sa.func.max(AdVersion.number)).where(AdVersion.ad_id == ad_id)) or 0


class AdImages(Repository[AdImage]):
    table = AdImage

    def of(self, version_id: uuid.UUID) -> Files:
        """A version's files in their order, with where they are kept."""
        query = sa.select(AdImage, Asset).join(Asset, Asset.id == AdImage.asset_id)
        rows = self._session.execute(query.where(AdImage.version_id == version_id).order_by(AdImage.position))
        return [(row[0], row[1]) for row in rows]
