"""The suite's own MCP tools as the agent sees them: no picture and no job id of another shop passes through it.

The model names products and ads by the ids of this shop; pictures are filled in here, never by the model. A call has a
key of its own, so that an answer that is taken up again makes no second job.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any, Final, TypeAlias

import httpx2
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool

from mcp import Client, MCPError
from nanococoa_client import calling

OFFERED: Final = frozenset({
    "generate_ad_image", "check_generation_status", "edit_image", "analyze_image", "calculate_clip_score",
    "list_fonts", "list_formats", "get_system_status", "stop_generation", "edit_ad_text",
})  # fmt: skip
"""Not offered: what lists every shop's jobs, and what puts something before the public."""

RENAMED: Final = {"product_image": "product_id", "image": "picture", "job_id": "ad_id"}
HELP: Final = {
    "product_id": "A product's id from list_products; its kept cut-out is used",
    "picture": "Which picture: product:ID from list_products, or ad:ID from list_ads",
    "ad_id": "An ad's id, as generate_ad_image or list_ads told it",
}
WITHHELD: Final = frozenset({"mask", "reference_images", "product_box", "use_qwen_analysis", "brand"})
KEY: Final = "nanococoa/idempotency-key"
CALL_SECONDS: Final = 60.0
PATIENCE: Final = httpx2.Timeout(30, read=300)
"""Of the connection; a stream of a tool's progress stays open."""

Progress: TypeAlias = Callable[[float, str], Awaitable[None]]


class ToolsAway(Exception):
    """The MCP server does not answer, or lets us not in."""


class Bridge:
    """One connection for one answer."""

    def __init__(self, client: Client, tools: list[Tool]) -> None:
        self._client = client
        self.tools = [tool for tool in tools if tool.name in OFFERED]

    def descriptions(self) -> list[dict[str, Any]]:
        """As chat-completions endpoints take them."""
        return [described(tool.name, tool.description or "", schema_for_model(tool)) for tool in self.tools]

    async def call(self, name: str, arguments: dict[str, Any], key: str, on_progress: Progress) -> CallToolResult:
        """Raises ToolsAway."""

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            await on_progress(100 * progress / (total or 100), message or "")

        meta: Any = {KEY: key}
        try:
            return await self._client.call_tool(name, arguments, CALL_SECONDS, tell, meta=meta)
        except (MCPError, OSError) as error:
            raise ToolsAway from error


@asynccontextmanager
async def bridge_to(url: str, token: str) -> AsyncIterator[Bridge]:
    """Raises ToolsAway when it cannot be opened."""
    headers = calling.outgoing() | ({"Authorization": f"Bearer {token}"} if token else {})
    async with AsyncExitStack() as stack:
        try:
            http = await stack.enter_async_context(
                httpx2.AsyncClient(headers=headers, timeout=PATIENCE, verify=_trust())
            )
            client = await stack.enter_async_context(Client(streamable_http_client(url, http_client=http)))
            tools = (await client.list_tools()).tools
        except Exception as error:  # the SDK lets whatever its transport met through, in groups
            raise ToolsAway from error
        yield Bridge(client, tools)


@cache
def _trust() -> ssl.SSLContext:
    """Made once: to read every certificate authority holds up everybody else for 35 ms."""
    return httpx2.create_ssl_context()


def described(name: str, text: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": text[:1000], "parameters": parameters}}


def schema_for_model(tool: Tool) -> dict[str, Any]:
    """The tool's own schema, with this shop's ids where it takes pictures and jobs."""
    schema: dict[str, Any] = json.loads(json.dumps(tool.input_schema))
    properties = {
        RENAMED.get(name, name): _by_id(RENAMED[name]) if name in RENAMED else about
        for name, about in schema.get("properties", {}).items()
        if name not in WITHHELD
    }
    required = [RENAMED.get(name, name) for name in schema.get("required", []) if name not in WITHHELD]
    defined = {name: about for name, about in schema.get("$defs", {}).items() if f'/{name}"' in json.dumps(properties)}
    return {**schema, "properties": properties, "required": required, "$defs": defined}


def text_of(result: CallToolResult) -> str:
    """What the tool said; pictures are shown to the person, not to the model."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _by_id(name: str) -> dict[str, Any]:
    return {"type": "string", "description": HELP[name]}
