"""What the editor's routes work with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.visits import EditorDep, ShopDep, Visit
from nanococoa_backend.editor.service import EditorService
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import Services, ServicesDep


def viewing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: ShopDep) -> EditorService:
    return _service(session, media, services, visit)


def editing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: EditorDep) -> EditorService:
    return _service(session, media, services, visit)


def _service(session: SessionDep, media: MediaService, services: Services, visit: Visit) -> EditorService:
    ads = AdService(session, media, visit.business.id, visit.user.id, services.making)
    return EditorService(session, ads, services.store, visit.business.id, services.rendering)


Viewing = Annotated[EditorService, Depends(viewing_service)]
Editing = Annotated[EditorService, Depends(editing_service)]
