"""Who may call: bearer tokens from a fixed list, or such as the dashboard knows.

The dashboard is asked in the manner of RFC 7662 (``POST MCP_TOKEN_URL``). Its answer is kept for a minute, so that a
withdrawn token ends soon and a busy client costs one question a minute. When it does not answer, nobody new gets in.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

import aiohttp
import structlog
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from pydantic import BaseModel, ConfigDict, ValidationError

from nanococoa_client import calling
from nanococoa_mcpserver.settings import Settings

KEEP_SECONDS: Final = 60.0
KEEP_MOST: Final = 10_000
"""Answers kept; made-up tokens must not fill the memory."""

READ: Final = "read"
WRITE: Final = "write"

_LONGEST: Final = 200
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


class Verdict(BaseModel):
    """What is read of the dashboard's answer about a token."""

    model_config = ConfigDict(extra="ignore")

    active: bool
    business_id: str | None = None
    scopes: list[str] = []


class Tokens:
    """The SDK's ``TokenVerifier``. ``close`` it at the end."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._listed = [token.encode() for token in settings.tokens]
        self._url = settings.mcp_token_url
        self._secret = settings.mcp_token_secret.get_secret_value()
        self._clock = clock
        self._kept: dict[str, tuple[float, Verdict]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def verify_token(self, token: str) -> AccessToken | None:
        """None for a token that is not let in. ``subject`` is the business of a dashboard's token."""
        if not 0 < len(token) <= _LONGEST:
            return None
        if self._is_listed(token):
            return AccessToken(token=token, client_id=_name(token), scopes=[READ, WRITE])
        verdict = await self._verdict(token) if self._url else None
        if verdict is None or not verdict.active:
            return None
        return AccessToken(token=token, client_id=_name(token), scopes=verdict.scopes, subject=verdict.business_id)

    def _is_listed(self, token: str) -> bool:
        """Compared in constant time, with every one."""
        given = token.encode("utf-8", "replace")
        return sum(hmac.compare_digest(given, listed) for listed in self._listed) > 0

    async def _verdict(self, token: str) -> Verdict | None:
        name, now = _name(token), self._clock()
        until, known = self._kept.get(name, (0.0, None))
        if known is not None and now < until:
            return known
        verdict = await self._ask(token)
        if verdict is not None:
            if len(self._kept) >= KEEP_MOST:
                self._kept.clear()
            self._kept[name] = (now + KEEP_SECONDS, verdict)
        return verdict

    async def _ask(self, token: str) -> Verdict | None:
        """The dashboard's word; None when it gave none."""
        headers = {"Authorization": f"Bearer {self._secret}"}
        try:
            async with self._open().post(self._url, json={"token": token}, headers=headers) as answer:
                if answer.status == 200:
                    return Verdict.model_validate_json(await answer.read())
                reason = f"status {answer.status}"
        except (TimeoutError, aiohttp.ClientError, ValidationError) as lost:
            reason = repr(lost)
        structlog.get_logger().warning("tokens can't be checked", url=self._url, reason=reason)
        return None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, middlewares=(calling.carry,))
        return self._session


def may(scope: str) -> bool:
    """Whether the running call's token allows it; where no token is asked for, everything is allowed."""
    token = get_access_token()
    return token is None or scope in token.scopes


def business() -> str | None:
    """The business that the running call's token works for; None for a token of the list, and without one."""
    token = get_access_token()
    return token.subject if token else None


def _name(token: str) -> str:
    """What logs and keys call the token's owner."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:16]
