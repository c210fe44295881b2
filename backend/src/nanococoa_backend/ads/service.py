"""What people do with ads. Nothing here speaks to the aiserver: an order is a row that waits (``making``)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, AdVersion
from nanococoa_backend.ads.repository import UNDER_WAY, AdImages, Ads, AdVersions, Files
from nanococoa_backend.ads.schemas import AdOrder, EditOrder
from nanococoa_backend.ads.versions import Outcome, add_version, show
from nanococoa_backend.errors import InvalidField, NotFound, Outdated
from nanococoa_backend.limits.service import check
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.products.repository import Products
from nanococoa_client.schemas import AdCopy

UNDO: Final = timedelta(days=7)
"""A deleted ad can be brought back for this long."""

LONGEST_TITLE: Final = 120


class AdService:
    """``bell`` wakes the work beside the requests."""

    def __init__(
        self, session: Session, media: MediaService, business_id: uuid.UUID, user_id: uuid.UUID | None, bell: Bell
    ) -> None:
        self._session, self._media, self._bell = session, media, bell
        self._business_id, self._user_id = business_id, user_id
        self.ads, self.versions = Ads(session), AdVersions(session)

    def make(
        self,
        order: AdOrder,
        product_id: uuid.UUID,
        *,
        key: str | None = None,
        campaign_id: uuid.UUID | None = None,
        parent_id: uuid.UUID | None = None,
        begins_at: datetime | None = None,
    ) -> Ad:
        """An ad that waits to be made, from ``begins_at`` on; the same ``key`` gives the same ad.

        Raises NotFound, Outdated, LimitReached.
        """
        product = Products(self._session).live(product_id)
        title = order.fields.headline or order.text.partition("|")[0].strip() or product.name
        words = " ".join([product.name, *order.fields.given().values(), order.text, order.background])
        links = {"product_id": product.id, "campaign_id": campaign_id, "parent_id": parent_id}
        return self._order("ad", order, title, words, key, begins_at, **links)

    def make_edit(
        self,
        order: EditOrder,
        *,
        key: str | None = None,
        parent_id: uuid.UUID | None = None,
        begins_at: datetime | None = None,
    ) -> Ad:
        """A picture that waits to be changed by words. Raises NotFound, InvalidField, Outdated."""
        try:
            self._media.get(uuid.UUID(order.asset_id))
        except ValueError:
            raise InvalidField(asset_id="invalid") from None
        words = order.instruction
        return self._order("edit", order, words, words, key, begins_at, parent_id=parent_id)

    def given(self, ad: Ad, job_id: str) -> None:
        """Somebody else gave a waiting ad to the aiserver; its files come home when its job ends."""
        if ad.job_id is not None:
            return
        if ad.status != "waiting":  # it was stopped meanwhile: the job is, too
            ad.stop_wanted, ad.finished_at = True, None
        ad.status, ad.job_id, ad.next_try_at = "pending", job_id, None
        ring_after_commit(self._session, self._bell)

    def order_of(self, ad: Ad) -> AdOrder:
        """What was asked for; a copy that was one text is told by the fields it was read into."""
        order = AdOrder.model_validate(ad.request)
        if not order.text:
            return order
        made = self.versions.get(ad.version_id) if ad.version_id else None
        fields = AdCopy.model_validate(made.fields) if made else AdCopy(headline=order.text)
        return order.model_copy(update={"text": "", "fields": fields})

    def stop(self, ad: Ad) -> None:
        """End what waits or runs; what has ended stays as it is."""
        if ad.status not in UNDER_WAY:
            return
        if ad.status == "waiting" and ad.job_id is None and ad.next_try_at is None:
            ad.status, ad.finished_at = "stopped", now()
        else:
            ad.stop_wanted, ad.next_try_at = True, None
        self._record("ad.stopped", ad)
        ring_after_commit(self._session, self._bell)

    def try_again(self, ad: Ad) -> None:
        """Go on where it ended, or begin anew where that can't be. Raises Outdated while it runs or when it is done."""
        if ad.status not in ("failed", "stopped"):
            raise Outdated
        ad.status, ad.stop_wanted, ad.problem, ad.finished_at = "waiting", False, None, None
        ad.tries, ad.next_try_at, ad.progress = 0, None, None
        self._record("ad.again", ad)
        ring_after_commit(self._session, self._bell)

    def set_favorite(self, ad: Ad, favorite: bool) -> None:
        ad.is_favorite = favorite

    def delete(self, ad: Ad) -> None:
        """Out of sight; gone for good after seven days. What is under way is stopped."""
        self.stop(ad)
        ad.deleted_at = now()
        self._record("ad.deleted", ad)

    def restore(self, ad_id: uuid.UUID) -> Ad:
        """Raises NotFound when it was deleted too long ago."""
        ad = self.ads.get(ad_id)
        if ad.deleted_at is not None and now() - ad.deleted_at > UNDO:
            raise NotFound
        ad.deleted_at = None
        self._record("ad.restored", ad)
        return ad

    def add_version(self, ad: Ad, outcome: Outcome, source: str = "edited") -> AdVersion:
        """Keep an edit as the ad's next version."""
        version = add_version(self._session, ad, outcome, source=source, user_id=self._user_id)
        self._record("ad.version", ad)
        return version

    def use_version(self, ad: Ad, version_id: uuid.UUID) -> AdVersion:
        """Show an earlier version again; none is lost. Raises NotFound."""
        version = self.versions.get(version_id)
        if version.ad_id != ad.id:
            raise NotFound
        show(self._session, ad, version)
        self._record("ad.version_used", ad)
        return version

    def files(self, ad: Ad) -> Files:
        """The finished files of the version it shows; none before it has one."""
        return AdImages(self._session).of(ad.version_id) if ad.version_id else []

    def _order(
        self,
        kind: str,
        order: AdOrder | EditOrder,
        title: str,
        words: str,
        key: str | None,
        begins_at: datetime | None,
        **links: uuid.UUID | None,
    ) -> Ad:
        request = order.model_dump(mode="json")
        if key is not None and (known := self.ads.by_key(key)) is not None:
            if known.request != request:
                raise Outdated
            return known
        check(self._session, self._business_id, "ads")
        check(self._session, self._business_id, "storage", adding=0)
        ad = Ad(
            business_id=self._business_id,
            user_id=self._user_id,
            kind=kind,
            request_key=key,
            title=_short(title),
            words=" ".join(words.split())[:1000],
            request=request,
            next_try_at=begins_at,
            **links,
        )
        self.ads.add(ad)
        self._record("ad.ordered", ad)
        structlog.get_logger().info("work taken in", duty="ads", row=str(ad.id))
        ring_after_commit(self._session, self._bell)
        return ad

    def _record(self, action: str, ad: Ad) -> None:
        record(self._session, action, user_id=self._user_id, business_id=self._business_id, subject=ad.id)


def _short(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"
