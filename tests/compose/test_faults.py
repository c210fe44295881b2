"""Every container is restarted and killed while ads and a homepage are made: nothing is lost, nothing made twice."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Error, expect

from support import striking
from support.mcp_server import data, token_client
from support.real_dashboard import sample
from support.screens import MADE, Walk
from support.shopkeeping import add, shop_of
from support.threads import beside
from support.waiting import until

from .conftest import Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]

SERVICES = ("nanococoa_aiserver", "customer_db", "backend", "homepage_generator", "nanococoa_mcpserver", "nginx")
UNDER_WAY = ("waiting", "pending", "running")
ORDERED_FIRST = 4
"""Ads that wait or run when the first container is struck."""


class Shop:
    """A shop whose owner orders ads by the API and looks after them."""

    def __init__(self, walk: Walk, product: str) -> None:
        self.walk, self.product = walk, product
        self.ads: list[str] = []

    def answer(self, method: str, path: str, **options: Any) -> APIResponse | None:
        """None while the suite is away."""
        api = f"{self.walk.server.url}/api/v1"
        try:
            token = self.walk.page.request.get(f"{api}/csrf")
            headers = {"X-CSRF-Token": token.json()["token"]} if token.ok else {}
            headers |= options.pop("headers", {})
            answer = self.walk.page.request.fetch(f"{api}{path}", method=method, headers=headers, **options)
        except Error:  # nobody at the door
            return None
        return answer if answer.ok else None

    def read(self, path: str) -> dict[str, Any]:
        answer = until(lambda: self.answer("GET", path), 120, 0.3)
        assert answer is not None
        found: dict[str, Any] = answer.json()
        return found

    def order(self) -> str:
        """One more ad. As clients should, it asks with the same key until there is an answer."""
        wish = {
            "product_id": self.product,
            "scene": "wood",
            "fields": {"headline": "갓 딴 부사"},
            "formats": ["square", "story"],
        }
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = until(lambda: self.answer("POST", "/ads", data=wish, headers=headers), 240, 0.3)
        assert answer is not None
        self.ads.append(answer.json()["id"])
        return self.ads[-1]

    def has_work_running(self) -> bool:
        """Orders one more when all that was ordered has ended."""
        states = [self.read(f"/ads/{ad}")["status"] for ad in self.ads[-ORDERED_FIRST:]]
        if not any(state in UNDER_WAY for state in states):
            self.order()
        return "running" in states

    def has_ended(self, ad: str) -> bool:
        return self.read(f"/ads/{ad}")["status"] not in UNDER_WAY


def test_what_was_ordered_is_made_once_while_every_container_is_struck(suite: Suite, chromium: Browser) -> None:
    containers = {service: suite.container(service) for service in SERVICES}
    with shop_of(chromium, suite, "phone", "ko") as walk:
        shop = Shop(walk, add(walk, "부사 사과"))
        token = shop.answer("POST", "/me/tokens", data={"name": "LLM", "access": "write"})
        assert token is not None
        before = set(jobs(suite))
        asked = beside(order_by_mcp(suite.url, token.json()["token"]))
        for _ in range(ORDERED_FIRST):
            shop.order()
        page = shop.answer("POST", "/homepages", data={"title": "햇살과일"})
        assert page is not None
        homepage = page.json()["id"]
        walk.go(f"/ads/{shop.ads[-1]}")
        other = walk.page.context.new_page()
        other.goto(f"{suite.url}/homepages/{homepage}")
        with striking.visiting(f"{suite.url}/", cookies(walk)) as visitor:
            for strike in (striking.restart, striking.kill):
                for service in SERVICES:
                    until(shop.has_work_running, 240, 0.3)
                    struck(containers[service], strike)
        # Both pages were opened before the first blow, and nobody has touched them since.
        expect(walk.page.locator("[data-hanging]")).to_be_visible(timeout=MADE)
        expect(other.frame_locator("[data-preview]").get_by_role("heading", level=1)).to_be_visible(timeout=MADE)
        for ad in shop.ads:
            until(lambda: shop.has_ended(ad), 240, 0.3)  # noqa: B023 asked at once
        ends = [shop.read(f"/ads/{ad}") for ad in shop.ads]
        assert [end["status"] for end in ends] == ["completed"] * len(ends), ends
        assert [len(shop.read(f"/ads/{ad}/versions")["versions"]) for ad in shop.ads] == [1] * len(ends)
        for end in ends:
            for file in end["files"]:
                assert walk.page.request.get(f"{suite.url}{file['url']}").ok
        assert len(shop.read(f"/homepages/{homepage}")["versions"]) == 1
        assert beside(state_by_mcp(suite.url, token.json()["token"], asked)) == "completed"
        made = {job: state for job, state in jobs(suite).items() if job not in before}
    assert list(made.values()) == ["completed"] * (len(ends) + 1), made
    assert visitor.unkind == []
    assert {200, 502} <= visitor.seen


def struck(container: str, strike: Callable[[str], None]) -> None:
    """Down and up again by itself."""
    before = striking.starts(container)
    strike(container)
    until(lambda: striking.starts(container) != before, 60, 0.1)


def jobs(suite: Suite) -> dict[str, str]:
    """The aiserver's ads: how far each is."""
    with suite.client() as client:
        found = client.get("/jobs", params={"kind": "ad", "limit": 100})
    assert found.status_code == 200, found.text
    return {job["job_id"]: job["status"] for job in found.json()["jobs"]}


def cookies(walk: Walk) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in walk.page.context.cookies()}


async def order_by_mcp(url: str, token: str) -> str:
    photo = base64.b64encode(sample()).decode()
    wish = {"product_image": photo, "text_content": "갓 딴 부사", "bg_prompt": "나무 탁자"}
    async with token_client(url, token) as client:
        job_id: str = data(await client.call_tool("generate_ad_image", wish))["job_id"]
    return job_id


async def state_by_mcp(url: str, token: str, job_id: str) -> str:
    async with token_client(url, token) as client:
        status: str = data(await client.call_tool("check_generation_status", {"job_id": job_id}))["status"]
    return status
