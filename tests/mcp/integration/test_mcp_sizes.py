"""Nothing over 1 MiB goes to a client, however many formats and however large the layer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import BlobResourceContents, CallToolResult, TextContent, TextResourceContents

from nanococoa_client.errors import PayloadTooLarge
from nanococoa_client.schemas import AdLayer
from nanococoa_mcpserver.resources import _fitting
from nanococoa_mcpserver.tools.tool import RESULT_LIMIT, _held_under_limit
from support.mcp_server import McpServer, data

MIB = 2**20
BOX = {"x": 0, "y": 0, "width": 9, "height": 9}
FORMAT = {"format": "square", "width": 1080, "height": 1080, "style": "shout", "product": BOX}
LAYER = {"fields": {"headline": "햇사과"}, "style": "shout"}


def wire_bytes(result: Any) -> int:
    return len(result.model_dump_json(by_alias=True).encode())


@pytest.mark.timeout(1200)
async def test_an_ad_in_every_format_stays_under_the_limit_in_every_answer(mcp_server: McpServer, photo: str) -> None:
    wish = {"product_image": photo, "text_content": "산지에서 온 햇사과 | 10kg 39,900원", "bg_prompt": "나무 탁자"}
    async with mcp_server.client() as client:
        specs = data(await client.call_tool("list_formats", {}))["formats"]
        names = [spec["name"] for spec in specs]
        assert len(names) >= 26
        job_id = data(await client.call_tool("generate_ad_image", wish | {"formats": names}))["job_id"]
        for _ in range(12):
            result = await client.call_tool("check_generation_status", {"job_id": job_id, "wait_seconds": 40})
            if data(result)["status"] not in ("pending", "running"):
                break
        state = data(result)
        assert state["status"] == "completed"
        assert {image["format"] for image in state["images"]} >= set(names)
        assert wire_bytes(result) < MIB
        layer = (await client.read_resource(f"job://{job_id}/layer")).contents[0]
        assert isinstance(layer, TextResourceContents)
        assert len(layer.text.encode()) < MIB
        for name in names:
            picture = (await client.read_resource(f"job://{job_id}/image/{name}")).contents[0]
            assert isinstance(picture, BlobResourceContents)
            assert len(base64.b64decode(picture.blob)) <= 700_000
        edited = await client.call_tool("edit_ad_text", {"job_id": job_id, "fields": {"headline": "첫 수확 햇사과"}})
        assert wire_bytes(edited) < MIB
        assert {image["format"] for image in data(edited)["images"]} >= set(names)


@pytest.mark.parametrize(("letter", "count"), [("a", RESULT_LIMIT + 1), ("가", RESULT_LIMIT // 3 + 1)])
def test_a_result_over_the_limit_is_refused_with_words_counted_in_bytes(letter: str, count: int) -> None:
    large = CallToolResult(content=[TextContent(type="text", text=letter * count)])
    with pytest.raises(ToolError, match=r"^PAYLOAD_TOO_LARGE: "):
        _held_under_limit(large)
    assert _held_under_limit(CallToolResult(content=[TextContent(type="text", text=letter)])).content


def test_a_layer_that_is_too_large_goes_without_its_markup_and_a_larger_one_not_at_all() -> None:
    formats = {f"format-{number}": FORMAT | {"html": "가" * 40_000} for number in range(26)}
    layer = AdLayer.model_validate(LAYER | {"formats": formats})
    text = _fitting(layer)
    assert len(text.encode()) < 700_000
    assert sorted(json.loads(text)["formats"]) == sorted(layer.formats)
    endless = layer.model_copy(update={"formats": {f"{'나' * 5000}{n}": layer.formats["format-0"] for n in range(60)}})
    with pytest.raises(PayloadTooLarge):
        _fitting(endless)
