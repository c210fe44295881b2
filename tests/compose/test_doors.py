"""Through the one public door: a shop owner in a browser, and an LLM's client with the owner's token."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mcp import Client
from support.mcp_server import data, token_client
from support.waiting import until

from .conftest import CHECKOUT, Suite, csrf, token_of

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

PHOTO = CHECKOUT / "samples" / "coffee.jpg"
TOOLS = 12


def test_a_product_gets_its_cut_out_and_pages_show_it(suite: Suite, owner: httpx.Client) -> None:
    with PHOTO.open("rb") as photo:
        added = owner.post(
            "/api/v1/products",
            data={"name": "갓 볶은 원두", "price": "15,900"},
            files={"photo": ("coffee.jpg", photo, "image/jpeg")},
            headers={"X-CSRF-Token": csrf(owner), "X-Request-ID": "new-product-17"},
        )
    assert added.status_code == 201, added.text
    address = f"/api/v1/products/{added.json()['id']}"

    def cut() -> dict[str, Any] | None:
        cutout: dict[str, Any] = owner.get(address).json()["cutout"]
        return cutout if cutout["status"] != "pending" else None

    cutout = until(cut, 120, 0.5) or {}
    assert cutout["status"] == "ready", cutout
    page = owner.get("/products").text
    assert "갓 볶은 원두" in page
    picture = re.search(r'src="(/media/[^"]+)"', page)
    assert picture is not None
    assert owner.get(picture[1]).headers["content-type"] == "image/webp"
    assert "new-product-17" in suite.compose("logs", "--no-color", "nginx")
    told = suite.compose("logs", "--no-color", "backend").splitlines()
    taken = next(line for line in told if "new-product-17" in line and "work taken in" in line)
    row = json.loads(taken[taken.index("{") :])["row"]
    assert row in suite.compose("logs", "--no-color", "nanococoa_aiserver")


async def test_an_llm_makes_an_ad_with_the_owners_token(suite: Suite, owner: httpx.Client) -> None:
    photo = base64.b64encode(PHOTO.read_bytes()).decode()
    wish = {"product_image": photo, "text_content": "갓 볶은 원두 15,900원", "bg_prompt": "나무 탁자", "seed": 7}
    async with token_client(suite.url, token_of(owner), {"X-Request-ID": "by-an-llm-17"}) as client:
        assert len((await client.list_tools()).tools) == TOOLS
        started = data(await client.call_tool("generate_ad_image", wish))
        state = await finished(client, started["job_id"])
    assert state["status"] == "completed", state
    address = state["images"][0]["url"]
    assert address.startswith(f"{suite.url}/images/")
    async with httpx.AsyncClient(trust_env=False) as browser:
        picture = await browser.get(address)
    assert picture.headers["content-type"] == "image/png"
    assert int.from_bytes(picture.content[16:20], "big") == 1080
    for service in ("nginx", "nanococoa_mcpserver", "nanococoa_aiserver"):
        assert "by-an-llm-17" in suite.compose("logs", "--no-color", service), service
    lines = suite.compose("logs", "--no-color", "nanococoa_aiserver").splitlines()
    assert any("by-an-llm-17" in line and "job is done" in line and started["job_id"] in line for line in lines)


async def finished(client: Client, job_id: str) -> dict[str, Any]:
    for _ in range(8):
        state = data(await client.call_tool("check_generation_status", {"job_id": job_id, "wait_seconds": 20}))
        if state["status"] not in ("pending", "running"):
            return state
    raise AssertionError("the ad was not done within 160 seconds")


@pytest.mark.parametrize("path", ["/mcp", "/sse"])
@pytest.mark.parametrize("authorization", ["", "Bearer nc_made-up-made-up-made-up-made-up"])
def test_without_a_good_token_the_mcp_door_stays_shut(suite: Suite, path: str, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    with suite.browser() as stranger:
        assert stranger.get(path, headers=headers).status_code == 401


async def test_the_dashboards_chat_reaches_the_tools_inside(suite: Suite) -> None:
    """From the dashboard's container, with its own settings: by the name and the token that its chat uses."""
    program = (
        "import asyncio; from nanococoa_backend.settings import load_settings;"
        "from nanococoa_backend.chat.bridge import bridge_to; settings = load_settings();\n"
        "async def main():\n"
        "  async with bridge_to(settings.mcp_url, settings.mcp_token.get_secret_value()) as bridge:\n"
        "    print(len(bridge.tools))\n"
        "asyncio.run(main())"
    )
    assert int(suite.compose("exec", "-T", "backend", "python", "-c", program)) >= 5


def test_another_host_is_refused(suite: Suite, owner: httpx.Client) -> None:
    headers = {"Host": "evil.example", "Authorization": f"Bearer {token_of(owner)}"}
    with suite.browser() as stranger:
        assert stranger.post("/mcp", json={}, headers=headers).status_code == 421


def test_a_caller_cannot_choose_the_address_that_rate_limits_count(suite: Suite) -> None:
    def knock(number: int) -> int:
        with suite.browser() as stranger:
            form = {"csrf": csrf(stranger), "email": f"nobody{number}@example.com", "password": "wrong wrong wrong"}
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            return stranger.post("/sign-in", data=form, headers=headers).status_code

    assert 429 in [knock(number) for number in range(62)]


@pytest.mark.parametrize(
    ("stopped", "path", "says"), [("backend", "/", "잠시만 기다려"), ("nanococoa_mcpserver", "/mcp", "UPSTREAM")]
)
def test_a_service_that_is_away_is_explained_and_back_without_a_manual_step(
    suite: Suite, stopped: str, path: str, says: str
) -> None:
    accept = {"Accept": "text/html" if path == "/" else "application/json"}
    with suite.browser() as visitor:
        suite.compose("stop", "--timeout", "10", stopped)
        try:
            answer = visitor.get(path, headers=accept)
            assert answer.status_code in (502, 504)
            assert says in answer.text
        finally:
            suite.compose("start", stopped)
        until(answers(visitor, path), 60, 0.5)


@pytest.mark.parametrize(
    "path", ["/sign-in", "/api/v1/me", "/api/ai/jobs", "/mcp", "/images/no/picture", "/sites/no-one/"]
)
def test_each_service_and_the_door_name_a_request_and_protect_its_answer_once(suite: Suite, path: str) -> None:
    with suite.browser() as stranger:
        headers = stranger.get(path, headers={"X-Request-ID": "seen-by-all"}).headers
    once = ("x-content-type-options", "referrer-policy", "content-security-policy")
    assert {name: len(headers.get_list(name)) for name in once} == dict.fromkeys(once, 1)
    assert headers.get_list("x-request-id") == ["seen-by-all"]


def answers(visitor: httpx.Client, path: str) -> Callable[[], bool]:
    return lambda: visitor.get(path).status_code < 500
