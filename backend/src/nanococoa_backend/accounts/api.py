"""Signing in and out by API, and the list of sign-ins."""

from __future__ import annotations

import secrets
import uuid

from fastapi import APIRouter, Request, Response

from nanococoa_backend.accounts.schemas import Credentials, Me, PasswordChange, SignInPage, SignInView
from nanococoa_backend.accounts.visits import AccountsDep, DeviceDep, SignedIn
from nanococoa_backend.platform import csrf, rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit, itself, page_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1", tags=["account"])


@router.get("/csrf", summary="Get a token for unsafe requests")
def csrf_token(request: Request, response: Response) -> dict[str, str]:
    """Sets the visitor's cookie if there is none. Send the token as `X-CSRF-Token` with POST, PUT and DELETE."""
    token = csrf.token_for(request)
    csrf.keep_secret(request, response)
    return {"token": token}


@router.post("/session", summary="Sign in with e-mail address and password", responses=errors(403, 422, 429))
def sign_in(
    request: Request,
    response: Response,
    services: ServicesDep,
    accounts: AccountsDep,
    device: DeviceDep,
    given: Credentials,
) -> Me:
    """Sets a new cookie, so get a new CSRF token afterwards. Ten tries in a quarter of an hour for one account."""
    services.rates.count(rates.SIGN_IN_FROM_ADDRESS, device.address)
    services.rates.count(rates.SIGN_IN_TO_ACCOUNT, given.email)
    user = accounts.verify(given.email, given.password)
    csrf.keep_secret(request, response, accounts.start(user, device))
    return Me.model_validate(user)


@router.delete("/session", status_code=204, summary="Sign this browser out", responses=errors(401, 403))
def sign_out(request: Request, accounts: AccountsDep, who: SignedIn) -> Response:
    """The cookie is worth nothing afterwards."""
    accounts.end(who[1].id, who[0].id)
    response = Response(status_code=204)
    csrf.keep_secret(request, response, secrets.token_urlsafe(32))
    return response


@router.get("/me", summary="Say who is signed in", responses=errors(401))
def me(who: SignedIn) -> Me:
    """The account behind the cookie."""
    return Me.model_validate(who[1])


@router.put("/me/password", status_code=204, summary="Change the password", responses=errors(401, 403, 422, 429))
def change_password(services: ServicesDep, accounts: AccountsDep, who: SignedIn, given: PasswordChange) -> Response:
    """Needs the password until now; every other browser is signed out."""
    services.rates.count(rates.PASSWORD_OF_ACCOUNT, who[1].id)
    accounts.change_password(who[1], given, who[0].id)
    return Response(status_code=204)


@router.get("/sessions", summary="List where you are signed in", responses=errors(401, 422))
def sessions(accounts: AccountsDep, who: SignedIn, limit: Limit = 24, cursor: Cursor = None) -> SignInPage:
    """Every browser that is signed in to the account, the latest sign-in first."""
    page, more = page_of(accounts.sign_ins(who[1].id), limit, cursor, itself)
    views = [SignInView.model_validate(row).model_copy(update={"is_this": row.id == who[0].id}) for row in page]
    return SignInPage(sessions=views, next_cursor=more)


@router.delete(
    "/sessions/{session_id}", status_code=204, summary="Sign one browser out", responses=errors(401, 403, 404)
)
def end_session(accounts: AccountsDep, who: SignedIn, session_id: uuid.UUID) -> Response:
    """One of your own sign-ins, from the list."""
    accounts.end(who[1].id, session_id)
    return Response(status_code=204)
