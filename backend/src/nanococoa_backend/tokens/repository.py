"""Queries over tokens, always from a person's own or from a secret on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.platform.tables import now
from nanococoa_backend.tokens.models import ApiToken


class Tokens:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: ApiToken) -> None:
        self._session.add(row)
        self._session.flush()

    def live(self, secret_hash: str) -> ApiToken | None:
        query = sa.select(ApiToken).where(ApiToken.secret_hash == secret_hash, ApiToken.expires_at > now())
        return self._session.scalars(query).one_or_none()

    def of(self, user_id: uuid.UUID) -> Sequence[ApiToken]:
        """A person's tokens, the newest first."""
        query = sa.select(ApiToken).where(ApiToken.user_id == user_id)
        return self._session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id)).all()

    def note_use(self, token_id: uuid.UUID) -> None:
        self._session.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(used_at=now()))

    def remove(self, user_id: uuid.UUID, token_id: uuid.UUID) -> bool:
        """Whether it was one of the person's own."""
        query = sa.delete(ApiToken).where(ApiToken.user_id == user_id, ApiToken.id == token_id).returning(ApiToken.id)
        return self._session.execute(query).first() is not None
