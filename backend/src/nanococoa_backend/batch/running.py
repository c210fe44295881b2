"""Rows become ads beside the requests: product, order and mark in one transaction, so that no row is made twice.

A process that dies leaves its row claimed for a while; then another takes it up. The ads are made by ``ads.making``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.batch.models import BatchItem, BatchRun
from nanococoa_backend.batch.repository import BatchItems, BatchRuns
from nanococoa_backend.batch.service import DRAFTS_STAY, ad_key
from nanococoa_backend.errors import DatabaseGone, NotFound, StoreFull
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.retrying import pause_of
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.repository import Products
from nanococoa_backend.products.schemas import ProductFacts
from nanococoa_backend.products.service import ProductService
from nanococoa_client.errors import ServiceError

_PASSING: Final = (DatabaseGone, StoreFull)


@dataclass(frozen=True, slots=True)
class Task:
    item_id: uuid.UUID
    business_id: uuid.UUID


class Running:
    """The duty of a ``Crew``. ``cutting`` and ``making`` are the bells of those who go on with what it leaves."""

    name = "rows of runs"

    def __init__(self, database: Database, store: AssetStore, cutting: Bell, making: Bell) -> None:
        self._database, self._store = database, store
        self._cutting, self._making = cutting, making

    def claim(self, session: Session) -> tuple[BatchItem, Task] | None:
        item = BatchItems(session).claim()
        return (item, Task(item.id, item.business_id)) if item else None

    async def attend(self, task: Task) -> None:
        await run_in_threadpool(self._attend, task)

    async def forget_drafts(self) -> None:
        """The housekeeping's chore."""
        await run_in_threadpool(self._forget_drafts)

    def _attend(self, task: Task) -> None:
        try:
            with self._database.begin() as session:
                scope.narrow(session, task.business_id)
                self._make(session, task)
        except _PASSING:
            self._put_off(task)
        except ServiceError as error:
            self._fail(task, error)

    def _make(self, session: Session, task: Task) -> None:
        item = BatchItems(session).locked(task.item_id)
        run = BatchRuns(session).get(item.run_id)
        if item.status != "waiting" or run.status != "started":
            return
        media = MediaService(session, self._store)
        product = self._product(session, media, run, item)
        ads = AdService(session, media, run.business_id, run.user_id, self._making)
        order = AdOrder.model_validate(item.order)
        ad = ads.make(order, product.id, key=ad_key(item), campaign_id=run.campaign_id)
        item.product_id, item.ad_id, item.status, item.next_try_at = product.id, ad.id, "made", None

    def _product(self, session: Session, media: MediaService, run: BatchRun, item: BatchItem) -> Product:
        """Raises NotFound, InvalidPicture, LimitReached."""
        for product_id in (item.product_id, self._known(session, run, item)):
            if product_id is not None:
                return Products(session).live(product_id)
        if not item.photo:
            raise NotFound
        facts = ProductFacts(name=item.name, price=item.price, unit=item.unit, notes=item.notes)
        service = ProductService(session, media, run.business_id, run.user_id, self._cutting)
        return service.add(facts, self._store.get(item.photo))

    def _known(self, session: Session, run: BatchRun, item: BatchItem) -> uuid.UUID | None:
        if item.known_id is not None and (run.reuse or not item.photo):
            return item.known_id
        return BatchItems(session).product_for(item)

    def _put_off(self, task: Task) -> None:
        self._change(task, failed=False)

    def _fail(self, task: Task, error: ServiceError) -> None:
        said = NotFound("batch_product_gone") if isinstance(error, NotFound) else error
        told = {"code": said.code, "message_ko": said.message("ko"), "message_en": said.message("en")}
        self._change(task, failed=True, problem=told)

    def _change(self, task: Task, *, failed: bool, problem: dict[str, Any] | None = None) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            item = BatchItems(session).locked(task.item_id)
            if item.status != "waiting":
                return
            item.tries += 1
            item.status, item.problem = ("failed", problem) if failed else ("waiting", None)
            item.next_try_at = None if failed else now() + pause_of(item.tries)

    def _forget_drafts(self) -> None:
        with self._database.begin() as session:
            scope.widen(session)
            session.execute(
                sa.delete(BatchRun).where(BatchRun.status == "draft", BatchRun.created_at < now() - DRAFTS_STAY)
            )
