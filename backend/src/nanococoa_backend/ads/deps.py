"""What the routes of ads work with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.visits import EditorDep, ShopDep, Visit
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import Services, ServicesDep


def viewing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: ShopDep) -> AdService:
    return _service(session, media, services, visit)


def editing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: EditorDep) -> AdService:
    return _service(session, media, services, visit)


def _service(session: SessionDep, media: MediaDep, services: Services, visit: Visit) -> AdService:
    return AdService(session, media, visit.business.id, visit.user.id, services.making)


ViewingAds = Annotated[AdService, Depends(viewing_service)]
EditingAds = Annotated[AdService, Depends(editing_service)]
