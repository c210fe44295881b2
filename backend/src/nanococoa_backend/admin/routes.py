"""Pages of administration."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.admin.deps import AdminDep
from nanococoa_backend.admin.schemas import LimitsIn, UserAction
from nanococoa_backend.businesses.visits import VisitDep
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)

LimitsForm = Annotated[Form[LimitsIn], Depends(form_of(LimitsIn))]


@router.get("/admin")
def users(
    request: Request, services: ServicesDep, visit: VisitDep, admin: AdminDep, cursor: str = "", search: str = ""
) -> Response:
    page = admin.users(cursor, search[:100])
    return services.pages.render(request, "admin/users.html", page=page, search=search, me=visit.user)


@router.post("/admin/users/{user_id}/{action}")
def change_user(admin: AdminDep, user_id: uuid.UUID, action: str) -> Response:
    if action not in get_args(UserAction):
        raise NotFound
    user = admin.change_user(user_id, action)  # type: ignore[arg-type]  # looked at above
    return go_on(f"/admin?search={quote(user.email)}", f"user_{action}")


@router.get("/admin/businesses")
def businesses(
    request: Request, services: ServicesDep, admin: AdminDep, cursor: str = "", search: str = ""
) -> Response:
    page = admin.businesses(cursor, search[:100])
    return services.pages.render(request, "admin/businesses.html", page=page, search=search)


@router.get("/admin/businesses/{business_id}")
def business(request: Request, services: ServicesDep, admin: AdminDep, business_id: uuid.UUID) -> Response:
    own = admin.limits(business_id).own.model_dump()
    values = {name: "" if value is None else str(value) for name, value in own.items()}
    return _business(services, admin, business_id, empty(request, **values))


@router.post("/admin/businesses/{business_id}")
def set_limits(services: ServicesDep, admin: AdminDep, business_id: uuid.UUID, form: LimitsForm) -> Response:
    admin.business(business_id)
    if form.given is None:
        return _business(services, admin, business_id, form, 422)
    admin.set_limits(business_id, form.given)
    return go_on(f"/admin/businesses/{business_id}", "saved")


@router.get("/admin/audit")
def audit(
    request: Request, services: ServicesDep, admin: AdminDep, cursor: str = "", business_id: uuid.UUID | None = None
) -> Response:
    page = admin.audit(cursor, business_id)
    return services.pages.render(request, "admin/audit.html", page=page, business_id=business_id)


def _business(
    services: Services, admin: AdminDep, business_id: uuid.UUID, form: Form[Any], status: int = 200
) -> Response:
    return services.pages.render(
        form.request,
        "admin/business.html",
        status,
        form=form,
        business=admin.business(business_id),
        holding=admin.limits(business_id).holding,
        lines=admin.audit(None, business_id, 10).lines,
    )
