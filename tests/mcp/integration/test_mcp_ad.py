"""A whole ad by tool calls, with the SDK's own client over every transport, before the real aiserver."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from mcp.types import (
    BlobResourceContents,
    ImageContent,
    PromptReference,
    ResourceLink,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)
from PIL import Image

from mcp import Client
from support.mcp_server import Era, McpServer, Transport, data, said

COPY = "산지에서 온 햇사과 | 10kg 39,900원 | 청송댁 과일가게"
WIRES = [("http", "auto"), ("http", "legacy"), ("sse", "legacy"), ("stdio", "auto"), ("stdio", "legacy")]
TOOLS = {
    "generate_ad_image", "check_generation_status", "analyze_image", "calculate_clip_score", "list_fonts",
    "generate_homepage", "get_system_status", "stop_generation", "edit_image", "edit_ad_text", "list_jobs",
    "list_formats",
}  # fmt: skip
MIB = 2**20


async def start(client: Client, photo: str, **changes: Any) -> str:
    wishes = {"product_image": photo, "text_content": COPY, "bg_prompt": "나무 탁자", "seed": 5} | changes
    job_id: str = data(await client.call_tool("generate_ad_image", wishes))["job_id"]
    return job_id


async def finished(client: Client, job_id: str) -> Any:
    for _ in range(12):
        result = await client.call_tool("check_generation_status", {"job_id": job_id, "wait_seconds": 20})
        if data(result)["status"] not in ("pending", "running"):
            return result
    raise AssertionError("the ad was not done in four minutes")


@pytest.mark.parametrize(("transport", "era"), WIRES)
async def test_an_ad_is_made_by_tool_calls(mcp_server: McpServer, photo: str, transport: Transport, era: Era) -> None:
    async with mcp_server.client(transport, era) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        job_id = await start(client, photo, formats="square, story")
        result = await finished(client, job_id)
        assert len(result.model_dump_json()) < MIB
        state = data(result)
        assert (state["status"], state["engine"]) == ("completed", "studio")
        assert [image["format"] for image in state["images"]] == ["square", "story"]
        assert "햇사과" in said(result)
        preview = next(block for block in result.content if isinstance(block, ImageContent))
        file = base64.b64decode(preview.data)
        assert len(file) <= 200_000
        assert max(Image.open(io.BytesIO(file)).size) <= 768
        links = [block for block in result.content if isinstance(block, ResourceLink)]
        assert [link.uri for link in links] == [image["url"] for image in state["images"]]
        picture = (await client.read_resource(f"job://{job_id}/image/story")).contents[0]
        assert isinstance(picture, BlobResourceContents)
        assert len(base64.b64decode(picture.blob)) < 700_000
        changed = await client.call_tool("edit_ad_text", {"job_id": job_id, "fields": {"headline": "첫 수확 사과"}})
        assert data(changed)["copy_fields"]["headline"] == "첫 수확 사과"
        assert data(changed)["images"][0]["image_id"] != state["images"][0]["image_id"]


async def test_every_other_tool_answers_before_the_studio_engine(mcp_server: McpServer, photo: str) -> None:
    async with mcp_server.client() as client:
        seen = data(await client.call_tool("analyze_image", {"image": photo}))
        assert seen["text"]
        assert seen["palette"][0].startswith("#")
        scored = await client.call_tool("calculate_clip_score", {"image": photo, "prompt": "사과"})
        assert scored.is_error
        assert said(scored).startswith("MODEL_UNAVAILABLE: ")
        fonts = data(await client.call_tool("list_fonts", {}))["fonts"]
        assert any(font["hangul_syllables"] == 11_172 for font in fonts)
        formats = {spec["name"]: spec for spec in data(await client.call_tool("list_formats", {}))["formats"]}
        assert formats["square"]["width"] == 1080
        status = data(await client.call_tool("get_system_status", {}))
        assert status["engine"] == "studio"
        assert {service["name"]: service["answers"] for service in status["services"]}["nanococoa_aiserver"]
        edited = await client.call_tool("edit_image", {"image": photo, "instruction": "눈 내린 마당으로"})
        assert "ENGINE=diffusion" in said(edited)
        page = await client.call_tool("generate_homepage", {"business_info": {"name": "청송댁 과일가게"}})
        assert page.is_error
        assert "홈페이지 서비스가 답하지 않아요" in said(page)
        jobs = data(await client.call_tool("list_jobs", {"limit": 3}))
        assert jobs["total"] >= 1


async def test_a_stopped_job_stays_stopped_and_an_ended_one_says_so(mcp_server: McpServer, photo: str) -> None:
    async with mcp_server.client() as client:
        ended = await start(client, photo)
        await finished(client, ended)
        over = data(await client.call_tool("stop_generation", {"job_id": ended}))
        assert (over["stopped"], over["status"]) == (False, "completed")
        jobs = [await start(client, photo, seed=number) for number in (71, 72, 73)]
        stopped = data(await client.call_tool("stop_generation", {"job_id": jobs[-1]}))
        assert (stopped["stopped"], stopped["status"]) == (True, "stopped")
        assert data(await finished(client, jobs[-1]))["status"] == "stopped"


async def test_a_finished_picture_is_taken_by_its_id_its_address_and_its_uri(mcp_server: McpServer, photo: str) -> None:
    async with mcp_server.client() as client:
        job_id = await start(client, photo)
        image = data(await finished(client, job_id))["images"][0]
        for name in (image["image_id"], image["url"], image["resource"]):
            assert data(await client.call_tool("analyze_image", {"image": name}))["image_id"] == image["image_id"]


async def test_a_signed_address_shows_one_picture_and_no_other(mcp_server: McpServer, photo: str) -> None:
    async with mcp_server.client() as client:
        image = data(await finished(client, await start(client, photo)))["images"][0]
    async with httpx.AsyncClient() as browser:
        whole, small = await browser.get(image["url"]), await browser.get(image["preview_url"])
        forged = image["preview_url"].replace("-768-", "-700-")
        answer = await browser.get(forged, headers={"Accept-Language": "en"})
        unsigned = await browser.get(f"{mcp_server.url}/images/x/{image['image_id']}")
    assert Image.open(io.BytesIO(whole.content)).size == (1080, 1080)
    assert whole.headers["content-type"] == "image/png"
    assert max(Image.open(io.BytesIO(small.content)).size) == 768
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "LINK_INVALID")
    assert unsigned.status_code == 404


async def test_prompts_and_completions_speak_of_what_there_is(mcp_server: McpServer) -> None:
    async with mcp_server.client() as client:
        names = {prompt.name for prompt in (await client.list_prompts()).prompts}
        assert names == {"make_ad", "holiday_campaign", "compare_scenes"}
        told = (await client.get_prompt("holiday_campaign", {"holiday": "추석", "product": "한우"})).messages[0].content
        assert isinstance(told, TextContent)
        assert "추석" in told.text
        make_ad = PromptReference(type="ref/prompt", name="make_ad")
        formats = (await client.complete(make_ad, {"name": "formats", "value": "story, squ"})).completion.values
        assert formats[0] == "story, square"
        styles = (await client.complete(make_ad, {"name": "style", "value": ""})).completion.values
        assert len(styles) > 5
        image = ResourceTemplateReference(type="ref/resource", uri="job://{job_id}/image/{format}")
        assert "square" in (await client.complete(image, {"name": "format", "value": "sq"})).completion.values
        fonts = (await client.read_resource("fonts://list")).contents[0]
        assert isinstance(fonts, TextResourceContents)
        assert "hangul_syllables" in fonts.text
