"""Pages of ads that are made: the maker, and what one can do while an ad is under way."""

from __future__ import annotations

import secrets
import uuid
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from nanococoa_backend.ads import catalogue as lists
from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.deps import EditingAds, ViewingAds
from nanococoa_backend.ads.following import event_stream
from nanococoa_backend.ads.following import preview_of as picture_before_text
from nanococoa_backend.ads.maker import (
    OWN,
    MakerForm,
    check_known,
    facts_of,
    first_values,
    order_of,
    request_key,
    seed_of,
    values_of,
)
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField, NotFound
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.forms import Form, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.products.repository import Shelf
from nanococoa_backend.products.routes import Editing
from nanococoa_backend.products.service import ProductService

router = APIRouter(include_in_schema=False)

MOST_PRODUCTS: Final = 60
"""Products on the maker's shelf: the newest ones; older ones are reached from their own page."""

DARK_SCENES: Final = frozenset({"night", "neon", "lantern", "market", "hanok", "stone", "autumn"})
"""Scenes on which the rough preview writes in a light colour."""

OrderForm = Annotated[Form[MakerForm], Depends(form_of(MakerForm))]


@router.get("/ads/new")
def maker(
    request: Request,
    services: ServicesDep,
    _visit: EditorDep,
    products: Editing,
    ads: EditingAds,
    product: uuid.UUID | None = None,
    before: Annotated[uuid.UUID | None, Query(alias="from")] = None,
    scene: str = "",
) -> Response:
    """Everything is chosen already; ``from`` begins with an earlier ad's choices."""
    known = services.catalogue.now
    first = scene if scene in known.scenes else next(iter(known.scenes), OWN)
    values = first_values(first, known.first_formats())
    if before is not None:
        earlier = ads.ads.live(before)
        if earlier.kind == "ad" and earlier.request:
            values |= values_of(ads.order_of(earlier)) | {"parent": str(earlier.id)}
            product = product or earlier.product_id
    return _maker(request, services, products, values | {"product": product})


@router.post("/ads/new")
def make(services: ServicesDep, visit: EditorDep, products: Editing, ads: EditingAds, form: OrderForm) -> Response:
    services.rates.count(rates.ADS_OF_BUSINESS, visit.business.id)
    if not form.errors:
        try:
            chosen = products.products.live(form.model.product)
            parent = ads.ads.live(form.model.parent) if form.model.parent else None
            check_known(form.model, services.catalogue.now)
            order = order_of(form.model, chosen, locale_of(form.request), seed_of(parent.request if parent else {}))
        except InvalidField as error:
            form.refuse(error)
        except NotFound:
            form.refuse(InvalidField(product="product_gone"))
        else:
            key = request_key(form.model, order)
            ad = ads.make(order, chosen.id, key=key, parent_id=parent.id if parent else None)
            return go_on(f"/ads/{ad.id}")
    return _maker(form.request, services, products, _typed(form), form.errors, 422)


@router.post("/ads/{ad_id}/stop")
def stop(ads: EditingAds, ad_id: uuid.UUID) -> Response:
    ads.stop(ads.ads.live(ad_id))
    return go_on(f"/ads/{ad_id}", "ad_stopping")


@router.post("/ads/{ad_id}/again")
def again(ads: EditingAds, ad_id: uuid.UUID) -> Response:
    ads.try_again(ads.ads.live(ad_id))
    return go_on(f"/ads/{ad_id}")


@router.get("/ads/{ad_id}/preview")
def preview(services: ServicesDep, ads: ViewingAds, ad_id: uuid.UUID, picture: str = "") -> Response:
    """The picture without words, while the ad is being made."""
    return picture_before_text(services, ads.ads.live(ad_id), picture)


@router.get("/ads/{ad_id}/events")
def events(request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID) -> Response:
    return event_stream(request, services, visit, ads.ads.live(ad_id))


def _maker(
    request: Request,
    services: Services,
    products: ProductService,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    locale, known = locale_of(request), services.catalogue.now
    rows = _shelf(products, values.get("product"))
    chosen = rows[0][0] if rows else None
    return services.pages.render(
        request,
        "ads/maker.html",
        status,
        rows=rows,
        chosen=chosen,
        values=values,
        errors=errors or {},
        copies=suggestions(facts_of(chosen), locale) if chosen else [],
        catalogue=known,
        lists=lists,
        dark=DARK_SCENES,
        has_model=services.settings.has_llm,
        key=values.get("key") or secrets.token_urlsafe(16),
    )


def _shelf(products: ProductService, chosen: uuid.UUID | str | None) -> Shelf:
    """The products to choose from, the chosen one first; a chosen one that is gone counts for nothing."""
    rows = products.products.shelf(MOST_PRODUCTS)
    with suppress(NotFound, ValueError):
        first = products.products.shown(uuid.UUID(str(chosen))) if chosen else None
        return [first, *(row for row in rows if row[0].id != first[0].id)] if first else rows
    return rows


def _typed(form: Form[MakerForm]) -> dict[str, Any]:
    """What was sent, as the page shows it again."""
    return (
        first_values("", [])
        | form.values
        | {
            "formats": form.lists.get("formats", []),
            "use_brand": "use_brand" in form.values,
            "visible_label": "visible_label" in form.values,
        }
    )
