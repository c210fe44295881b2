"""The gallery by API."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from nanococoa_backend.ads.deps import EditingAds, ViewingAds
from nanococoa_backend.ads.models import Ad, ShareLink
from nanococoa_backend.ads.schemas import AdView
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.ads.views import ad_view
from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.gallery.deps import EditingShares, GalleryDep, ViewingShares
from nanococoa_backend.gallery.downloads import Downloads
from nanococoa_backend.gallery.repository import Wanted
from nanococoa_backend.gallery.schemas import (
    AdChange,
    AdPage,
    Kind,
    SharePage,
    ShareView,
    Status,
    VersionPage,
    VersionView,
)
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, itself, page_of, place_of
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(prefix="/api/v1/ads", tags=["gallery"])


@router.get("", summary="List the ads of the business", responses=errors(401, 409, 422))
def list_ads(
    request: Request,
    services: ServicesDep,
    ads: ViewingAds,
    gallery: GalleryDep,
    limit: Limit = 24,
    cursor: Cursor = None,
    q: Annotated[str, Query(max_length=80, description="Only ads whose words contain each of these")] = "",
    favorite: Annotated[bool, Query(description="Only those that are marked")] = False,
    needs_look: Annotated[bool, Query(description="Only those that a check says a person should look at")] = False,
    kind: Annotated[Kind | None, Query(description="Only made ads, or only edited pictures")] = None,
    status: Annotated[Status | None, Query(description="Only those in this state")] = None,
    product_id: Annotated[uuid.UUID | None, Query(description="Only ads of this product")] = None,
    campaign_id: Annotated[uuid.UUID | None, Query(description="Only ads of this run")] = None,
) -> AdPage:
    """Newest first, in any state; deleted ones are left out."""
    wanted = Wanted(q, favorite, needs_look, kind, status, product_id, campaign_id)
    rows = gallery.page(wanted, limit + 1, place_of(cursor))
    more = cursor_after(rows[limit - 1]) if len(rows) > limit else None
    return AdPage(ads=[_told(request, services, ads, ad) for ad in rows[:limit]], next_cursor=more)


@router.patch("/{ad_id}", summary="Mark an ad as a favourite", responses=errors(401, 403, 404, 422))
def change_ad(request: Request, services: ServicesDep, ads: EditingAds, ad_id: uuid.UUID, change: AdChange) -> AdView:
    """Marks it, or takes the mark away. Its picture and words change by versions, not here."""
    ad = ads.ads.live(ad_id)
    ads.set_favorite(ad, change.is_favorite)
    return _told(request, services, ads, ad)


@router.delete("/{ad_id}", status_code=204, summary="Delete one of the ads", responses=errors(401, 403, 404))
def delete_ad(ads: EditingAds, ad_id: uuid.UUID) -> Response:
    """It leaves the gallery, its links stop working, and for seven days it can be brought back."""
    ads.delete(ads.ads.live(ad_id))
    return Response(status_code=204)


@router.post("/{ad_id}/restore", summary="Bring back a deleted ad", responses=errors(401, 403, 404))
def restore_ad(request: Request, services: ServicesDep, ads: EditingAds, ad_id: uuid.UUID) -> AdView:
    """Within seven days of its deletion; 404 after that."""
    return _told(request, services, ads, ads.restore(ad_id))


@router.get("/{ad_id}/versions", summary="List the versions of an ad", responses=errors(401, 404, 422))
def list_versions(ads: ViewingAds, ad_id: uuid.UUID, limit: Limit = 24, cursor: Cursor = None) -> VersionPage:
    """The latest first; none is ever changed or lost."""
    page, more = page_of(ads.versions.of(ads.ads.live(ad_id).id), limit, cursor, itself)
    return VersionPage(versions=[VersionView.model_validate(version) for version in page], next_cursor=more)


@router.post("/{ad_id}/versions/{version_id}/use", summary="Show an earlier version", responses=errors(401, 403, 404))
def use_version(
    request: Request, services: ServicesDep, ads: EditingAds, ad_id: uuid.UUID, version_id: uuid.UUID
) -> AdView:
    """The ad, its files and its links show that version from now on; the later ones stay in the list."""
    ad = ads.ads.live(ad_id)
    ads.use_version(ad, version_id)
    return _told(request, services, ads, ad)


@router.get(
    "/{ad_id}/files/{format_name}",
    summary="Download one finished file",
    response_class=Response,
    responses=errors(401, 404),
)
def download_file(
    request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID, format_name: str
) -> Response:
    """Byte for byte as it was made, its marks of origin with it, under a name that a person can read."""
    downloads = Downloads(services, ads, visit.business.name, locale_of(request))
    return downloads.one(ads.ads.live(ad_id), format_name)


@router.get("/{ad_id}/zip", summary="Download all finished files", response_class=Response, responses=errors(401, 404))
def download_all(
    request: Request, services: ServicesDep, visit: ShopDep, ads: ViewingAds, ad_id: uuid.UUID
) -> Response:
    """One ZIP with each format of the version it shows."""
    return Downloads(services, ads, visit.business.name, locale_of(request)).all([ads.ads.live(ad_id)])


@router.get("/{ad_id}/shares", summary="List the links to an ad", responses=errors(401, 404, 422))
def list_shares(
    services: ServicesDep,
    ads: ViewingAds,
    shares: ViewingShares,
    ad_id: uuid.UUID,
    limit: Limit = 24,
    cursor: Cursor = None,
) -> SharePage:
    """Links that work, with how often each was opened."""
    page, more = page_of(shares.of(ads.ads.live(ad_id)), limit, cursor, itself)
    return SharePage(shares=[_share(services, link) for link in page], next_cursor=more)


@router.post("/{ad_id}/shares", status_code=201, summary="Make a link to an ad", responses=errors(401, 403, 404, 409))
def share_ad(services: ServicesDep, ads: EditingAds, shares: EditingShares, ad_id: uuid.UUID) -> ShareView:
    """Whoever has the address may look at the version the ad shows, until the link is revoked or the ad deleted."""
    return _share(services, shares.make(ads.ads.live(ad_id)))


@router.delete(
    "/{ad_id}/shares/{share_id}", status_code=204, summary="Revoke a link to an ad", responses=errors(401, 403, 404)
)
def revoke_share(ads: EditingAds, shares: EditingShares, ad_id: uuid.UUID, share_id: uuid.UUID) -> Response:
    """Its address leads nowhere from now on. Revoking it again is no failure."""
    shares.revoke(ads.ads.live(ad_id), share_id)
    return Response(status_code=204)


def _told(request: Request, services: Services, ads: AdService, ad: Ad) -> AdView:
    return ad_view(ad, ads.files(ad), services.catalogue.now, locale_of(request))


def _share(services: Services, link: ShareLink) -> ShareView:
    url = f"{services.settings.public_url}/s/{link.token}"
    return ShareView(id=link.id, url=url, views=link.views, created_at=link.created_at)
