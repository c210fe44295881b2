"""What people do with products. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

import structlog
from PIL import Image
from sqlalchemy.orm import Session

from nanococoa_backend.errors import InvalidField, NotFound, Outdated
from nanococoa_backend.limits.service import check
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import pictures
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.products.models import Cutout, Product
from nanococoa_backend.products.repository import Cutouts, Products
from nanococoa_backend.products.schemas import BoxIn, ProductFacts

UNDO: Final = timedelta(days=7)
"""A deleted product can be brought back this long."""


class ProductService:
    """``bell`` is rung when a new cut-out to make has been committed."""

    def __init__(
        self, session: Session, media: MediaService, business_id: uuid.UUID, user_id: uuid.UUID | None, bell: Bell
    ) -> None:
        self._session = session
        self._bell = bell
        self._media = media
        self._business_id = business_id
        self._user_id = user_id
        self.products = Products(session)
        self.cutouts = Cutouts(session)

    def add(self, facts: ProductFacts, photo: bytes) -> Product:
        """A product with its photo; the cut-out is asked for. Raises InvalidPicture, TooLarge."""
        check(self._session, self._business_id, "products")
        asset = self._keep_photo(photo)
        product = Product(business_id=self._business_id, photo_id=asset.id, **facts.model_dump())
        self.products.add(product)
        self._cut(product, asset)
        self._record("product.added", product)
        return product

    def change(self, product: Product, facts: ProductFacts) -> None:
        for name, value in facts.model_dump().items():
            setattr(product, name, value)
        self._record("product.changed", product)

    def replace_photo(self, product: Product, photo: bytes) -> None:
        """Another photo of the same product; its cut-out is made anew."""
        asset = self._keep_photo(photo)
        product.photo_id = asset.id
        self._cut(product, asset)
        self._record("product.photo", product)

    def delete(self, product: Product) -> None:
        product.deleted_at = now()
        self._record("product.deleted", product)

    def restore(self, product_id: uuid.UUID) -> Product:
        """Raises NotFound when it was deleted too long ago."""
        product = self.products.get(product_id)
        if product.deleted_at is not None and now() - product.deleted_at > UNDO:
            raise NotFound
        if product.deleted_at is not None:
            check(self._session, self._business_id, "products")
        product.deleted_at = None
        self._record("product.restored", product)
        return product

    def cut_within(self, product: Product, box: BoxIn) -> Cutout:
        """Look for the product again inside a box. Raises InvalidField for a box outside the photo."""
        photo = self._media.get(product.photo_id)
        if box.left + box.width > photo.width or box.top + box.height > photo.height:
            raise InvalidField(box="box_outside")
        drawn = [box.left, box.top, box.width, box.height]
        cutout = self._new_cutout(product, photo, source="box", box=drawn)
        self._record("cutout.box", product)
        return cutout

    def touch_up(self, product: Product, base: uuid.UUID, strokes: bytes) -> Cutout:
        """Apply the owner's paint to the cut-out it was painted on. Raises Outdated, InvalidPicture, TooLarge."""
        before = self.cutouts.of(product)
        if before is None or before.id != base or before.asset_id is None:
            raise Outdated
        check(self._session, self._business_id, "storage", adding=len(strokes))
        photo = self._media.image(self._media.get(before.photo_id))
        cutout = self._media.image(self._media.get(before.asset_id)).convert("RGBA")
        image = pictures.touched_up(photo, cutout, pictures.decode(strokes))
        row = self._ready(product, before.photo_id, image, source="brush")
        self._record("cutout.brush", product)
        return row

    def confirm(self, product: Product) -> None:
        """The owner has looked and is content. Raises Outdated while there is nothing to look at."""
        cutout = self.cutouts.of(product)
        if cutout is None or cutout.status != "ready":
            raise Outdated
        cutout.verdict = "confirmed"
        self._record("cutout.confirmed", product)

    def use(self, product: Product, cutout_id: uuid.UUID) -> None:
        """Go back to an earlier cut-out of the same photo. Raises NotFound."""
        cutout = self.cutouts.get(cutout_id)
        if cutout.product_id != product.id or cutout.status != "ready" or cutout.photo_id != product.photo_id:
            raise NotFound
        product.cutout_id = cutout.id
        self._record("cutout.restored", product)

    def try_again(self, product: Product) -> None:
        """A failed cut-out is asked for once more."""
        photo = self._media.get(product.photo_id)
        self._new_cutout(product, photo, source="auto")

    def _keep_photo(self, photo: bytes) -> Asset:
        check(self._session, self._business_id, "storage", adding=len(photo))
        return self._media.keep(self._business_id, pictures.decode(photo), "photo")

    def _cut(self, product: Product, photo: Asset) -> None:
        """A photo with nothing behind the product is its own cut-out."""
        image = self._media.image(photo)
        if image.mode == "RGBA" and _is_cut_out(image):
            self._ready(product, photo.id, image, source="given")
        else:
            self._new_cutout(product, photo, source="auto")

    def _new_cutout(self, product: Product, photo: Asset, *, source: str, box: list[int] | None = None) -> Cutout:
        row = Cutout(business_id=self._business_id, product_id=product.id, photo_id=photo.id, source=source, box=box)
        product.cutout_id = self.cutouts.add(row).id
        structlog.get_logger().info("work taken in", duty="cut-outs", row=str(row.id))
        ring_after_commit(self._session, self._bell)
        return row

    def _ready(self, product: Product, photo_id: uuid.UUID, image: Image.Image, *, source: str) -> Cutout:
        asset = self._media.keep(self._business_id, image, "cutout")
        row = Cutout(
            business_id=self._business_id,
            product_id=product.id,
            photo_id=photo_id,
            asset_id=asset.id,
            source=source,
            status="ready",
            verdict="confirmed",
        )
        product.cutout_id = self.cutouts.add(row).id
        return row

    def _record(self, action: str, product: Product) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business_id, subject=product.id)


def _is_cut_out(image: Image.Image) -> bool:
    """A tenth of it see-through is no accident (the aiserver's own measure)."""
    return sum(image.getchannel("A").histogram()[:128]) >= 0.1 * image.width * image.height
