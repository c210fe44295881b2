"""Ads by API: what the pages do, as JSON under /api/v1."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from anyio import from_thread
from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.deps import EditingAds, ViewingAds
from nanococoa_backend.ads.following import event_stream
from nanococoa_backend.ads.maker import facts_of
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.schemas import AdRequest, AdView, CatalogueView, CopySuggestions
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.ads.views import ad_view, catalogue_view
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.routes import Viewing

router = APIRouter(prefix="/api/v1", tags=["ads"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same order with the same key makes one ad"),
]


@router.get("/catalogue", summary="Read what an ad can be made of", responses=errors(401, 409))
def read_catalogue(request: Request, services: ServicesDep, _visit: ShopDep) -> CatalogueView:
    """Placements, background presets, text styles and fonts, named in the reader's language."""
    return catalogue_view(services.catalogue.now, locale_of(request), services.pages.statics.url)


@router.get("/products/{product_id}/copy", summary="Suggest lines for an ad", responses=errors(401, 404, 429))
def suggest_copy(
    request: Request,
    services: ServicesDep,
    visit: ShopDep,
    products: Viewing,
    product_id: uuid.UUID,
    by: Annotated[
        Literal["model", "rule"], Query(description="model: a language model's if there is one; rule: at once")
    ] = "model",
) -> CopySuggestions:
    """Three at most, from the product's name, price, unit and notes alone; nothing is made up.

    What a language model writes is held to those facts, and after eight seconds it is not waited for.
    """
    facts, locale = facts_of(products.products.live(product_id)), locale_of(request)
    if by == "rule":
        return CopySuggestions(suggestions=suggestions(facts, locale))
    services.rates.count(rates.COPY_OF_BUSINESS, visit.business.id)
    return CopySuggestions(suggestions=from_thread.run(services.writer.write, facts, locale))


@router.post(
    "/ads", status_code=202, summary="Make an ad of a product", responses=errors(401, 403, 404, 409, 413, 422, 429)
)
def make_ad(
    request: Request, services: ServicesDep, visit: EditorDep, ads: EditingAds, order: AdRequest, key: Key = None
) -> AdView:
    """Keeps the order and answers at once; it is made beside the requests, also when the aiserver is away just now.

    Read the ad again, follow its events, or let a webhook tell when it has ended.
    """
    services.rates.count(rates.ADS_OF_BUSINESS, visit.business.id)
    known = services.catalogue.now
    if len(known.known(order.formats)) < len(order.formats):
        raise InvalidField(formats="invalid")
    if order.scene and order.scene not in known.scenes:
        raise InvalidField(scene="invalid")
    if order.style and order.style not in known.styles:
        raise InvalidField(style="invalid")
    parent = ads.ads.live(order.parent_id) if order.parent_id else None
    ad = ads.make(
        order.order(),
        order.product_id,
        key=f"api-{visit.user.id.hex[:12]}-{key}"[:200] if key else None,
        parent_id=parent.id if parent else None,
    )
    return _told(request, services, ads, ad)


@router.get("/ads/{ad_id}", summary="Read one ad and how far it is", responses=errors(401, 404))
def read_ad(request: Request, services: ServicesDep, ads: ViewingAds, ad_id: uuid.UUID) -> AdView:
    """Its order, its progress while it is under way, its finished files, or why there are none."""
    return _told(request, services, ads, ads.ads.live(ad_id))


@router.get(
    "/ads/{ad_id}/events",
    summary="Follow one ad while it is made",
    response_class=EventSourceResponse,
    responses=errors(401, 404, 429),
)
def follow_ad(
    request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID
) -> EventSourceResponse:
    """Server-sent events: `progress` with the whole state at each change, `end` when the files are here, or none will
    be. A connection that was lost is made again by just connecting again."""
    return event_stream(request, services, visit, ads.ads.live(ad_id))


@router.post("/ads/{ad_id}/stop", summary="Stop an ad under way", responses=errors(401, 403, 404))
def stop_ad(request: Request, services: ServicesDep, ads: EditingAds, ad_id: uuid.UUID) -> AdView:
    """It ends as `stopped` in a moment; what was painted is kept, and `retry` goes on from there."""
    ad = ads.ads.live(ad_id)
    ads.stop(ad)
    return _told(request, services, ads, ad)


@router.post(
    "/ads/{ad_id}/retry", status_code=202, summary="Go on with a failed ad", responses=errors(401, 403, 404, 409)
)
def retry_ad(request: Request, services: ServicesDep, ads: EditingAds, ad_id: uuid.UUID) -> AdView:
    """Takes up a failed or stopped ad where it ended, or begins anew where that cannot be. 409 for any other."""
    ad = ads.ads.live(ad_id)
    ads.try_again(ad)
    return _told(request, services, ads, ad)


def _told(request: Request, services: ServicesDep, ads: AdService, ad: Ad) -> AdView:
    return ad_view(ad, ads.files(ad), services.catalogue.now, locale_of(request))
