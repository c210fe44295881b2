"""A bearer token on a request: where it counts, and what it may never do."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy.orm import Session

from nanococoa_backend.errors import NotAllowed, SignedOut
from nanococoa_backend.platform.csrf import SAFE, bearer_of
from nanococoa_backend.platform.database import Database
from nanococoa_backend.tokens.models import ApiToken
from nanococoa_backend.tokens.service import TokenService, is_use_news

FOR_PEOPLE: Final = (
    "/api/v1/session",
    "/api/v1/me/",
    "/api/v1/businesses",
    "/api/v1/business/members",
)
"""Passwords, sign-ins, tokens, other businesses and members are not a program's to touch: a lost token stays small."""


def token_on(request: Request, session: Session, database: Database) -> ApiToken | None:
    """The token a request shows, None when it shows none. Raises SignedOut for a dead one, NotAllowed."""
    secret = bearer_of(request)
    if secret is None:
        return None
    token = TokenService(session).known(secret)
    if token is None:
        raise SignedOut("token_dead")
    needed = "read" if request.method in SAFE else "write"
    if needed not in token.scopes or request.url.path.startswith(FOR_PEOPLE):
        raise NotAllowed("token_scope")
    request.state.by_token = True
    _note_use(token, database)
    return token


def _note_use(token: ApiToken, database: Database) -> None:
    """In a transaction of its own: SQLite has one writer, and the route may count tries in another meanwhile."""
    if is_use_news(token):
        with database.begin() as session:
            TokenService(session).note_use(token)
