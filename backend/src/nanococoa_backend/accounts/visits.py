"""Who is asking: the person behind the cookie, for routes that need one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from nanococoa_backend.accounts.models import SignIn, User
from nanococoa_backend.accounts.service import AccountService, Device
from nanococoa_backend.errors import SignedOut
from nanococoa_backend.platform.csrf import cookie_name
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import Services, ServicesDep, address_of
from nanococoa_backend.tokens.bearer import token_on


def account_service(session: SessionDep, services: ServicesDep) -> AccountService:
    return AccountService(session, services.passwords, services.settings.session_days)


AccountsDep = Annotated[AccountService, Depends(account_service)]


def device_of(request: Request) -> Device:
    return Device(request.headers.get("user-agent", ""), address_of(request))


DeviceDep = Annotated[Device, Depends(device_of)]


def maybe_signed_in(
    request: Request, session: SessionDep, accounts: AccountsDep, services: ServicesDep, device: DeviceDep
) -> tuple[SignIn, User] | None:
    """By a bearer token if the request shows one (its cookie then counts for nothing), else by the cookie."""
    if (token := token_on(request, session, services.database)) is not None:
        return accounts.by_token(token)
    secret = request.cookies.get(cookie_name(services.settings))
    found = accounts.known(secret) if secret else None
    if found is not None and accounts.is_visit_news(found[0]):
        _note_visit(services, found[0], device.address)
    return found


def _note_visit(services: Services, sign_in: SignIn, address: str) -> None:
    """In a transaction of its own: SQLite has one writer, and the route may count tries in another meanwhile."""
    with services.database.begin() as session:
        account_service(session, services).note_visit(sign_in.id, address)


MaybeSignedIn = Annotated[tuple[SignIn, User] | None, Depends(maybe_signed_in)]


def signed_in(found: MaybeSignedIn) -> tuple[SignIn, User]:
    """Raises SignedOut."""
    if found is None:
        raise SignedOut
    return found


SignedIn = Annotated[tuple[SignIn, User], Depends(signed_in)]
