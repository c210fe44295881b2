"""Queries over products and cut-outs of the session's business."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from nanococoa_backend.errors import NotFound
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.claims import claim
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.products.models import Cutout, Product

Shelf = Sequence[tuple[Product, Cutout | None, Asset]]
"""Products with their cut-out and the picture to show: the cut-out's, else the photo's."""


class Products(Repository[Product]):
    table = Product

    def live(self, product_id: uuid.UUID) -> Product:
        """Raises NotFound, also for a deleted one."""
        product = self.get(product_id)
        if product.deleted_at is not None:
            raise NotFound
        return product

    def shelf(self, limit: int, before: tuple[datetime, uuid.UUID] | None = None, name: str = "") -> Shelf:
        """Newest first, from just before ``before`` on; ``name``: only those whose name contains it."""
        shown = sa.func.coalesce(Cutout.asset_id, Product.photo_id)
        query = (
            sa.select(Product, Cutout, Asset)
            .outerjoin(Cutout, Cutout.id == Product.cutout_id)
            .join(Asset, Asset.id == shown)
            .where(Product.deleted_at.is_(None))
            .order_by(Product.created_at.desc(), Product.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(sa.tuple_(Product.created_at, Product.id) < sa.tuple_(*map(sa.literal, before)))
        if name:
            query = query.where(Product.name.icontains(name, autoescape=True))
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]

    def shown(self, product_id: uuid.UUID) -> tuple[Product, Cutout | None, Asset]:
        """One entry of the shelf. Raises NotFound, also for a deleted product."""
        product = self.live(product_id)
        cutout = self._session.get(Cutout, product.cutout_id) if product.cutout_id else None
        asset_id = (cutout.asset_id if cutout else None) or product.photo_id
        return product, cutout, self._session.get_one(Asset, asset_id)

    def picture_id(self, product_id: uuid.UUID) -> uuid.UUID:
        """What to show of a product, deleted or not. Raises NotFound."""
        product = self.get(product_id)
        cutout = self._session.get(Cutout, product.cutout_id) if product.cutout_id else None
        return (cutout.asset_id if cutout else None) or product.photo_id

    def needing_attention(self, limit: int = 20) -> Sequence[tuple[Product, Cutout, Asset]]:
        """Products whose cut-out is under way, was refused, or is uncertain, the oldest first."""
        waits = sa.or_(Cutout.status.in_(("pending", "failed")), Cutout.verdict == "uncertain")
        query = (
            sa.select(Product, Cutout, Asset)
            .join(Cutout, Cutout.id == Product.cutout_id)
            .join(Asset, Asset.id == sa.func.coalesce(Cutout.asset_id, Product.photo_id))
            .where(Product.deleted_at.is_(None), waits)
            .order_by(Cutout.created_at, Cutout.id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]


class Cutouts(Repository[Cutout]):
    table = Cutout

    def of(self, product: Product) -> Cutout | None:
        """The cut-out a product points to."""
        return self.get(product.cutout_id) if product.cutout_id else None

    def versions(self, product_id: uuid.UUID) -> Sequence[Cutout]:
        """All finished ones of a product, the latest first."""
        query = sa.select(Cutout).where(Cutout.product_id == product_id, Cutout.status == "ready")
        return self._session.scalars(query.order_by(Cutout.created_at.desc(), Cutout.id)).all()

    def claim(self) -> Cutout | None:
        """The pending one that has waited longest."""
        found = claim(self._session, Cutout, Cutout.status == "pending")
        if found is not None:
            found.tries += 1
        return found
