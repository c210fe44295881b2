"""Whether the process is alive and can work, for whoever restarts it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
def ready(services: ServicesDep) -> JSONResponse:
    """Ready when the database answers; the aiserver may be away, pages say so."""
    checks = {"database": services.database.answers(), "aiserver": services.watch.is_up}
    return JSONResponse(checks, 200 if checks["database"] else 503)
