"""Tokens by API: a person's own, and the question another service of the suite asks about one."""

from __future__ import annotations

import hmac
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.accounts.models import User
from nanococoa_backend.businesses.repository import Businesses
from nanococoa_backend.businesses.visits import ShopDep, VisitDep
from nanococoa_backend.errors import SignedOut
from nanococoa_backend.platform.csrf import bearer_of
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit, itself, page_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.tokens.schemas import FreshToken, NewToken, TokenPage, TokenQuestion, TokenVerdict, TokenView
from nanococoa_backend.tokens.service import TokenService

router = APIRouter(prefix="/api/v1", tags=["tokens"])


def token_service(session: SessionDep) -> TokenService:
    return TokenService(session)


TokensDep = Annotated[TokenService, Depends(token_service)]


def by_service(request: Request, services: ServicesDep) -> None:
    """Raises SignedOut unless the caller shows the service token (never, while none is set)."""
    wanted, shown = services.settings.token_verify_secret, bearer_of(request) or ""
    if wanted is None or not hmac.compare_digest(wanted.get_secret_value().encode(), shown.encode()):
        raise SignedOut("service_token")


@router.get("/me/tokens", summary="List your API tokens", responses=errors(401, 422))
def list_tokens(tokens: TokensDep, visit: VisitDep, limit: Limit = 24, cursor: Cursor = None) -> TokenPage:
    """Newest first, for all your businesses; ended ones too."""
    page, more = page_of(tokens.of(visit.user.id), limit, cursor, itself)
    return TokenPage(tokens=[TokenView.model_validate(row) for row in page], next_cursor=more)


@router.post("/me/tokens", status_code=201, summary="Make an API token", responses=errors(401, 403, 409, 422))
def make_token(tokens: TokensDep, visit: ShopDep, given: NewToken) -> FreshToken:
    """For the chosen business. Send it as `Authorization: Bearer …`; it is told in this answer alone."""
    row, secret = tokens.make(given, visit.user.id, visit.business.id)
    return FreshToken(**TokenView.model_validate(row).model_dump(), token=secret)


@router.delete("/me/tokens/{token_id}", status_code=204, summary="Revoke an API token", responses=errors(401, 403, 404))
def revoke_token(tokens: TokensDep, visit: VisitDep, token_id: uuid.UUID) -> Response:
    """Works for nobody from the next request on."""
    tokens.revoke(visit.user.id, token_id)
    return Response(status_code=204)


@router.post(
    "/tokens/verify",
    summary="Ask whether a token is good",
    responses=errors(401, 422),
    dependencies=[Depends(by_service)],
)
def verify_token(session: SessionDep, tokens: TokensDep, given: TokenQuestion) -> TokenVerdict:
    """For other services, which show `TOKEN_VERIFY_SECRET` as their bearer token. In the manner of RFC 7662."""
    token = tokens.known(given.token)
    membership = Businesses(session).membership(token.business_id, token.user_id) if token else None
    owner = session.get(User, token.user_id) if token else None
    if token is None or membership is None or owner is None or owner.deactivated_at or owner.deleted_at:
        return TokenVerdict(active=False)
    return TokenVerdict(
        active=True,
        user_id=token.user_id,
        business_id=token.business_id,
        role=membership.role,
        scopes=token.scopes,
        expires_at=token.expires_at,
    )
