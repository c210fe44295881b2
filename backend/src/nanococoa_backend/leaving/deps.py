"""What routes of leaving ask for."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from fastapi.responses import StreamingResponse

from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.businesses.visits import OwnerDep, VisitDep
from nanococoa_backend.leaving.archive import safe_name
from nanococoa_backend.leaving.models import Export
from nanococoa_backend.leaving.service import LeavingService
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.wording import ZONE


def leaving_service(session: SessionDep, services: ServicesDep, visit: VisitDep) -> LeavingService:
    return LeavingService(session, visit.user, services.exporting, services.homepages.bell)


def owned_ads(session: SessionDep, services: ServicesDep, media: MediaDep, visit: OwnerDep) -> AdService:
    return AdService(session, media, visit.business.id, visit.user.id, services.making)


LeavingDep = Annotated[LeavingService, Depends(leaving_service)]
OwnedAds = Annotated[AdService, Depends(owned_ads)]


def sent(store: AssetStore, business: Business, export: Export) -> StreamingResponse:
    """The ZIP, piece by piece, under the shop's name. Raises NotFound."""
    name = f"{safe_name(business.name)} {export.created_at.astimezone(ZONE):%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f"attachment; filename=\"export.zip\"; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(export.bytes),
    }
    return StreamingResponse(store.stream(export.file or ""), media_type="application/zip", headers=headers)
