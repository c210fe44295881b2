"""A list or a choice of products becomes a draft: every row and photo is checked before it is kept.

Photos are checked and stored before the first row is written: SQLite has one writer, who must not keep others waiting.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.ads.catalogue import Catalogue
from nanococoa_backend.batch.models import BatchItem, BatchRun
from nanococoa_backend.batch.photos import ArchiveProblem, Photos
from nanococoa_backend.batch.rows import Refused, Row, RowProblem, Wishes, order_of, row_of
from nanococoa_backend.batch.tables import MOST_ROWS, Line
from nanococoa_backend.errors import BackendError, InvalidField, InvalidPicture, TooLarge
from nanococoa_backend.limits.service import check
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform import pictures
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.repository import Products
from nanococoa_backend.products.schemas import ProductFacts

LONGEST_NAME: Final = 80


class NothingToMake(BackendError):
    """Not one row of the list can become an ad; ``refused`` says why, row by row."""

    code, status, default_key = "INVALID_PARAMETER", 422, "batch_nothing"

    def __init__(self, refused: Sequence[Refused], locale: Locale) -> None:
        self.refused = refused
        super().__init__(rows=[{"line": row.line, "message": row.sentence(locale)} for row in refused])


class Drafting:
    def __init__(
        self,
        session: Session,
        store: AssetStore,
        business_id: uuid.UUID,
        user_id: uuid.UUID | None,
        catalogue: Catalogue,
        locale: Locale,
    ) -> None:
        self._session, self._store = session, store
        self._business_id, self._user_id = business_id, user_id
        self._catalogue, self._locale = catalogue, locale

    def from_list(self, name: str, lines: Sequence[Line], photos: Photos, wishes: Wishes) -> BatchRun:
        """Good rows go on, the others are told. Raises NothingToMake, ArchiveProblem, LimitReached, StoreFull."""
        kept = _KeptPhotos(self._store, self._business_id, photos)
        known = self._products_by_name()
        refused: list[Refused] = []
        items: list[BatchItem] = []
        for line in lines:
            try:
                items.append(self._item(row_of(line, wishes, self._catalogue, self._locale), kept, known))
            except (RowProblem, ArchiveProblem, InvalidPicture, TooLarge) as error:
                if isinstance(error, ArchiveProblem) and error.key == "all_too_large":
                    raise
                refused.append(_refusal(line, error))
        if not items:
            raise NothingToMake(refused, self._locale)
        check(self._session, self._business_id, "storage", adding=kept.bytes)
        return self._keep(name, "list", items, refused)

    def from_products(
        self, name: str, product_ids: Iterable[uuid.UUID], scenes: Sequence[str], formats: list[str], use_brand: bool
    ) -> BatchRun:
        """Each product before each scene. Raises NotFound, InvalidField."""
        chosen = [Products(self._session).live(one) for one in dict.fromkeys(product_ids)]
        pairs = [(product, scene) for product in chosen for scene in dict.fromkeys(scenes)]
        if not pairs:
            raise InvalidField(**({} if chosen else {"products": "batch_products"}), scenes="batch_scenes")
        if len(pairs) > MOST_ROWS:
            raise InvalidField(products="batch_too_many")
        items = [self._pair(product, Wishes(scene, formats, use_brand)) for product, scene in pairs]
        return self._keep(name or self._called(chosen), "products", items, [])

    def _called(self, products: Sequence[Product]) -> str:
        many = len(products) > 1
        return say(
            self._locale, f"batch.of_{'many' if many else 'one'}", name=products[0].name, count=len(products) - 1
        )

    def _item(self, row: Row, kept: _KeptPhotos, known: dict[str, uuid.UUID]) -> BatchItem:
        known_id = known.get(row.facts.name.casefold())
        if not row.photo and known_id is None:
            raise RowProblem("no_photo")
        photo, thumb = kept.keep(row.photo) if row.photo else ("", "")
        return self._new(row.facts, row.order.model_dump(mode="json"), row.line, known_id, photo, thumb)

    def _pair(self, product: Product, wishes: Wishes) -> BatchItem:
        facts = ProductFacts(name=product.name, price=product.price, unit=product.unit, notes=product.notes)
        order = order_of(
            facts,
            "",
            scene="",
            formats=list(wishes.formats),
            wishes=wishes,
            catalogue=self._catalogue,
            locale=self._locale,
        )
        return self._new(facts, order.model_dump(mode="json"), None, product.id)

    def _new(
        self,
        facts: ProductFacts,
        order: dict[str, Any],
        line: int | None,
        known_id: uuid.UUID | None,
        photo: str = "",
        thumb: str = "",
    ) -> BatchItem:
        return BatchItem(
            business_id=self._business_id,
            line=line,
            photo=photo,
            thumb=thumb,
            known_id=known_id,
            order=order,
            **facts.model_dump(),
        )

    def _keep(self, name: str, source: str, items: Sequence[BatchItem], refused: Sequence[Refused]) -> BatchRun:
        run = BatchRun(
            business_id=self._business_id,
            user_id=self._user_id,
            name=" ".join(name.split())[:LONGEST_NAME] or now().date().isoformat(),
            source=source,
            refused=[{"line": row.line, "name": row.name, "key": row.key, "details": row.details} for row in refused],
        )
        self._session.add(run)
        self._session.flush()
        for position, item in enumerate(items):
            item.run_id, item.position = run.id, position
        self._session.add_all(items)
        self._session.flush()
        return run

    def _products_by_name(self) -> dict[str, uuid.UUID]:
        """Of several products of one name the newest."""
        query = sa.select(Product.name, Product.id).where(Product.deleted_at.is_(None)).order_by(Product.created_at)
        return {name.casefold(): product_id for name, product_id in self._session.execute(query)}


class _KeptPhotos:
    """Photos by name, checked and stored once each."""

    def __init__(self, store: AssetStore, business_id: uuid.UUID, photos: Photos) -> None:
        self._store, self._business_id, self._photos = store, business_id, photos
        self._keys: dict[str, tuple[str, str]] = {}
        self.bytes = 0

    def keep(self, name: str) -> tuple[str, str]:
        """(photo, thumbnail) as keys of the store. Raises ArchiveProblem, InvalidPicture, TooLarge."""
        if name not in self._keys:
            data = self._photos.find(name)
            photo, thumb = pictures.glance(data)
            self.bytes += len(data)
            self._keys[name] = (self._put(photo), self._put(thumb))
        return self._keys[name]

    def _put(self, file: pictures.Encoded) -> str:
        return self._store.put(self._business_id, file.data, file.media_type)


def _refusal(line: Line, error: RowProblem | ArchiveProblem | BackendError) -> Refused:
    name = line.cells.get("product", "")[:LONGEST_NAME]
    if isinstance(error, RowProblem):
        return Refused(line.number, name, f"batch.rows.{error.key}", error.details)
    if isinstance(error, ArchiveProblem):
        return Refused(line.number, name, f"batch.photos.{error.key}", error.details)
    return Refused(line.number, name, f"errors.{error.key}", dict(error.details))
