"""What goes to the aiserver for one ad: the order and the pictures it needs, read from the database and the store."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.ordering import Look, Picture, ad_request, edit_request
from nanococoa_backend.ads.schemas import AdOrder, EditOrder
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import NotFound
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.repository import Cutouts, Products
from nanococoa_client.schemas import EditRequest, GenerateRequest


class CutoutPending(Exception):
    """The product is still being cut out; an ad made now could not use the owner's own cut-out."""


@dataclass(frozen=True, slots=True)
class Parcel:
    request: GenerateRequest | EditRequest


def parcel_of(session: Session, store: AssetStore, ad: Ad) -> Parcel:
    """Raises CutoutPending; NotFound when the product or picture is gone for good."""
    media = MediaService(session, store)
    key = f"{ad.id.hex}-{ad.attempt}"
    if ad.kind == "edit":
        order = EditOrder.model_validate(ad.request)
        return Parcel(edit_request(order, _picture(media, media.get(uuid.UUID(order.asset_id))), key))
    return Parcel(_ad(session, media, ad, key))


def _ad(session: Session, media: MediaService, ad: Ad, key: str) -> GenerateRequest:
    if ad.product_id is None or not ad.request:
        raise NotFound
    product = Products(session).get(ad.product_id)
    photo = _picture(media, media.get(product.photo_id))
    business = session.get_one(Business, ad.business_id)
    order = AdOrder.model_validate(ad.request)
    return ad_request(order, photo, _cutout(session, media, product), look_of(media, business), key)


def _cutout(session: Session, media: MediaService, product: Product) -> Picture | None:
    """None when none could be made: the aiserver then says why in its own words."""
    cutout = Cutouts(session).of(product)
    if cutout is not None and cutout.status == "pending":
        raise CutoutPending
    asset_id = cutout.asset_id if cutout else None
    return _picture(media, media.get(asset_id)) if asset_id else None


def look_of(media: MediaService, business: Business) -> Look:
    """The brand kit."""
    logo = _picture(media, media.get(business.logo_id)) if business.logo_id else None
    colors = tuple(color for color in (business.brand_color, business.accent_color) if color)
    return Look(logo, colors, business.font_family)


def _picture(media: MediaService, asset: Asset) -> Picture:
    return Picture(*media.file(asset, "original"))
