"""For whom somebody is asking: the person, the business chosen in this browser, and the role there.

``ShopDep`` narrows the transaction to that business; every route over customer data takes it (or a stricter one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from nanococoa_backend.accounts.models import SignIn, User
from nanococoa_backend.accounts.visits import SignedIn
from nanococoa_backend.businesses.models import Business, Membership
from nanococoa_backend.businesses.roles import Role, may
from nanococoa_backend.businesses.service import BusinessService
from nanococoa_backend.errors import NoBusiness, NotAllowed
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import SessionDep


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody signed in, and all businesses they may choose from."""

    sign_in: SignIn
    user: User
    businesses: Sequence[tuple[Business, Membership]]
    chosen: tuple[Business, Membership] | None

    @property
    def business(self) -> Business:
        """Raises NoBusiness."""
        if self.chosen is None:
            raise NoBusiness
        return self.chosen[0]

    @property
    def role(self) -> str:
        return self.chosen[1].role if self.chosen else "viewer"

    def may(self, role: Role) -> bool:
        return may(self.role, role)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every page shows: plain values, for error pages are made when the transaction is gone."""

    person: str
    shop: str | None
    shop_id: str | None
    shops: list[tuple[str, str]]
    may_edit: bool
    is_admin: bool


def visit_of(request: Request, session: SessionDep, found: SignedIn) -> Visit:
    """Raises SignedOut. Without a choice (or with one that is gone) a person gets the first business, a token none."""
    sign_in, user = found
    mine = BusinessService(session, user.id).mine()
    first = mine[0] if mine and not getattr(request.state, "by_token", False) else None
    chosen = next((pair for pair in mine if pair[0].id == sign_in.business_id), first)
    visit = Visit(sign_in, user, mine, chosen)
    request.state.frame = frame_of(visit)
    return visit


def frame_of(visit: Visit) -> Frame:
    names = [(str(business.id), business.name) for business, _ in visit.businesses]
    chosen = visit.chosen
    return Frame(
        person=visit.user.name,
        shop=chosen and chosen[0].name,
        shop_id=chosen and str(chosen[0].id),
        shops=names,
        may_edit=visit.may("editor"),
        is_admin=visit.user.is_admin,
    )


VisitDep = Annotated[Visit, Depends(visit_of)]


def _needing(role: Role) -> Callable[[Visit, SessionDep], Visit]:
    def shop(visit: VisitDep, session: SessionDep) -> Visit:
        scope.narrow(session, visit.business.id)
        if not visit.may(role):
            raise NotAllowed
        return visit

    return shop


ShopDep = Annotated[Visit, Depends(_needing("viewer"))]
EditorDep = Annotated[Visit, Depends(_needing("editor"))]
OwnerDep = Annotated[Visit, Depends(_needing("owner"))]


def business_service(session: SessionDep, visit: VisitDep) -> BusinessService:
    return BusinessService(session, visit.user.id)


BusinessesDep = Annotated[BusinessService, Depends(business_service)]
