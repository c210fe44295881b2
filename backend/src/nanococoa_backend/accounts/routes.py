"""Pages for signing up, in and out, and for choosing a new password."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from nanococoa_backend.accounts.letters import reset_letter
from nanococoa_backend.accounts.schemas import Credentials, ForgottenPassword, NewPassword, SignUp
from nanococoa_backend.accounts.service import RESET_MINUTES
from nanococoa_backend.accounts.visits import AccountsDep, DeviceDep, MaybeSignedIn
from nanococoa_backend.errors import InvalidField, NotAllowed, NotFound
from nanococoa_backend.platform import csrf, letters, rates
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.locale import COOKIE, LocaleDep, as_locale
from nanococoa_backend.platform.pages import go_on, inner_path
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)

NextPage = Annotated[str, Query(alias="next")]
SignInForm = Annotated[Form[Credentials], Depends(form_of(Credentials))]
SignUpForm = Annotated[Form[SignUp], Depends(form_of(SignUp))]
ForgottenForm = Annotated[Form[ForgottenPassword], Depends(form_of(ForgottenPassword))]
NewPasswordForm = Annotated[Form[NewPassword], Depends(form_of(NewPassword))]


@router.get("/sign-in")
def sign_in_page(request: Request, services: ServicesDep, found: MaybeSignedIn, next_: NextPage = "/") -> Response:
    if found is not None:
        return go_on(inner_path(next_))
    return _sign_in(services, empty(request, next=inner_path(next_)))


@router.post("/sign-in")
def sign_in(
    request: Request, services: ServicesDep, accounts: AccountsDep, device: DeviceDep, form: SignInForm
) -> Response:
    services.rates.count(rates.SIGN_IN_FROM_ADDRESS, device.address)
    if form.errors:
        return _sign_in(services, form, 422)
    services.rates.count(rates.SIGN_IN_TO_ACCOUNT, form.model.email)
    try:
        user = accounts.verify(form.model.email, form.model.password)
    except InvalidField as error:
        form.refuse(error)
        return _sign_in(services, form, 422)
    response = go_on(inner_path(form.values.get("next")))
    csrf.keep_secret(request, response, accounts.start(user, device))
    return response


@router.get("/sign-up")
def sign_up_page(request: Request, services: ServicesDep, found: MaybeSignedIn) -> Response:
    return go_on("/") if found is not None else _sign_up(services, empty(request))


@router.post("/sign-up")
def sign_up(
    request: Request, services: ServicesDep, accounts: AccountsDep, device: DeviceDep, form: SignUpForm
) -> Response:
    if services.settings.sign_up == "closed":
        raise NotAllowed("sign_up_closed")
    services.rates.count(rates.SIGN_UP_FROM_ADDRESS, device.address)
    if form.errors:
        return _sign_up(services, form, 422)
    try:
        user = accounts.sign_up(form.model)
    except InvalidField as error:
        form.refuse(error)
        return _sign_up(services, form, 422)
    response = go_on("/businesses/new")
    csrf.keep_secret(request, response, accounts.start(user, device))
    return response


@router.post("/sign-out")
def sign_out(request: Request, accounts: AccountsDep, found: MaybeSignedIn) -> Response:
    if found is not None:
        accounts.end(found[1].id, found[0].id)
    response = go_on("/sign-in", "signed_out")
    csrf.keep_secret(request, response, secrets.token_urlsafe(32))
    return response


@router.get("/password/forgotten")
def forgotten_page(request: Request, services: ServicesDep) -> Response:
    return services.pages.render(request, "accounts/forgotten.html", form=empty(request), sent=False)


@router.post("/password/forgotten")
def forgotten(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    accounts: AccountsDep,
    device: DeviceDep,
    locale: LocaleDep,
    form: ForgottenForm,
) -> Response:
    services.rates.count(rates.RESET_FROM_ADDRESS, device.address)
    if form.errors:
        return services.pages.render(request, "accounts/forgotten.html", 422, form=form, sent=False)
    services.rates.count(rates.RESET_OF_ACCOUNT, form.model.email)
    if (asked := accounts.ask_reset(form.model.email)) is not None:
        user, secret = asked
        link = f"{services.settings.public_url}/password/new/{secret}"
        letter = reset_letter(user.email, link, locale)
        letters.post(session, letter, services.mailing, timedelta(minutes=RESET_MINUTES))
    return services.pages.render(request, "accounts/forgotten.html", form=form, sent=True)


@router.get("/password/new/{secret}")
def new_password_page(request: Request, services: ServicesDep, accounts: AccountsDep, secret: str) -> Response:
    if not accounts.can_reset(secret):
        raise NotFound("link_dead")
    return services.pages.render(request, "accounts/new_password.html", form=empty(request))


@router.post("/password/new/{secret}")
def new_password(
    request: Request,
    services: ServicesDep,
    accounts: AccountsDep,
    device: DeviceDep,
    secret: str,
    form: NewPasswordForm,
) -> Response:
    services.rates.count(rates.RESET_FROM_ADDRESS, device.address)
    try:
        user = accounts.reset_password(secret, form.model.password)
    except InvalidField as error:
        form.refuse(error)
        return services.pages.render(request, "accounts/new_password.html", 422, form=form)
    response = go_on("/", "password_changed")
    csrf.keep_secret(request, response, accounts.start(user, device))
    return response


@router.get("/language/{language}")
def choose_language(language: str, next_: NextPage = "/") -> Response:
    """A link, not a form: it works on every page and changes nothing but this browser's words."""
    response = go_on(inner_path(next_))
    if (locale := as_locale(language)) is not None:
        response.set_cookie(COOKIE, locale, max_age=365 * 86_400, samesite="lax")
    return response


def _sign_in(services: Services, form: Form[Any], status: int = 200) -> Response:
    shown = services.settings.sign_up == "open"
    return services.pages.render(form.request, "accounts/sign_in.html", status, form=form, can_sign_up=shown)


def _sign_up(services: Services, form: Form[Any], status: int = 200) -> Response:
    if services.settings.sign_up == "closed":
        raise NotAllowed("sign_up_closed")
    return services.pages.render(form.request, "accounts/sign_up.html", status, form=form)
