"""``python -m support.conformance_app PORT``: our server with what the protocol's conformance suite asks for besides.

The suite names its fixtures and what they answer; they are registered on the product's server by its own factory.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any, Final

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.mcpserver.tools import Tool
from mcp.types import (
    AudioContent,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)

from nanococoa_mcpserver.settings import load_settings
from nanococoa_mcpserver.transport import create_app
from support.conformance_asking import FIXTURE, register_asking

PNG: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="  # one pixel
)
WAV: Final = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
"""A sound of one sample."""


def text_resource(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=kind, text=text))


def image() -> ImageContent:
    return ImageContent(type="image", data=PNG, mime_type="image/png")


def text(said: str) -> TextContent:
    return TextContent(type="text", text=said)


def extend(server: MCPServer[Any]) -> None:
    """Everything the suite looks for."""
    _contents(server)
    _notifications(server)
    _schema_tool(server)
    register_asking(server)
    _resources(server)
    _prompts(server)
    _older_requests(server)


def _contents(server: MCPServer[Any]) -> None:
    @server.tool(description=FIXTURE)
    async def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @server.tool(description=FIXTURE)
    async def test_image_content() -> list[ImageContent]:
        return [image()]

    @server.tool(description=FIXTURE)
    async def test_audio_content() -> list[AudioContent]:
        return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]

    @server.tool(description=FIXTURE)
    async def test_embedded_resource() -> list[EmbeddedResource]:
        return [text_resource("test://embedded-resource", "This is an embedded resource content.")]

    @server.tool(description=FIXTURE)
    async def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        mixed = text_resource("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
        return [text("Multiple content types test:"), image(), mixed]

    @server.tool(description=FIXTURE)
    async def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")


def _notifications(server: MCPServer[Any]) -> None:
    @server.tool(description=FIXTURE)
    async def test_tool_with_logging(ctx: Context[Any, Any]) -> str:
        for said in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.session.send_log_message("info", said, related_request_id=ctx.request_id)
        return "logged"

    @server.tool(description=FIXTURE)
    async def test_tool_with_progress(ctx: Context[Any, Any]) -> str:
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100, f"Completed step {done} of 100")
        return "done"

    @server.tool(description=FIXTURE)
    async def test_reconnection(ctx: Context[Any, Any]) -> str:
        await ctx.close_sse_stream()
        return "Reconnection test completed"


def _schema_tool(server: MCPServer[Any]) -> None:
    async def json_schema_2020_12_tool(name: str = "", address: dict[str, str] | None = None) -> str:
        return f"{name} {address}"

    tool = Tool.from_function(json_schema_2020_12_tool, description="Tool with JSON Schema 2020-12 features")
    words = {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}
    tool.parameters = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"address": words},
        "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}},
        "additionalProperties": False,
    }
    server._tool_manager._tools[tool.name] = tool


def _resources(server: MCPServer[Any]) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        return base64.b64decode(PNG)

    @server.resource("test://template/{id}/data", mime_type="application/json")
    async def template(id: str) -> str:  # noqa: A002 - the suite names it
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.resource("test://watched-resource", mime_type="text/plain")
    async def watched() -> str:
        return "Watched resource content"


def _prompts(server: MCPServer[Any]) -> None:
    @server.prompt(description=FIXTURE)
    async def test_simple_prompt() -> list[UserMessage]:
        return [UserMessage(text("This is a simple prompt for testing."))]

    @server.prompt(description=FIXTURE)
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
        return [UserMessage(text(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"))]

    @server.prompt(description=FIXTURE)
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:
        resource = text_resource(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(resource), UserMessage(text("Please process the embedded resource above."))]

    @server.prompt(description=FIXTURE)
    async def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(image()), UserMessage(text("Please analyze the image above."))]


def _older_requests(server: MCPServer[Any]) -> None:
    """Log levels and subscriptions of the older protocol, which the product offers nobody."""

    async def accept(ctx: Any, params: Any) -> EmptyResult:
        return EmptyResult()

    add = server._lowlevel_server.add_request_handler
    add("logging/setLevel", SetLevelRequestParams, accept)
    add("resources/subscribe", SubscribeRequestParams, accept)
    add("resources/unsubscribe", UnsubscribeRequestParams, accept)


if __name__ == "__main__":
    settings = load_settings(mcp_port=int(sys.argv[1]))
    uvicorn.run(create_app(settings, stateless=False, extend=extend), port=settings.mcp_port, log_config=None)
