"""How clients reach the server: Streamable HTTP (``/mcp``), the older SSE pair (``/sse``, ``/messages/``), or stdio.

``create_app(settings)`` builds the web application, its lifespan opens what the tools work with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nanococoa_client import logs, request_ids, tracing
from nanococoa_mcpserver.access import Tokens
from nanococoa_mcpserver.pages import Pages
from nanococoa_mcpserver.server import create_server
from nanococoa_mcpserver.settings import LOOPBACK, Settings
from nanococoa_mcpserver.suite import open_suite

NOISY: Final = ("mcp.server.lowlevel.server", "mcp.server.streamable_http_manager", "mcp.server.streamable_http")

REQUEST_LIMIT: Final = 32 * 2**20
"""Bytes of a request: a picture of 20 MB as base64, and its text."""

Extend = Callable[[MCPServer[Any]], None]


def create_app(settings: Settings, *, stateless: bool = True, extend: Extend | None = None) -> Starlette:
    """The web application. Raises SettingsError when it would be open to anyone by oversight.

    ``stateless``: no transport sessions on ``/mcp``, so any replica answers and a restart loses nothing. ``extend``
    adds to the server before it is served (the conformance suite's fixtures).
    """
    settings.check_exposure()
    logs.configure(settings.log, settings.log_level, quiet=NOISY)
    suite = open_suite(settings)
    tokens = Tokens(settings) if settings.asks_for_token else None
    server = create_server(suite, tokens)
    if extend is not None:
        extend(server)
    web = _over_http(server, settings, stateless)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with suite, server.session_manager.run():
            yield
        if tokens is not None:
            await tokens.close()

    layers = [Middleware(tracing.Traced), Middleware(RequestIds), *web.user_middleware]
    return Starlette(routes=[*web.routes, *Pages(suite).routes()], middleware=layers, lifespan=lifespan)


class RequestIds:
    """Gives each request an id (``X-Request-ID``, the caller's own if sane), and the answer, too.

    A request without one gets its header here: tools run elsewhere, and know a request by what it carried.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = MutableHeaders(scope=scope)
        request_id = headers[request_ids.HEADER] = request_ids.begin(headers.get(request_ids.HEADER))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[request_ids.HEADER] = request_id
            await send(message)

        await self._app(scope, receive, answer)
        return None


async def serve_stdio(settings: Settings, allowed_folders: Sequence[Path]) -> None:
    """Talk to the one client at the other end of stdin and stdout until it hangs up."""
    logs.configure(settings.log, settings.log_level, quiet=NOISY)
    async with open_suite(settings, allowed_folders) as suite:
        server = create_server(suite)
        await server.run_stdio_async()


def _over_http(server: MCPServer[Any], settings: Settings, stateless: bool) -> Starlette:
    """Both kinds of HTTP in one application; what both bring is there once."""
    security = _security(settings)
    modern = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=stateless,
        transport_security=security,
        max_request_body_size=REQUEST_LIMIT,
    )
    older = server.sse_app(transport_security=security, max_request_body_size=REQUEST_LIMIT)
    known = {_path(route) for route in modern.routes}
    modern.routes.extend(route for route in older.routes if _path(route) not in known)
    return modern


def _security(settings: Settings) -> TransportSecuritySettings:
    """Loopback names are always answered: a page elsewhere can't make a browser send them."""
    hosts = [*LOOPBACK, *settings.hosts]
    origins = [f"http://{host}" for host in LOOPBACK] + list(settings.mcp_allowed_origins)
    return TransportSecuritySettings(
        allowed_hosts=[form for host in hosts for form in _with_ports(host)],
        allowed_origins=[form for origin in origins for form in _with_ports(origin)],
    )


def _with_ports(name: str) -> tuple[str, ...]:
    """A name without a port stands for every port."""
    has_port = name.rpartition(":")[2].isdecimal()
    return (name,) if has_port else (name, f"{name}:*")


def _path(route: BaseRoute) -> str:
    return str(getattr(route, "path", "")) if isinstance(route, Route) else str(getattr(route, "path", id(route)))
