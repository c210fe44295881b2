"""The account's own page: password, where one is signed in."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.accounts.schemas import PasswordChange
from nanococoa_backend.accounts.visits import AccountsDep
from nanococoa_backend.businesses.visits import Visit, VisitDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.profile.browsers import browser_name

router = APIRouter(include_in_schema=False)

PasswordForm = Annotated[Form[PasswordChange], Depends(form_of(PasswordChange))]


@router.get("/account")
def page(request: Request, services: ServicesDep, accounts: AccountsDep, visit: VisitDep) -> Response:
    return _page(services, accounts, visit, empty(request))


@router.post("/account/password")
def password(services: ServicesDep, accounts: AccountsDep, visit: VisitDep, form: PasswordForm) -> Response:
    services.rates.count(rates.PASSWORD_OF_ACCOUNT, visit.user.id)
    try:
        accounts.change_password(visit.user, form.model, visit.sign_in.id)
    except InvalidField as error:
        form.refuse(error)
        return _page(services, accounts, visit, form, 422)
    return go_on("/account", "password_changed")


@router.post("/account/sessions/{sign_in_id}/end")
def end(accounts: AccountsDep, visit: VisitDep, sign_in_id: uuid.UUID) -> Response:
    accounts.end(visit.user.id, sign_in_id)
    return go_on("/account", "session_ended")


@router.post("/account/sessions/end-others")
def end_others(accounts: AccountsDep, visit: VisitDep) -> Response:
    accounts.end_others(visit.user.id, visit.sign_in.id)
    return go_on("/account", "session_ended")


def _page(services: Services, accounts: AccountsDep, visit: Visit, form: Form[Any], status: int = 200) -> Response:
    rows = [(row, browser_name(row.browser)) for row in accounts.sign_ins(visit.user.id)]
    return services.pages.render(
        form.request, "profile/account.html", status, form=form, user=visit.user, rows=rows, here=visit.sign_in.id
    )
