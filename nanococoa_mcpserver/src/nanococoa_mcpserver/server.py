"""The one server object, whichever transport carries it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from mcp.server.auth.provider import TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl

from nanococoa_mcpserver import completions, prompts, resources
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools import all_tools

INSTRUCTIONS = """nanoCocoa makes finished ad pictures for small shops from one product photo and a line of copy \
(한국어 문구를 그대로 넣어요), and homepages.

The way to an ad: generate_ad_image (answers at once with a job_id) → check_generation_status, again and again until \
completed → show the user the image URLs. To change words: edit_ad_text. Jobs go on by themselves; only \
stop_generation ends one. Job ids keep working in later conversations; list_jobs finds them again.

Never invent prices, dates or claims for the copy: use what the user said. Answer in the user's language."""


def create_server(suite: Suite, verifier: TokenVerifier | None = None) -> MCPServer[Any]:
    """With ``verifier`` every transport over HTTP asks for a bearer token."""
    server: MCPServer[Any] = MCPServer(
        "nanococoa",
        title="nanoCocoa ad studio",
        instructions=INSTRUCTIONS,
        version=version("nanococoa-mcpserver"),
        tools=list(all_tools(suite)),
        token_verifier=verifier,
        auth=_auth(suite) if verifier else None,
        log_level=suite.settings.log_level,
    )
    resources.register(server, suite)
    prompts.register(server)
    completions.register(server, suite)
    return server


def _auth(suite: Suite) -> AuthSettings:
    """Tokens are given out by the backend's pages, not by OAuth: no metadata that would send clients looking."""
    return AuthSettings(issuer_url=AnyHttpUrl(suite.settings.public_address), resource_server_url=None)
