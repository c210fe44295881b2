"""The state of the system by API."""

from __future__ import annotations

from fastapi import APIRouter

from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.system.schemas import SystemView
from nanococoa_backend.system.service import system_view

router = APIRouter(prefix="/api/v1", tags=["system"])


@router.get("/system", summary="Say how the services are", responses=errors(401, 409))
def system(services: ServicesDep, session: SessionDep, visit: ShopDep, locale: LocaleDep) -> SystemView:
    """As they answered a moment ago (they are asked beside the requests), with this business' recent failures."""
    return system_view(session, services.machine.latest, locale, is_admin=visit.user.is_admin)
