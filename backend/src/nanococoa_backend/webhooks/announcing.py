"""An ad's end becomes letters, in the transaction in which it ends: either both are kept or neither is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, AdImage
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.webhooks.repository import Webhooks
from nanococoa_backend.webhooks.service import written


class Announcer:
    """Called with each ad that ends; ``public_url`` is where the receiver finds it."""

    def __init__(self, public_url: str, bell: Bell) -> None:
        self._public_url, self._bell = public_url, bell

    def __call__(self, session: Session, ad: Ad) -> None:
        hooks = Webhooks(session).hearing(ad.business_id, f"ad.{ad.status}")
        if not hooks:
            return
        data = self._told(session, ad)
        for hook in hooks:
            written(session, hook, f"ad.{ad.status}", data)
        ring_after_commit(session, self._bell)

    def _told(self, session: Session, ad: Ad) -> dict[str, Any]:
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
