"""Making, knowing and revoking tokens. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from nanococoa_backend.errors import NotFound, TooManyTokens
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.tables import now
from nanococoa_backend.tokens.models import ApiToken
from nanococoa_backend.tokens.repository import Tokens
from nanococoa_backend.tokens.schemas import NewToken

PREFIX: Final = "nc_"
"""Lets scanners of public code find a token that was published by accident."""

MOST: Final = 20
USED_EVERY: Final = timedelta(minutes=5)
"""``used_at`` is written this often at most: not every request is a write."""


class TokenService:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._tokens = Tokens(session)

    def make(self, given: NewToken, user_id: uuid.UUID, business_id: uuid.UUID) -> tuple[ApiToken, str]:
        """The row and the secret, which nobody can read again. Raises TooManyTokens."""
        if len(self._tokens.of(user_id)) >= MOST:
            raise TooManyTokens(limit=MOST)
        secret = PREFIX + secrets.token_urlsafe(32)
        row = ApiToken(
            user_id=user_id,
            business_id=business_id,
            name=given.name,
            secret_hash=_hash(secret),
            shown_end=secret[-4:],
            scopes=["read", "write"] if given.access == "write" else ["read"],
            expires_at=now() + timedelta(days=given.days),
        )
        self._tokens.add(row)
        record(self._session, "token.made", user_id=user_id, business_id=business_id, subject=row.id)
        return row, secret

    def known(self, secret: str) -> ApiToken | None:
        """The live token behind a secret."""
        return self._tokens.live(_hash(secret)) if secret.startswith(PREFIX) else None

    def note_use(self, token: ApiToken) -> None:
        self._tokens.note_use(token.id)

    def of(self, user_id: uuid.UUID) -> Sequence[ApiToken]:
        return self._tokens.of(user_id)

    def revoke(self, user_id: uuid.UUID, token_id: uuid.UUID) -> None:
        """Raises NotFound for somebody else's."""
        if not self._tokens.remove(user_id, token_id):
            raise NotFound
        record(self._session, "token.revoked", user_id=user_id, subject=token_id)


def is_use_news(token: ApiToken) -> bool:
    """Whether its last use was noted too long ago."""
    return token.used_at is None or now() - token.used_at > USED_EVERY


def _hash(secret: str) -> str:
    """Secrets are 32 random bytes, so a plain hash keeps them well."""
    return hashlib.sha256(secret.encode()).hexdigest()
