"""What ends becomes letters, in the transaction in which it ends: either both are kept or neither is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, AdImage
from nanococoa_backend.batch.schemas import BatchSummary
from nanococoa_backend.homepages.models import Homepage, HomepageTask
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.webhooks.repository import Webhooks
from nanococoa_backend.webhooks.service import written


class Announcer:
    """Called with what ends: an ad, a wish for a homepage, a run of many. ``public_url``: where a receiver finds it."""

    def __init__(self, public_url: str, bell: Bell) -> None:
        self._public_url, self._bell = public_url, bell

    def ad(self, session: Session, ad: Ad) -> None:
        self._announce(session, ad.business_id, f"ad.{ad.status}", lambda: self._of_ad(session, ad))

    def homepage(self, session: Session, task: HomepageTask) -> None:
        self._announce(session, task.business_id, f"homepage.{task.status}", lambda: self._of_homepage(session, task))

    def batch(self, session: Session, business_id: uuid.UUID, run: BatchSummary) -> None:
        self._announce(session, business_id, f"batch.{run.status}", lambda: self._of_batch(run))

    def _announce(
        self, session: Session, business_id: uuid.UUID, event: str, tell: Callable[[], dict[str, Any]]
    ) -> None:
        hooks = Webhooks(session).hearing(business_id, event)
        if not hooks:
            return
        data = tell()
        for hook in hooks:
            written(session, hook, event, data)
        ring_after_commit(session, self._bell)

    def _of_homepage(self, session: Session, task: HomepageTask) -> dict[str, Any]:
        homepage = session.get_one(Homepage, task.homepage_id)
        return {
            "homepage_id": str(homepage.id),
            "task_id": str(task.id),
            "kind": task.kind,
            "title": homepage.title,
            "status": task.status,
            "draft": homepage.draft,
            "published": homepage.published,
            "problem": task.problem,
            "url": f"{self._public_url}/homepages/{homepage.id}",
            "site_url": urljoin(f"{self._public_url}/", homepage.url) if homepage.url else None,
        }

    def _of_batch(self, run: BatchSummary) -> dict[str, Any]:
        counts = run.model_dump(include={"total", "passed", "look", "failed", "stopped"})
        return {
            "batch_id": str(run.id),
            "name": run.name,
            "status": run.status,
            **counts,
            "url": f"{self._public_url}/batch/{run.id}",
        }

    def _of_ad(self, session: Session, ad: Ad) -> dict[str, Any]:
        query = sa.select(AdImage).where(AdImage.version_id == ad.version_id).order_by(AdImage.position)
        images = session.scalars(query).all() if ad.version_id else []
        return {
            "ad_id": str(ad.id),
            "kind": ad.kind,
            "title": ad.title,
            "status": ad.status,
            "product_id": str(ad.product_id) if ad.product_id else None,
            "needs_look": ad.needs_look,
            "problem": ad.problem,
            "url": f"{self._public_url}/ads/{ad.id}",
            "images": [self._image(image) for image in images],
        }

    def _image(self, image: AdImage) -> dict[str, Any]:
        return {
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "url": f"{self._public_url}/media/{image.asset_id}/original",
        }
