"""Finished ads for tests of what comes after: ordered as the maker does, and waited for."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import FastAPI

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from nanococoa_client.schemas import AdCopy
from support.waiting import until

COPY = AdCopy(
    headline="산지에서 온 아삭한 부사",
    sub="가을 햇사과 10kg",
    price="39,900원",
    old_price="52,000원",
    call_to_action="오늘 주문하면 내일 도착",
    shop="햇살과일",
)
ORDER = {"background": "나무 탁자", "seed": 5, "use_brand": False, "fields": COPY}


def finished_ad(app: FastAPI, business: str, product: str, seconds: float = 180, **order: Any) -> str:
    """Orders an ad of a product and waits for it; its id."""
    services, business_id = app.state.services, uuid.UUID(business)
    wishes = AdOrder.model_validate({**ORDER, **order})
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        media = MediaService(session, services.store)
        ad = AdService(session, media, business_id, None, services.making).make(wishes, uuid.UUID(product))
    until(lambda: has_ended(app, business, str(ad.id)), seconds, 0.05)
    return str(ad.id)


def has_ended(app: FastAPI, business: str, ad_id: str) -> bool:
    ad = ad_of(app, business, ad_id)
    assert ad.status not in ("failed", "stopped"), ad.problem
    return ad.status == "completed"


def ad_of(app: FastAPI, business: str, ad_id: str) -> Ad:
    with app.state.services.database.begin() as session:
        scope.narrow(session, uuid.UUID(business))
        return Ads(session).get(uuid.UUID(ad_id))
