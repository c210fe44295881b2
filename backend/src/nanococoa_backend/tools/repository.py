"""Queries over notes on pictures, and over the pictures to choose from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.products.models import Product
from nanococoa_backend.tools.models import PictureNote

OPEN: Final = ("waiting", "running")


class PictureNotes(Repository[PictureNote]):
    table = PictureNote

    def by_key(self, key: str) -> PictureNote | None:
        return self._session.scalars(sa.select(PictureNote).where(PictureNote.request_key == key)).one_or_none()

    def claim(self) -> PictureNote | None:
        """The one that is due longest."""
        return claim(self._session, PictureNote, PictureNote.status.in_(OPEN))

    def locked(self, note_id: uuid.UUID) -> PictureNote | None:
        """Nobody else changes it before the transaction ends. None when it is gone."""
        one = PictureNote.id == note_id
        self._session.execute(
            sa.update(PictureNote).where(one).values(kind=PictureNote.kind)
        )  # SQLite locks by writing
        return self._session.scalars(sa.select(PictureNote).where(one).with_for_update()).one_or_none()

    def page(
        self, limit: int, before: tuple[datetime, uuid.UUID] | None = None, asset_id: uuid.UUID | None = None
    ) -> Sequence[PictureNote]:
        """Newest first, of one picture or of all."""
        query = sa.select(PictureNote)
        if asset_id is not None:
            query = query.where(PictureNote.asset_id == asset_id)
        if before is not None:
            query = query.where(sa.tuple_(PictureNote.created_at, PictureNote.id) < sa.tuple_(*map(sa.literal, before)))
        query = query.order_by(PictureNote.created_at.desc(), PictureNote.id.desc()).limit(limit)
        return self._session.scalars(query).all()

    def remove(self, note: PictureNote) -> None:
        self._session.delete(note)

    def pictures(self, limit: int) -> list[tuple[str, Asset]]:
        """(title, picture): finished ads and products' photos, the newest of each."""
        ads = sa.select(Ad.title, Asset).join(Asset, Asset.id == Ad.cover_id).where(Ad.deleted_at.is_(None))
        photos = sa.select(Product.name, Asset).join(Asset, Asset.id == Product.photo_id)
        photos = photos.where(Product.deleted_at.is_(None))
        newest_ads = self._session.execute(ads.order_by(Ad.created_at.desc()).limit(limit))
        newest_photos = self._session.execute(photos.order_by(Product.created_at.desc()).limit(limit))
        return [(row[0], row[1]) for row in (*newest_photos, *newest_ads)]
