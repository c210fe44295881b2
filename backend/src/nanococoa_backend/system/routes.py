"""The page about the state of the system."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.system.service import system_view

router = APIRouter(include_in_schema=False)


@router.get("/system")
def system(request: Request, services: ServicesDep, session: SessionDep, visit: ShopDep, locale: LocaleDep) -> Response:
    view = system_view(session, services.machine.latest, locale, is_admin=visit.user.is_admin)
    return services.pages.render(request, "system/system.html", view=view)
