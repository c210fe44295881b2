"""What the routes of homepages work with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from nanococoa_backend.businesses.visits import EditorDep, ShopDep, Visit
from nanococoa_backend.homepages.service import HomepageService
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import Services, ServicesDep


def viewing_service(session: SessionDep, services: ServicesDep, visit: ShopDep) -> HomepageService:
    return _service(session, services, visit)


def editing_service(session: SessionDep, services: ServicesDep, visit: EditorDep) -> HomepageService:
    return _service(session, services, visit)


def _service(session: SessionDep, services: Services, visit: Visit) -> HomepageService:
    return HomepageService(session, visit.business, visit.user.id, services.homepages.bell)


ViewingHomepages = Annotated[HomepageService, Depends(viewing_service)]
EditingHomepages = Annotated[HomepageService, Depends(editing_service)]
