"""One key for one call, so that a call that arrives twice (a retried POST, a lost answer) makes one job.

A call is known by who sent it, its session if it has one, its request id and its content. Request ids are small numbers
that a client's next session uses again, so a key without a session is good for some minutes only. A key begins with its
business, by which that business' jobs are found again.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context

from nanococoa_mcpserver.access import business

WINDOW_SECONDS: Final = 600
OWN_KEY: Final = "nanococoa/idempotency-key"
"""In a call's ``_meta``: a client that writes its calls down before it makes them names them itself, for good."""


class CallKeys:
    """Replicas give the same call the same key; within one process also across the window's edge."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._process = uuid.uuid4().hex
        self._given: dict[str, tuple[float, str]] = {}

    def key(self, ctx: Context[Any, Any], content: bytes) -> str:
        """The idempotency key of the running call, whose request to the aiserver is ``content``."""
        if own := (ctx.request_context.meta or {}).get(OWN_KEY):
            return prefix_of(business()) + hashlib.sha256("\n".join((_caller(), str(own))).encode()).hexdigest()
        parts = (_caller(), self._session(ctx), ctx.request_id, hashlib.sha256(content).hexdigest())
        return self._key_for("\n".join(parts), prefix_of(business()))

    def _key_for(self, call: str, prefix: str = "mcp-") -> str:
        now = self._clock()
        self._given = {known: given for known, given in self._given.items() if now - given[0] < WINDOW_SECONDS}
        fresh = hashlib.sha256(f"{call}\n{int(now / WINDOW_SECONDS)}".encode()).hexdigest()
        _, key = self._given.setdefault(call, (now, prefix + fresh))
        return key

    def _session(self, ctx: Context[Any, Any]) -> str:
        """The transport's session; over stdio the process is the session; empty where there is none."""
        request = ctx.request_context.request
        if request is None:
            return self._process
        return str(request.headers.get("mcp-session-id") or request.query_params.get("session_id") or "")


def prefix_of(shop: str | None) -> str:
    """What keys of a business' jobs begin with; keys of callers without one begin with ``mcp-`` alone."""
    return f"mcp-{hashlib.sha256(shop.encode()).hexdigest()[:24]}-" if shop else "mcp-"


def own_jobs() -> str | None:
    """The keys' beginning of those jobs that the running call's token may list; None: all jobs."""
    shop = business()
    return prefix_of(shop) if shop else None


def _caller() -> str:
    token = get_access_token()
    return token.client_id if token else ""
