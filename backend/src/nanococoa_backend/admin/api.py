"""Administration by API."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from nanococoa_backend.admin.deps import AdminDep
from nanococoa_backend.admin.schemas import (
    AuditPage,
    BusinessPage,
    BusinessUsage,
    LimitsIn,
    LimitsView,
    UserAction,
    UserPage,
    UserView,
)
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit

router = APIRouter(prefix="/api/v1/admin", tags=["admin"])

Search = Annotated[str, Query(max_length=100, description="Part of the name or the e-mail address")]


@router.get("/users", summary="List everybody's accounts", responses=errors(401, 404, 422))
def users(admin: AdminDep, cursor: Cursor = None, search: Search = "", limit: Limit = 30) -> UserPage:
    """Newest first. For administrators; 404 for anybody else."""
    return admin.users(cursor, search, limit)


@router.post("/users/{user_id}/{action}", summary="Change an account's standing", responses=errors(401, 403, 404))
def change_user(admin: AdminDep, user_id: uuid.UUID, action: UserAction) -> UserView:
    """Deactivating signs out everywhere, tokens included; nothing is lost. The last administrator stays one."""
    return UserView.model_validate(admin.change_user(user_id, action))


@router.get("/businesses", summary="List businesses with what they use", responses=errors(401, 404, 422))
def businesses(admin: AdminDep, cursor: Cursor = None, search: Search = "", limit: Limit = 30) -> BusinessPage:
    """Newest first, deleted ones until they are removed. Numbers alone: contents stay the owners'."""
    return admin.businesses(cursor, search, limit)


@router.get("/businesses/{business_id}", summary="Read what one business uses", responses=errors(401, 404))
def business(admin: AdminDep, business_id: uuid.UUID) -> BusinessUsage:
    """Numbers alone: contents stay the owners'. For administrators."""
    return admin.business(business_id)


@router.get("/businesses/{business_id}/limits", summary="Read a business' limits", responses=errors(401, 404))
def get_limits(admin: AdminDep, business_id: uuid.UUID) -> LimitsView:
    """Its own and, with the installation's defaults filled in, those that hold."""
    return admin.limits(business_id)


@router.put("/businesses/{business_id}/limits", summary="Set a business' limits", responses=errors(401, 404, 422))
def set_limits(admin: AdminDep, business_id: uuid.UUID, given: LimitsIn) -> LimitsView:
    """Null takes the installation's default. What is there already stays, also when it is more."""
    admin.set_limits(business_id, given)
    return admin.limits(business_id)


@router.get("/audit", summary="Read the log of what was done", responses=errors(401, 404, 422))
def audit(admin: AdminDep, cursor: Cursor = None, business_id: uuid.UUID | None = None, limit: Limit = 30) -> AuditPage:
    """Latest first, of everybody or of one business. Lines outlive the accounts and businesses they speak of."""
    return admin.audit(cursor, business_id, limit)
