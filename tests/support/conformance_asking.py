"""The conformance suite's tools that ask the client back: its model, or its user by forms of every kind."""

from __future__ import annotations

from typing import Any, Final

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import SamplingMessage, TextContent
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FIXTURE: Final = "A fixture of the conformance suite"


class Answer(BaseModel):
    response: str = Field(description="User's response")


class Defaults(BaseModel):
    """A default of every primitive type."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: str = Field("active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = True


def _titled(*pairs: str) -> list[Any]:
    return [{"const": value, "title": title} for value, title in (pair.split("=") for pair in pairs)]


ONE = _titled("value1=First Option", "value2=Second Option", "value3=Third Option")
SEVERAL = _titled("value1=First Choice", "value2=Second Choice", "value3=Third Choice")
PLAIN = ["option1", "option2", "option3"]


class Choices(BaseModel):
    """Choices in every form there is."""

    model_config = ConfigDict(alias_generator=to_camel)

    untitled_single: str = Field(json_schema_extra={"enum": [*PLAIN]})
    titled_single: str = Field(json_schema_extra={"oneOf": ONE})
    legacy_enum: str = Field(
        json_schema_extra={
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        }
    )
    untitled_multi: list[str] = Field(json_schema_extra={"items": {"type": "string", "enum": [*PLAIN]}})
    titled_multi: list[str] = Field(json_schema_extra={"items": {"anyOf": SEVERAL}})


def register_asking(server: MCPServer[Any]) -> None:
    @server.tool(description=FIXTURE)
    async def test_sampling(prompt: str, ctx: Context[Any, Any]) -> str:
        asked = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
        answer = await ctx.session.create_message(messages=[asked], max_tokens=100, related_request_id=ctx.request_id)
        assert isinstance(answer.content, TextContent)
        return f"LLM response: {answer.content.text}"

    @server.tool(description=FIXTURE)
    async def test_elicitation(message: str, ctx: Context[Any, Any]) -> str:
        return await _asked(ctx, "User response", message, Answer)

    @server.tool(description=FIXTURE)
    async def test_elicitation_sep1034_defaults(ctx: Context[Any, Any]) -> str:
        return await _asked(ctx, "Elicitation completed", "Please review the values", Defaults)

    @server.tool(description=FIXTURE)
    async def test_elicitation_sep1330_enums(ctx: Context[Any, Any]) -> str:
        return await _asked(ctx, "Elicitation completed", "Please choose", Choices)


async def _asked(ctx: Context[Any, Any], title: str, message: str, form: type[BaseModel]) -> str:
    answer = await ctx.elicit(message, form)
    content = answer.data.model_dump_json() if answer.action == "accept" else "{}"
    return f"{title}: action={answer.action}, content={content}"
