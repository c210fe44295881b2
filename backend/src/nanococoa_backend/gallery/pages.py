"""One ad's page: its progress while it is made, what it became when it has ended."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from nanococoa_backend.ads.deps import ViewingAds
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.ads.repository import UNDER_WAY
from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.gallery.finished import FinishedDep
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.routes import Viewing
from nanococoa_backend.products.service import ProductService

router = APIRouter(include_in_schema=False)


@router.get("/ads/{ad_id}")
def ad_page(
    request: Request,
    services: ServicesDep,
    _visit: ShopDep,
    ads: ViewingAds,
    products: Viewing,
    finished: FinishedDep,
    ad_id: uuid.UUID,
    shown: Annotated[str, Query(alias="format")] = "",
) -> Response:
    ad = ads.ads.live(ad_id)
    if ad.version_id is not None:
        return finished.render(request, ad, shown)
    return services.pages.render(
        request,
        "ads/progress.html",
        ad=ad,
        state=progress_of(ad, locale_of(request)),
        under_way=ad.status in UNDER_WAY,
        photo=_photo(products, ad),
    )


def _photo(products: ProductService, ad: Ad) -> str:
    """What is shown before anything is painted: the product, or the picture that is changed."""
    if ad.kind == "edit" and ad.request:
        return f"/media/{ad.request['asset_id']}/view"
    if ad.product_id is None:
        return ""
    return f"/media/{products.products.picture_id(ad.product_id)}/view"
