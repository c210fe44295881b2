"""Queries of the gallery: a shop's ads by words and marks, newest first; links to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad, AdImage, ShareLink
from nanococoa_backend.ads.service import UNDO
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.platform.tables import now

Place: TypeAlias = tuple[datetime, uuid.UUID]
LONGEST_SEARCH = 80
MOST_TERMS = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ads; everything that is not said is left open."""

    q: str = ""
    favorite: bool = False
    look: bool = False
    kind: str | None = None
    status: str | None = None
    product_id: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None

    @property
    def is_open(self) -> bool:
        return self == Wanted()


@dataclass(frozen=True, slots=True)
class Shown:
    """An ad on the wall: its first picture and how many sizes there are."""

    ad: Ad
    cover: Asset
    sizes: int


class Gallery(Repository[Ad]):
    table = Ad

    def wall(self, wanted: Wanted, limit: int, before: Place | None = None) -> list[Shown]:
        """Finished ads."""
        query = self._wanted(wanted, before).join(Asset, Asset.id == Ad.cover_id).add_columns(Asset)
        rows = [(row[0], row[1]) for row in self._session.execute(query.limit(limit))]
        sizes = self._sizes([ad.version_id for ad, _ in rows if ad.version_id])
        return [Shown(ad, cover, sizes.get(ad.version_id, 0)) for ad, cover in rows]

    def page(self, wanted: Wanted, limit: int, before: Place | None = None) -> Sequence[Ad]:
        """Ads in any state."""
        return self._session.scalars(self._wanted(wanted, before).limit(limit)).all()

    def unfinished(self, limit: int) -> Sequence[Ad]:
        """What failed or was stopped before there was a picture, the latest first."""
        query = sa.select(Ad).where(Ad.status.in_(("failed", "stopped")), Ad.version_id.is_(None))
        return self._session.scalars(_latest(query.where(Ad.deleted_at.is_(None))).limit(limit)).all()

    def deleted(self, limit: int) -> list[tuple[Ad, Asset | None]]:
        """What can still be brought back."""
        query = sa.select(Ad, Asset).outerjoin(Asset, Asset.id == Ad.cover_id).where(Ad.deleted_at > now() - UNDO)
        return [(row[0], row[1]) for row in self._session.execute(query.order_by(Ad.deleted_at.desc()).limit(limit))]

    def of(self, ids: Sequence[uuid.UUID]) -> Sequence[Ad]:
        """Those of ``ids`` that are there, in their order; a deleted or another business' is left out."""
        found = self._session.scalars(sa.select(Ad).where(Ad.id.in_(ids), Ad.deleted_at.is_(None)))
        by_id = {ad.id: ad for ad in found}
        return [by_id[ad_id] for ad_id in dict.fromkeys(ids) if ad_id in by_id]

    def _wanted(self, wanted: Wanted, before: Place | None) -> sa.Select[Any]:
        query = _latest(sa.select(Ad).where(Ad.deleted_at.is_(None)))
        marks = ((wanted.favorite, Ad.is_favorite.is_(True)), (wanted.look, Ad.needs_look.is_(True)))
        query = query.where(*(condition for asked, condition in marks if asked))
        for name in ("kind", "status", "product_id", "campaign_id"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(Ad, name) == value)
        for term in wanted.q[:LONGEST_SEARCH].split()[:MOST_TERMS]:
            words = sa.or_(Ad.words.icontains(term, autoescape=True), Ad.title.icontains(term, autoescape=True))
            query = query.where(words)
        if before is not None:
            query = query.where(sa.tuple_(Ad.created_at, Ad.id) < sa.tuple_(*map(sa.literal, before)))
        return query

    def _sizes(self, versions: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, int]:
        query = sa.select(AdImage.version_id, sa.func.count(AdImage.id)).where(AdImage.version_id.in_(versions))
        return {row[0]: row[1] for row in self._session.execute(query.group_by(AdImage.version_id))}


class ShareLinks(Repository[ShareLink]):
    table = ShareLink

    def of(self, ad_id: uuid.UUID) -> Sequence[ShareLink]:
        """Links that work, the latest first."""
        query = sa.select(ShareLink).where(ShareLink.ad_id == ad_id, ShareLink.revoked_at.is_(None))
        return self._session.scalars(query.order_by(ShareLink.created_at.desc(), ShareLink.id)).all()

    def by_token(self, token: str) -> ShareLink | None:
        return self._session.scalars(sa.select(ShareLink).where(ShareLink.token == token)).one_or_none()

    def seen(self, link: ShareLink) -> None:
        """Counted in the database: two visitors at once count two."""
        query = sa.update(ShareLink).where(ShareLink.id == link.id).values(views=ShareLink.views + 1)
        self._session.execute(query, execution_options={"synchronize_session": False})


def _latest(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.order_by(Ad.created_at.desc(), Ad.id.desc())
