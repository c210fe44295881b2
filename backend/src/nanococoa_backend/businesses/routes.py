"""Pages of a business: making one, its facts and brand, who works for it, and choosing another."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.businesses.demo import make_demo
from nanococoa_backend.businesses.schemas import BusinessFacts, MemberChange, MemberInvite, NewBusiness
from nanococoa_backend.businesses.visits import BusinessesDep, EditorDep, OwnerDep, ShopDep, Visit, VisitDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.pages import go_on, inner_path
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)

NewForm = Annotated[Form[NewBusiness], Depends(form_of(NewBusiness))]
FactsForm = Annotated[Form[BusinessFacts], Depends(form_of(BusinessFacts))]
InviteForm = Annotated[Form[MemberInvite], Depends(form_of(MemberInvite))]
RoleForm = Annotated[Form[MemberChange], Depends(form_of(MemberChange))]


@router.get("/businesses/new")
def new_page(request: Request, services: ServicesDep, visit: VisitDep) -> Response:
    return services.pages.render(request, "businesses/new.html", form=empty(request), is_first=visit.chosen is None)


@router.post("/businesses/new")
def new(services: ServicesDep, visit: VisitDep, businesses: BusinessesDep, form: NewForm) -> Response:
    if form.errors:
        first = visit.chosen is None
        return services.pages.render(form.request, "businesses/new.html", 422, form=form, is_first=first)
    visit.sign_in.business_id = businesses.create(form.model).id
    return go_on("/", "business_made")


@router.post("/businesses/demo")
def demo(visit: VisitDep, businesses: BusinessesDep, locale: LocaleDep) -> Response:
    visit.sign_in.business_id = make_demo(businesses, locale).id
    return go_on("/", "demo_made")


@router.post("/businesses/{business_id}/choose")
def choose(request: Request, visit: VisitDep, businesses: BusinessesDep, business_id: uuid.UUID) -> Response:
    visit.sign_in.business_id = businesses.one(business_id)[0].id
    return go_on("/")


@router.get("/business")
def facts_page(request: Request, services: ServicesDep, visit: ShopDep, businesses: BusinessesDep) -> Response:
    return _facts(services, businesses, visit, empty(request, **_values(visit)))


@router.post("/business")
def save_facts(services: ServicesDep, visit: EditorDep, businesses: BusinessesDep, form: FactsForm) -> Response:
    if form.errors:
        return _facts(services, businesses, visit, form, 422)
    businesses.change(visit.business, form.model)
    return go_on("/business", "saved")


@router.post("/business/members")
def invite(
    request: Request, services: ServicesDep, visit: OwnerDep, businesses: BusinessesDep, form: InviteForm
) -> Response:
    try:
        businesses.add_member(visit.business.id, form.model.email, form.model.role)
    except InvalidField as error:
        form.refuse(error)
        facts = empty(request, **_values(visit))
        return _facts(services, businesses, visit, facts, 422, invited=form)
    return go_on("/business#people", "member_added")


@router.post("/business/members/{user_id}")
def change_role(visit: OwnerDep, businesses: BusinessesDep, user_id: uuid.UUID, form: RoleForm) -> Response:
    businesses.change_member(visit.business.id, user_id, form.model.role)
    return go_on("/business#people", "saved")


@router.post("/business/members/{user_id}/remove")
def remove(visit: OwnerDep, businesses: BusinessesDep, user_id: uuid.UUID) -> Response:
    businesses.remove_member(visit.business.id, user_id)
    return go_on(inner_path("/business#people"), "member_removed")


def _values(visit: Visit) -> dict[str, str]:
    return {name: getattr(visit.business, name) for name in BusinessFacts.model_fields}


def _facts(
    services: Services,
    businesses: BusinessesDep,
    visit: Visit,
    form: Form[Any],
    status: int = 200,
    invited: Form[Any] | None = None,
) -> Response:
    return services.pages.render(
        form.request,
        "businesses/facts.html",
        status,
        form=form,
        invited=invited or empty(form.request),
        business=visit.business,
        members=businesses.members(visit.business.id),
        me=visit.user,
        role=visit.role,
        fonts=services.catalogue.now.fonts,
    )
