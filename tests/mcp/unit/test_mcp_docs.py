"""The page names every tool, resource, prompt and setting, and every tool tells an LLM enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from nanococoa_mcpserver.cli import parser
from nanococoa_mcpserver.messages import catalogue
from nanococoa_mcpserver.server import create_server
from nanococoa_mcpserver.settings import Settings
from nanococoa_mcpserver.suite import open_suite

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "mcp.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_page(name: str) -> None:
    assert f"| `{name.upper()}` |" in PAGE


async def test_every_tool_resource_and_prompt_is_in_the_page() -> None:
    server = create_server(open_suite(Settings()))
    names = [tool.name for tool in await server.list_tools()] + [prompt.name for prompt in await server.list_prompts()]
    names += [resource.uri_template for resource in await server.list_resource_templates()]
    names += [str(resource.uri) for resource in await server.list_resources()]
    assert not [name for name in names if f"| `{name}` |" not in PAGE]


async def test_every_tool_explains_itself_its_arguments_and_its_answer() -> None:
    for tool in await create_server(open_suite(Settings())).list_tools():
        assert tool.description is not None
        assert len(tool.description) > 80, tool.name
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is not None
        assert tool.output_schema is not None, tool.name
        for name, argument in tool.input_schema["properties"].items():
            assert "description" in argument, f"{tool.name}.{name}"


def test_every_option_is_in_the_page() -> None:
    options = [name for action in parser()._actions for name in action.option_strings if name.startswith("--")]
    assert not [name for name in options if name != "--help" and f"`{name}" not in PAGE]


def test_both_languages_say_the_same_things() -> None:
    korean, english = catalogue("ko"), catalogue("en")
    assert {section: set(texts) for section, texts in korean.items()} == {
        section: set(texts) for section, texts in english.items()
    }
