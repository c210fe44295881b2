"""The wall of a shop's ads, and what one does with them there."""

from __future__ import annotations

import uuid
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from nanococoa_backend.ads.deps import EditingAds, ViewingAds
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.gallery.comparing import side_of
from nanococoa_backend.gallery.deps import EditingShares, GalleryDep
from nanococoa_backend.gallery.downloads import MOST_ADS, Downloads
from nanococoa_backend.gallery.repository import Wanted
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.routes import Viewing

router = APIRouter(include_in_schema=False)

PAGE: Final = 24
MOST_UNFINISHED: Final = 6
MOST_DELETED: Final = 60
MOST_CHIPS: Final = 8

Ids = Annotated[list[uuid.UUID], Form(default_factory=list, alias="ad")]


def wanted_of(
    q: Annotated[str, Query(max_length=80)] = "",
    only: Literal["", "favorites", "look", "edits"] = "",
    product: uuid.UUID | None = None,
    campaign: uuid.UUID | None = None,
) -> Wanted:
    kind = "edit" if only == "edits" else None
    return Wanted(q.strip(), only == "favorites", only == "look", kind, product_id=product, campaign_id=campaign)


WantedDep = Annotated[Wanted, Depends(wanted_of)]


@router.get("/ads")
def wall(
    request: Request,
    services: ServicesDep,
    visit: ShopDep,
    ads: ViewingAds,
    gallery: GalleryDep,
    products: Viewing,
    wanted: WantedDep,
    after: str = "",
    select: bool = False,
) -> Response:
    rows = gallery.wall(wanted, PAGE + 1, place_of(after))
    first = wanted.is_open and not after
    locale = locale_of(request)
    chips = [product for product, _, _ in products.products.shelf(MOST_CHIPS)]
    return services.pages.render(
        request,
        "gallery/wall.html",
        rows=rows[:PAGE],
        more=cursor_after(rows[PAGE - 1].ad) if len(rows) > PAGE else None,
        under_way=[(ad, progress_of(ad, locale)) for ad in ads.ads.under_way()] if first else [],
        unfinished=gallery.unfinished(MOST_UNFINISHED) if first else [],
        wanted=wanted,
        chips=chips,
        other=_named(products, wanted.product_id, chips),
        select=select and visit.may("editor"),
        query={name: value for name, value in request.query_params.items() if name not in ("after", "select")},
    )


@router.get("/ads/deleted")
def deleted(request: Request, services: ServicesDep, gallery: GalleryDep) -> Response:
    return services.pages.render(request, "gallery/deleted.html", rows=gallery.deleted(MOST_DELETED))


@router.get("/ads/compare")
def compare(
    request: Request, services: ServicesDep, ads: ViewingAds, products: Viewing, a: uuid.UUID, b: uuid.UUID
) -> Response:
    locale = locale_of(request)
    sides = [side_of(services, ads, products, ads.ads.live(ad_id), locale) for ad_id in (a, b)]
    return services.pages.render(request, "gallery/compare.html", sides=sides)


@router.post("/ads/selection")
def selection(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    ads: EditingAds,
    gallery: GalleryDep,
    action: Annotated[Literal["compare", "zip", "delete"], Form()],
    ids: Ids,
) -> Response:
    """Several chosen ads at once."""
    chosen = gallery.of(ids[:MOST_ADS])
    if not chosen or (action == "compare" and len(chosen) != 2):
        return go_on("/ads?select=1", "ads_choose_two" if action == "compare" else "ads_choose")
    if action == "compare":
        return go_on(f"/ads/compare?a={chosen[0].id}&b={chosen[1].id}")
    if action == "zip":
        return Downloads(services, ads, visit.business.name, locale_of(request)).all(chosen)
    for ad in chosen:
        ads.delete(ad)
    return go_on("/ads/deleted" if len(chosen) > 1 else "/ads", "ad_deleted", detail=_undo(chosen[0].id, len(chosen)))


@router.post("/ads/{ad_id}/favorite")
def favorite(
    ads: EditingAds, ad_id: uuid.UUID, is_favorite: Annotated[bool, Form(alias="favorite")], back: str = ""
) -> Response:
    ads.set_favorite(ads.ads.live(ad_id), is_favorite)
    return go_on("/ads" if back == "wall" else f"/ads/{ad_id}", "ad_marked" if is_favorite else "ad_unmarked")


@router.post("/ads/{ad_id}/delete")
def delete(ads: EditingAds, ad_id: uuid.UUID) -> Response:
    ads.delete(ads.ads.live(ad_id))
    return go_on("/ads", "ad_deleted", detail=_undo(ad_id))


@router.post("/ads/{ad_id}/restore")
def restore(ads: EditingAds, ad_id: uuid.UUID) -> Response:
    return go_on(f"/ads/{ads.restore(ad_id).id}", "ad_restored")


@router.post("/ads/{ad_id}/versions/{version_id}")
def use_version(ads: EditingAds, ad_id: uuid.UUID, version_id: uuid.UUID) -> Response:
    ads.use_version(ads.ads.live(ad_id), version_id)
    return go_on(f"/ads/{ad_id}", "ad_version_used")


@router.get("/ads/{ad_id}/files/{format_name}")
def file(
    request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID, format_name: str
) -> Response:
    downloads = Downloads(services, ads, visit.business.name, locale_of(request))
    return downloads.one(ads.ads.live(ad_id), format_name)


@router.get("/ads/{ad_id}/zip")
def all_files(request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID) -> Response:
    return Downloads(services, ads, visit.business.name, locale_of(request)).all([ads.ads.live(ad_id)])


@router.post("/ads/{ad_id}/share")
def share(ads: EditingAds, shares: EditingShares, ad_id: uuid.UUID) -> Response:
    shares.make(ads.ads.live(ad_id))
    return go_on(f"/ads/{ad_id}#share", "ad_shared")


@router.post("/ads/{ad_id}/shares/{share_id}/revoke")
def revoke(ads: EditingAds, shares: EditingShares, ad_id: uuid.UUID, share_id: uuid.UUID) -> Response:
    shares.revoke(ads.ads.live(ad_id), share_id)
    return go_on(f"/ads/{ad_id}#share", "ad_unshared")


def _undo(ad_id: uuid.UUID, count: int = 1) -> str:
    """What the notice needs to offer the way back; several are brought back from their own list."""
    return str(ad_id) if count == 1 else ""


def _named(products: Viewing, product_id: uuid.UUID | None, chips: list[Product]) -> str:
    """The name of a product that is filtered by and has no chip of its own."""
    if product_id is None or product_id in [chip.id for chip in chips]:
        return ""
    return products.products.get(product_id).name
