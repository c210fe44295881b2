"""Queries over runs and their rows, of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import UNDER_WAY
from nanococoa_backend.batch.models import BatchItem, BatchRun
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.products.models import Cutout, Product


@dataclass(frozen=True, slots=True)
class Shown:
    """A row with what became of it; ``face_id`` is the picture of its product."""

    item: BatchItem
    ad: Ad | None
    cover: Asset | None
    product: Product | None
    cutout: Cutout | None
    face_id: uuid.UUID | None


class BatchRuns(Repository[BatchRun]):
    table = BatchRun

    def page(self, limit: int, before: tuple[datetime, uuid.UUID] | None = None) -> Sequence[BatchRun]:
        """Newest first, from just before ``before`` on."""
        query = sa.select(BatchRun).order_by(BatchRun.created_at.desc(), BatchRun.id.desc()).limit(limit)
        if before is not None:
            query = query.where(sa.tuple_(BatchRun.created_at, BatchRun.id) < sa.tuple_(*map(sa.literal, before)))
        return self._session.scalars(query).all()

    def locked(self, run_id: uuid.UUID) -> BatchRun:
        """Nobody else changes it before the transaction ends. Raises NotFound."""
        statement = sa.update(BatchRun).where(BatchRun.id == run_id).values(status=BatchRun.status)
        self._session.execute(statement)  # SQLite locks by writing, PostgreSQL by this too
        run = self.get(run_id)
        self._session.refresh(run)
        return run

    def claim_ended(self) -> BatchRun | None:
        """An open one of which no row is under way any more."""
        ads = sa.select(Ad.id).where(Ad.status.in_(UNDER_WAY))
        is_under_way = sa.or_(BatchItem.status == "waiting", BatchItem.ad_id.in_(ads))
        rows = sa.select(BatchItem.id).where(BatchItem.run_id == BatchRun.id, is_under_way)
        return claim(self._session, BatchRun, sa.and_(BatchRun.is_open, ~rows.exists()))


class BatchItems(Repository[BatchItem]):
    table = BatchItem

    def of(self, run_id: uuid.UUID) -> Sequence[BatchItem]:
        """In the list's order."""
        query = sa.select(BatchItem).where(BatchItem.run_id == run_id)
        return self._session.scalars(query.order_by(BatchItem.position)).all()

    def shown(self, run_ids: Sequence[uuid.UUID]) -> Sequence[Shown]:
        """The rows of some runs with their ads and cut-outs, in the list's order; a deleted ad counts as none."""
        query = (
            sa.select(BatchItem, Ad, Asset, Product, Cutout, sa.func.coalesce(Cutout.asset_id, Product.photo_id))
            .outerjoin(Ad, sa.and_(Ad.id == BatchItem.ad_id, Ad.deleted_at.is_(None)))
            .outerjoin(Asset, Asset.id == Ad.cover_id)
            .outerjoin(Product, Product.id == sa.func.coalesce(BatchItem.product_id, BatchItem.known_id))
            .outerjoin(Cutout, Cutout.id == Product.cutout_id)
            .where(BatchItem.run_id.in_(run_ids))
            .order_by(BatchItem.position)
        )
        return [Shown(*row) for row in self._session.execute(query)]

    def product_for(self, item: BatchItem) -> uuid.UUID | None:
        """The product that an earlier row of the run has added from the same photo under the same name."""
        query = sa.select(BatchItem.product_id).where(
            BatchItem.run_id == item.run_id,
            BatchItem.name == item.name,
            BatchItem.photo == item.photo,
            BatchItem.photo != "",
            BatchItem.product_id.is_not(None),
        )
        return self._session.scalar(query.order_by(BatchItem.position).limit(1))

    def claim(self) -> BatchItem | None:
        """The row that is due longest."""
        return claim(self._session, BatchItem, BatchItem.status == "waiting")

    def locked(self, item_id: uuid.UUID) -> BatchItem:
        """Raises NotFound."""
        statement = sa.update(BatchItem).where(BatchItem.id == item_id).values(status=BatchItem.status)
        self._session.execute(statement)
        item = self.get(item_id)
        self._session.refresh(item)
        return item
