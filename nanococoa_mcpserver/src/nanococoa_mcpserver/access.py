"""Who may call: bearer tokens from a fixed list, or such as the backend knows.

The backend is asked with the token itself (``GET MCP_TOKEN_URL``): 200 lets it in. Its answer is kept for a minute, so
that a withdrawn token ends soon and a busy client costs one question a minute. When it does not answer, nobody new
gets in.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

import aiohttp
import structlog
from mcp.server.auth.provider import AccessToken

from nanococoa_mcpserver.settings import Settings

KEEP_SECONDS: Final = 60.0
KEEP_MOST: Final = 10_000
"""Answers kept; made-up tokens must not fill the memory."""

_LONGEST: Final = 512
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


class Tokens:
    """The SDK's ``TokenVerifier``. ``close`` it at the end."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._listed = [token.encode() for token in settings.tokens]
        self._url = settings.mcp_token_url
        self._clock = clock
        self._kept: dict[str, tuple[float, bool]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def verify_token(self, token: str) -> AccessToken | None:
        """None for a token that is not let in."""
        if len(token) > _LONGEST:
            return None
        if self._is_listed(token) or (self._url and await self._is_known(token)):
            return AccessToken(token=token, client_id=_name(token), scopes=[])
        return None

    def _is_listed(self, token: str) -> bool:
        """Compared in constant time, with every one."""
        given = token.encode("utf-8", "replace")
        return sum(hmac.compare_digest(given, listed) for listed in self._listed) > 0

    async def _is_known(self, token: str) -> bool:
        name, now = _name(token), self._clock()
        until, known = self._kept.get(name, (0.0, False))
        if now < until:
            return known
        answer = await self._ask(token)
        if answer is None:
            return False
        if len(self._kept) >= KEEP_MOST:
            self._kept.clear()
        self._kept[name] = (now + KEEP_SECONDS, answer)
        return answer

    async def _ask(self, token: str) -> bool | None:
        """The backend's word; None when it gave none."""
        try:
            async with self._open().get(self._url, headers={"Authorization": f"Bearer {token}"}) as answer:
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, ValueError) as lost:
            structlog.get_logger().warning("tokens can't be checked", url=self._url, reason=repr(lost))
            return None
        if status in (200, 204):
            return True
        if status not in (401, 403, 404):
            structlog.get_logger().warning("tokens can't be checked", url=self._url, status=status)
            return None
        return False

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self._session


def _name(token: str) -> str:
    """What logs and keys call the token's owner."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:16]
