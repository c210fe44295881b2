"""What a homepage may say: facts of the shop, of chosen products and ads, taken when the page is asked for.

Facts are kept with the wish and pictures (which never change) by their ids, so that a wish that is sent twice says
the same both times.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import InvalidField, NotFound
from nanococoa_backend.homepages.schemas import MOST_PRODUCTS, HomepageOrder
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform.homepage_contract import Commission
from nanococoa_backend.platform.wording import won
from nanococoa_backend.products.repository import Products

NEWEST_ADS: Final = 4
PICTURE: Final = "picture_id"
"""Where a kept fact names its picture; what is sent has ``image`` instead."""


def facts_of(session: Session, business: Business, order: HomepageOrder) -> dict[str, Any]:
    """A commission as it is kept. Raises InvalidField for a product or an ad that is gone."""
    return {
        "business_info": _shop(business),
        "style": order.style,
        "wishes": order.wishes,
        "pages": order.pages,
        "locale": order.locale,
        "products": _products(session, order),
        "ads": _ads(session, order),
        "publish": False,
    }


def commission_of(media: MediaService, kept: dict[str, Any]) -> Commission:
    """Kept facts with their pictures."""
    shop = dict(kept["business_info"])
    brand = _with_picture(media, shop["brand"], "logo")
    lists = {name: [_with_picture(media, one) for one in kept[name]] for name in ("products", "ads")}
    return Commission.model_validate(kept | lists | {"business_info": shop | {"brand": brand}})


def _shop(business: Business) -> dict[str, Any]:
    told = {
        "name": business.name,
        "trade": business.trade,
        "description": business.story,
        "address": business.address,
        "phone": business.phone,
        "opening_hours": business.hours,
    }
    footer = {
        "legal_name": business.legal_name,
        "representative": business.representative,
        "registration_number": business.registration_number,
        "mail_order_number": business.mail_order_number,
        "email": business.contact_email,
    }
    brand = {"color": business.brand_color, "accent": business.accent_color, "font": business.font_family}
    logo = {PICTURE: str(business.logo_id)} if business.logo_id else {}
    return _told(told) | {"footer": _told(footer), "brand": _told(brand) | logo}


def _products(session: Session, order: HomepageOrder) -> list[dict[str, Any]]:
    products = Products(session)
    try:
        rows = (
            products.shelf(MOST_PRODUCTS)
            if order.products is None
            else [products.shown(product_id) for product_id in order.products]
        )
    except NotFound:
        raise InvalidField(products="product_gone") from None
    return [
        _told({
            "id": str(product.id),
            "name": product.name,
            "price": won(product.price, order.locale),
            "unit": product.unit,
            "description": product.notes,
            PICTURE: str(asset.id),
            "picture": "cutout" if asset.kind == "cutout" else "photo",
        })
        for product, _, asset in rows
    ]  # fmt: skip


def _ads(session: Session, order: HomepageOrder) -> list[dict[str, Any]]:
    rows = Ads(session).recent(NEWEST_ADS) if order.ads is None else _chosen(session, order.ads)
    return [
        _told({
            "id": str(ad.id),
            "title": ad.title,
            PICTURE: str(asset.id),
            "width": asset.width,
            "height": asset.height,
        })
        for ad, asset in rows
    ]  # fmt: skip


def _chosen(session: Session, ids: list[uuid.UUID]) -> list[tuple[Ad, Asset]]:
    query = sa.select(Ad, Asset).join(Asset, Asset.id == Ad.cover_id)
    query = query.where(Ad.id.in_(ids), Ad.status == "completed", Ad.deleted_at.is_(None))
    found = {row[0].id: (row[0], row[1]) for row in session.execute(query)}
    if len(found) < len(ids):
        raise InvalidField(ads="ad_gone")
    return [found[ad_id] for ad_id in ids]


def _with_picture(media: MediaService, kept: dict[str, Any], name: str = "image") -> dict[str, Any]:
    """A picture that was removed meanwhile is left out: the page is made of what there is."""
    told = {key: value for key, value in kept.items() if key != PICTURE}
    if PICTURE not in kept:
        return told
    try:
        data, media_type = media.file(media.get(uuid.UUID(kept[PICTURE])), "view")
    except NotFound:
        return told
    return told | {name: f"data:{media_type};base64,{base64.b64encode(data).decode()}"}


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """What is known; an empty text is nothing to say."""
    return {name: value for name, value in facts.items() if value not in ("", None)}
