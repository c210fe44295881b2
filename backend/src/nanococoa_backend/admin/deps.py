"""Who may administrate: everybody else is told that there is nothing here."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from nanococoa_backend.admin.service import AdminService
from nanococoa_backend.businesses.visits import VisitDep
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.database import SessionDep


def admin_service(request: Request, session: SessionDep, visit: VisitDep) -> AdminService:
    """For a person at a browser: a token works for one business. Raises SignedOut, NotFound."""
    if not visit.user.is_admin or getattr(request.state, "by_token", False):
        raise NotFound
    return AdminService(session, visit.user)


AdminDep = Annotated[AdminService, Depends(admin_service)]
