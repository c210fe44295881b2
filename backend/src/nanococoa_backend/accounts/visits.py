"""Who is asking: the person behind the cookie, for routes that need one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from nanococoa_backend.accounts.models import SignIn, User
from nanococoa_backend.accounts.service import AccountService, Device
from nanococoa_backend.errors import SignedOut
from nanococoa_backend.platform.csrf import cookie_name
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import ServicesDep, address_of


def account_service(session: SessionDep, services: ServicesDep) -> AccountService:
    return AccountService(session, services.passwords, services.settings.session_days)


AccountsDep = Annotated[AccountService, Depends(account_service)]


def device_of(request: Request) -> Device:
    return Device(request.headers.get("user-agent", ""), address_of(request))


DeviceDep = Annotated[Device, Depends(device_of)]


def maybe_signed_in(
    request: Request, accounts: AccountsDep, services: ServicesDep, device: DeviceDep
) -> tuple[SignIn, User] | None:
    secret = request.cookies.get(cookie_name(services.settings))
    return accounts.known(secret, device.address) if secret else None


MaybeSignedIn = Annotated[tuple[SignIn, User] | None, Depends(maybe_signed_in)]


def signed_in(found: MaybeSignedIn) -> tuple[SignIn, User]:
    """Raises SignedOut."""
    if found is None:
        raise SignedOut
    return found


SignedIn = Annotated[tuple[SignIn, User], Depends(signed_in)]
