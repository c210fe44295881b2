"""What people do with runs. Rows become ads beside the requests (``running``)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, Campaign
from nanococoa_backend.ads.repository import Files
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.batch.models import BatchItem, BatchRun
from nanococoa_backend.batch.repository import BatchItems, BatchRuns, Shown
from nanococoa_backend.batch.results import Result, result_of
from nanococoa_backend.errors import NotFound, Outdated
from nanococoa_backend.limits.service import check
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.products.service import ProductService

DRAFTS_STAY: Final = timedelta(days=1)
"""A draft that nobody starts is forgotten after this."""


class BatchService:
    def __init__(
        self,
        session: Session,
        ads: AdService,
        products: ProductService,
        business_id: uuid.UUID,
        user_id: uuid.UUID | None,
        bell: Bell,
    ) -> None:
        self._session, self._bell = session, bell
        self._ads, self._products = ads, products
        self._business_id, self._user_id = business_id, user_id
        self.runs, self.items = BatchRuns(session), BatchItems(session)

    def results(self, run: BatchRun) -> list[Result]:
        """Every row with what became of it, in the list's order."""
        return [result_of(shown) for shown in self.items.shown([run.id])]

    def results_of(self, runs: Sequence[BatchRun]) -> dict[uuid.UUID, list[Result]]:
        """The same for several runs at once."""
        found: dict[uuid.UUID, list[Result]] = {run.id: [] for run in runs}
        for shown in self.items.shown(list(found)):
            found[shown.item.run_id].append(result_of(shown))
        return found

    def files(self, ad: Ad) -> Files:
        """Finished files of the version an ad shows."""
        return self._ads.files(ad)

    def item(self, run: BatchRun, item_id: uuid.UUID) -> Shown:
        """Raises NotFound."""
        for shown in self.items.shown([run.id]):
            if shown.item.id == item_id:
                return shown
        raise NotFound

    def start(self, run_id: uuid.UUID, *, reuse: bool = True) -> BatchRun:
        """Let the rows become ads; once started, it stays so. Raises LimitReached before the first one is made."""
        run = self.runs.locked(run_id)
        if run.status != "draft":
            return run
        items = self.items.of(run.id)
        check(self._session, self._business_id, "ads", adding=len(items))
        campaign = Campaign(business_id=self._business_id, name=run.name)
        self._session.add(campaign)
        self._session.flush()
        run.status, run.reuse, run.campaign_id, run.started_at = "started", reuse, campaign.id, now()
        run.is_open = True
        for item in items:
            item.status = "waiting"
        self._record("batch.started", run)
        return run

    def stop(self, run_id: uuid.UUID) -> BatchRun:
        """What is finished stays; what waits is not begun, what runs is stopped."""
        run = self.runs.locked(run_id)
        if run.status != "started":
            return run
        run.status = "stopped"
        for shown in self.items.shown([run.id]):
            if shown.item.status == "waiting":
                shown.item.status = "stopped"
            if shown.ad is not None:
                self._ads.stop(shown.ad)
        self._record("batch.stopped", run)
        return run

    def again(self, run_id: uuid.UUID) -> BatchRun:
        """Only what failed or was stopped. Raises Outdated for a draft."""
        run = self.runs.locked(run_id)
        if run.status == "draft":
            raise Outdated
        run.status, run.is_open = "started", True
        for shown in self.items.shown([run.id]):
            if result_of(shown).state in ("failed", "stopped"):
                self._take_up(shown)
        self._record("batch.again", run)
        return run

    def remake(self, run: BatchRun, item_id: uuid.UUID) -> None:
        """One row anew, with the product's cut-out as it is now. Raises NotFound, Outdated while it is made."""
        shown = self.item(run, item_id)
        if run.status == "draft" or result_of(shown).state in ("waiting", "making"):
            raise Outdated
        run.status, run.is_open = "started", True
        self._anew(shown)
        self._record("batch.remade", run)

    def accept(self, run: BatchRun, item_id: uuid.UUID) -> None:
        """The owner has looked and is content. Raises NotFound, Outdated."""
        shown = self.item(run, item_id)
        if result_of(shown).state != "look" or shown.ad is None:
            raise Outdated
        shown.ad.needs_look = False
        if shown.cutout is not None and shown.cutout.verdict == "uncertain" and shown.product is not None:
            self._products.confirm(shown.product)
        self._record("batch.accepted", run)

    def delete(self, run_id: uuid.UUID) -> None:
        """The run and its rows; its ads stay in the gallery. What is under way is stopped."""
        run = self.stop(run_id)
        self._record("batch.deleted", run)
        self._session.delete(run)

    def _take_up(self, shown: Shown) -> None:
        if shown.ad is not None and shown.ad.status == "stopped":
            self._ads.try_again(shown.ad)
        else:
            self._anew(shown)

    def _anew(self, shown: Shown) -> None:
        """Another ad in place of the one that failed, which goes to the bin."""
        if shown.ad is not None and shown.ad.status == "failed":
            self._ads.delete(shown.ad)
        item = shown.item
        item.status, item.problem, item.tries, item.next_try_at = "waiting", None, 0, None

    def _record(self, action: str, run: BatchRun) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business_id, subject=run.id)
        ring_after_commit(self._session, self._bell)


def ad_key(item: BatchItem) -> str:
    """The same row gives the same ad, until a person asks for another in its place."""
    return f"batch-{item.id.hex}-{item.ad_id.hex if item.ad_id else 'first'}"
