"""Pages for taking everything along, deleting a business or an account, and coming back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.accounts.visits import AccountsDep
from nanococoa_backend.businesses.visits import OwnerDep, Visit, VisitDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.leaving.deps import LeavingDep, OwnedAds, sent
from nanococoa_backend.leaving.schemas import AccountFarewell, Farewell
from nanococoa_backend.leaving.service import LeavingService
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)

FarewellForm = Annotated[Form[Farewell], Depends(form_of(Farewell))]
AccountForm = Annotated[Form[AccountFarewell], Depends(form_of(AccountFarewell))]


@router.get("/business/leaving")
def leaving_page(request: Request, services: ServicesDep, visit: OwnerDep, leaving: LeavingDep) -> Response:
    return _page(services, leaving, visit, empty(request))


@router.post("/business/exports")
def export(visit: OwnerDep, leaving: LeavingDep, locale: LocaleDep) -> Response:
    leaving.export(visit.business, locale)
    return go_on("/business/leaving", "export_asked")


@router.get("/exports/{export_id}")
def fetch(services: ServicesDep, leaving: LeavingDep, export_id: uuid.UUID) -> Response:
    return sent(services.store, *leaving.fetchable(export_id))


@router.post("/business/delete")
def delete_business(
    services: ServicesDep, visit: OwnerDep, leaving: LeavingDep, ads: OwnedAds, locale: LocaleDep, form: FarewellForm
) -> Response:
    try:
        leaving.delete_business(visit.business, form.model.name, ads, locale)
    except InvalidField as error:
        form.refuse(error)
        return _page(services, leaving, visit, form, 422)
    visit.sign_in.business_id = None
    return go_on("/businesses/deleted", "business_deleted")


@router.get("/businesses/deleted")
def deleted_page(request: Request, services: ServicesDep, visit: VisitDep, leaving: LeavingDep) -> Response:
    return services.pages.render(request, "leaving/deleted.html", rows=leaving.deleted(), visit=visit)


@router.post("/businesses/{business_id}/restore")
def restore(visit: VisitDep, leaving: LeavingDep, business_id: uuid.UUID) -> Response:
    visit.sign_in.business_id = leaving.restore(business_id).id
    return go_on("/", "business_restored")


@router.get("/account/leaving")
def account_page(request: Request, services: ServicesDep, visit: VisitDep) -> Response:
    return services.pages.render(request, "leaving/account.html", form=empty(request), user=visit.user)


@router.post("/account/delete")
def delete_account(
    services: ServicesDep, visit: VisitDep, accounts: AccountsDep, leaving: LeavingDep, form: AccountForm
) -> Response:
    services.rates.count(rates.PASSWORD_OF_ACCOUNT, visit.user.id)
    try:
        leaving.delete_account(accounts, form.model.password)
    except InvalidField as error:
        form.refuse(error)
        return services.pages.render(form.request, "leaving/account.html", 422, form=form, user=visit.user)
    return go_on("/sign-in", "account_deleted")


def _page(services: Services, leaving: LeavingService, visit: Visit, form: Form[Any], status: int = 200) -> Response:
    rows = leaving.exports()
    return services.pages.render(
        form.request, "leaving/leaving.html", status, form=form, rows=rows, business=visit.business
    )
