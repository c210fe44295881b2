"""A homepage through the one public door: asked for in the dashboard, published, read by a stranger, written to."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from support.waiting import until

from .conftest import Suite, csrf

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def homepage(owner: httpx.Client) -> dict[str, Any]:
    """Made of the practice shop's facts, and published."""
    made = post(owner, "", {})
    address = f"/{made['id']}"

    def drafted() -> dict[str, Any] | None:
        found = get(owner, address)
        assert all(task["status"] != "failed" for task in found["tasks"]), found["tasks"]
        return found if found["draft"] else None

    until(drafted, 240, 1)
    post(owner, f"{address}/publish", {})
    until(lambda: get(owner, address)["url"], 60, 0.5)
    found: dict[str, Any] = get(owner, address)
    return found


def get(owner: httpx.Client, path: str) -> dict[str, Any]:
    answer = owner.get(f"/api/v1/homepages{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def post(owner: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = owner.post(f"/api/v1/homepages{path}", json=body, headers={"X-CSRF-Token": csrf(owner)})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_stranger_reads_the_published_page(suite: Suite, homepage: dict[str, Any]) -> None:
    assert homepage["url"].startswith(f"{suite.url}/sites/")
    with suite.browser() as stranger:
        page = stranger.get(homepage["url"])
        assert page.status_code == 200
        assert "햇살과일" in page.text
        files = set(re.findall(r'(?:href|src)="([A-Za-z0-9_-]+\.(?:css|webp|svg|woff2))"', page.text))
        assert files
        for file in files:
            assert stranger.get(homepage["url"] + file).status_code == 200, file


def test_a_page_can_run_nothing_and_is_no_part_of_the_dashboard(suite: Suite, homepage: dict[str, Any]) -> None:
    with suite.browser() as stranger:
        policy = stranger.get(homepage["url"]).headers["content-security-policy"]
    assert "script-src 'none'" in policy
    assert "sandbox allow-forms" in policy
    assert "allow-same-origin" not in policy
    assert "allow-scripts" not in policy


def test_an_address_without_a_page_says_so(suite: Suite) -> None:
    with suite.browser() as stranger:
        for path in ("/sites/nobody-here/", "/sites/nobody-here/index.html", "/sites/..%2f..%2fdata/x.json"):
            answer = stranger.get(path)
            assert answer.status_code in (400, 404), path
            assert "content-security-policy" in answer.headers or answer.status_code == 400


def test_a_page_that_was_taken_down_is_gone_and_back_when_published_again(
    suite: Suite, owner: httpx.Client, homepage: dict[str, Any]
) -> None:
    with suite.browser() as stranger:
        post(owner, f"/{homepage['id']}/unpublish", {})
        until(lambda: stranger.get(homepage["url"]).status_code == 404, 60, 0.5)
        post(owner, f"/{homepage['id']}/publish", {})
        until(lambda: stranger.get(homepage["url"]).status_code == 200, 60, 0.5)


def test_pages_stay_up_while_their_maker_is_away(suite: Suite, homepage: dict[str, Any]) -> None:
    suite.compose("stop", "--timeout", "10", "homepage_generator")
    try:
        with suite.browser() as stranger:
            assert stranger.get(homepage["url"]).status_code == 200
    finally:
        suite.compose("start", "homepage_generator")
