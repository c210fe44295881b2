"""What a share link shows to anybody: the ad's pictures and the shop's name, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from nanococoa_backend.ads.catalogue import format_title
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import AdImages, Files
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import NotFound
from nanococoa_backend.gallery.repository import ShareLinks
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform import rates, scope
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import ServicesDep, address_of

router = APIRouter(include_in_schema=False)

HEADERS: Final = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
PICTURE_HEADERS: Final = HEADERS | {
    "Cache-Control": "private, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LONGEST_TOKEN: Final = 64


@dataclass(frozen=True, slots=True)
class Opened:
    ad: Ad
    shop: str
    files: Files


@router.get("/s/{token}")
def shared(request: Request, services: ServicesDep, session: SessionDep, token: str) -> Response:
    """Whoever has the address sees the ad; a revoked one says so and tells nothing of what was there."""
    services.rates.count(rates.SHARES_FROM_ADDRESS, address_of(request))
    opened = _opened(session, token, count=True)
    if opened is None:
        return services.pages.render(request, "gallery/share_gone.html", 404)
    locale, known = locale_of(request), services.catalogue.now
    answer = services.pages.render(
        request,
        "gallery/shared.html",
        token=token,
        shop=opened.shop,
        title=opened.ad.title,
        files=[(image, asset, format_title(known, image.format, locale)) for image, asset in opened.files],
        origin=services.settings.public_url,
    )
    answer.headers.update(HEADERS)
    return answer


@router.get("/s/{token}/picture/{format_name}")
def shared_picture(
    request: Request,
    services: ServicesDep,
    session: SessionDep,
    media: MediaDep,
    token: str,
    format_name: str,
    size: Literal["view", "original"] = "view",
) -> Response:
    services.rates.count(rates.SHARED_PICTURES_FROM_ADDRESS, address_of(request))
    opened = _opened(session, token)
    for image, asset in opened.files if opened else ():
        if image.format == format_name:
            data, media_type = media.file(asset, size)
            headers = HEADERS | {
                "Cache-Control": "private, max-age=300",
                "Cross-Origin-Resource-Policy": "cross-origin",
            }
            return Response(data, media_type=media_type, headers=headers)
    raise NotFound


def _opened(session: Session, token: str, *, count: bool = False) -> Opened | None:
    """What the link leads to; None when it is unknown, revoked, or the ad was deleted."""
    scope.widen(session)
    links = ShareLinks(session)
    link = links.by_token(token) if len(token) <= LONGEST_TOKEN else None
    if link is None or link.revoked_at is not None:
        return None
    scope.narrow(session, link.business_id)
    ad = session.get(Ad, link.ad_id)
    business = session.get(Business, link.business_id)
    if ad is None or ad.deleted_at is not None or ad.version_id is None or business is None or business.deleted_at:
        return None
    if count:
        links.seen(link)
    return Opened(ad, business.name, AdImages(session).of(ad.version_id))
