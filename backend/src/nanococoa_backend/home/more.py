"""Where a phone finds what has no tab of its own."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from nanococoa_backend.businesses.visits import VisitDep
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(include_in_schema=False)


@router.get("/more")
def more(request: Request, services: ServicesDep, visit: VisitDep) -> Response:
    return services.pages.render(request, "home/more.html", visit=visit)
