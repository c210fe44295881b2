"""Pictures by address: private to the business, kept by the browser for good (an address never changes its picture)."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.media.service import MediaService, Variant
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(tags=["media"])

FOREVER: Final = "private, max-age=31536000, immutable"


def media_service(session: SessionDep, services: ServicesDep) -> MediaService:
    return MediaService(session, services.store)


MediaDep = Annotated[MediaService, Depends(media_service)]


@router.get(
    "/media/{asset_id}/{variant}",
    summary="Fetch a picture of the business",
    description="`original` as it is kept, `view` (1280 px WebP) or `thumb` (480 px WebP). 404 for another business'.",
    response_class=Response,
)
def picture(asset_id: uuid.UUID, variant: Variant, _visit: ShopDep, media: MediaDep) -> Response:
    data, media_type = media.file(media.get(asset_id), variant)
    return Response(data, media_type=media_type, headers={"Cache-Control": FOREVER})
