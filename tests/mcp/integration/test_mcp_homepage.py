"""Homepages by tool calls, before a homepage service over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.mcp_server import McpServer, data, said, serving_mcp
from support.simple_homepages import TOKEN, HomepageService, serving_homepages

SHOP = {
    "name": "청송댁 과일가게",
    "trade": "과일가게",
    "phone": "054-000-0000",
    "products": [{"name": "부사 사과 10kg", "price": "39,900원"}],
}


@pytest.fixture(scope="module")
def running_service() -> Iterator[HomepageService]:
    with serving_homepages() as started:
        yield started


@pytest.fixture
def service(running_service: HomepageService) -> HomepageService:
    """It knows nothing of the tests before."""
    running_service.forget()
    return running_service


@pytest.fixture(scope="module")
def mcp_pages(running_service: HomepageService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    settings = {"HOMEPAGE_URL": running_service.url, "HOMEPAGE_TOKEN": TOKEN, "PUBLIC_URL": "https://ads.example.com"}
    with serving_mcp(tmp_path_factory.mktemp("pages"), **settings) as server:
        yield server


async def test_a_homepage_is_made_followed_and_its_public_address_told(
    service: HomepageService, mcp_pages: McpServer
) -> None:
    told: list[str] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with mcp_pages.client() as client:
        wish = {"business_info": SHOP, "style": "따뜻한"}
        started = data(await client.call_tool("generate_homepage", wish))
        assert started["status"] == "pending"
        asked = {"job_id": started["job_id"], "wait_seconds": 30}
        state = data(await client.call_tool("check_generation_status", asked, progress_callback=tell))
    assert (state["status"], state["homepage_url"]) == ("completed", "https://ads.example.com/sites/haetsal/")
    assert "글을 쓰고 있어요" in told
    (commission,) = service.commissions.values()
    assert commission["business_info"] == {key: SHOP[key] for key in ("name", "trade", "phone")}
    assert commission["products"] == [{"id": "1", "name": "부사 사과 10kg", "price": "39,900원"}]
    assert (commission["style"], commission["locale"]) == ("따뜻한", "ko")


async def test_a_homepage_is_stopped_and_a_finished_one_is_left(service: HomepageService, mcp_pages: McpServer) -> None:
    async with mcp_pages.client() as client:
        job = data(await client.call_tool("generate_homepage", {"business_info": SHOP}))["job_id"]
        stopped = data(await client.call_tool("stop_generation", {"job_id": job}))
        assert (stopped["stopped"], stopped["status"]) == (True, "stopped")
        again = data(await client.call_tool("stop_generation", {"job_id": job}))
        assert (again["stopped"], again["status"]) == (False, "stopped")


async def test_what_the_service_refuses_is_told_in_its_words(service: HomepageService, mcp_pages: McpServer) -> None:
    service.fails = {"code": "INVALID_PARAMETER", "message": "가게 이름이 필요해요."}
    async with mcp_pages.client() as client:
        refused = await client.call_tool("generate_homepage", {"business_info": SHOP})
        unknown = await client.call_tool("check_generation_status", {"job_id": "homepage:nothing"})
    assert said(refused).startswith("INVALID_PARAMETER: 가게 이름이 필요해요.")
    assert said(unknown).startswith("JOB_NOT_FOUND: ")


@pytest.mark.parametrize("nonsense", [b"", b"<html>502 Bad Gateway</html>", b"[]", b'{"job_id": 7, "status": "odd"}'])
async def test_an_answer_that_makes_no_sense_is_a_clear_error(
    service: HomepageService, mcp_pages: McpServer, nonsense: bytes
) -> None:
    service.nonsense = nonsense
    async with mcp_pages.client() as client:
        refused = await client.call_tool("generate_homepage", {"business_info": SHOP})
    assert said(refused).startswith("UPSTREAM_UNAVAILABLE: ")
    assert "알 수 없는 답" in said(refused)
