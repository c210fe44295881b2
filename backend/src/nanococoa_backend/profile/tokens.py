"""The page of a person's API tokens."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.businesses.visits import ShopDep, Visit, VisitDep
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.platform.tables import now
from nanococoa_backend.profile.tokens_api import TokensDep
from nanococoa_backend.tokens.schemas import NewToken
from nanococoa_backend.tokens.service import TokenService

router = APIRouter(include_in_schema=False)

TokenForm = Annotated[Form[NewToken], Depends(form_of(NewToken))]


@router.get("/account/tokens")
def page(request: Request, services: ServicesDep, tokens: TokensDep, visit: VisitDep) -> Response:
    return _page(services, tokens, visit, empty(request))


@router.post("/account/tokens")
def make(services: ServicesDep, tokens: TokensDep, visit: ShopDep, form: TokenForm) -> Response:
    """Answers with the page itself: the secret is on it and nowhere else."""
    if form.given is None:
        return _page(services, tokens, visit, form, status=422)
    _, secret = tokens.make(form.given, visit.user.id, visit.business.id)
    return _page(services, tokens, visit, empty(form.request), secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke(tokens: TokensDep, visit: VisitDep, token_id: uuid.UUID) -> Response:
    tokens.revoke(visit.user.id, token_id)
    return go_on("/account/tokens", "token_revoked")


def _page(
    services: Services, tokens: TokenService, visit: Visit, form: Form[Any], secret: str = "", status: int = 200
) -> Response:
    names = {business.id: business.name for business, _ in visit.businesses}
    return services.pages.render(
        form.request,
        "profile/tokens.html",
        status,
        form=form,
        rows=tokens.of(visit.user.id),
        names=names,
        secret=secret,
        moment=now(),
    )
