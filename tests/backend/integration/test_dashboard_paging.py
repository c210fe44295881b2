"""Every list of the API is read a page at a time, in one way."""

from __future__ import annotations

from typing import Any

import pytest

from nanococoa_backend.app import create_app
from nanococoa_backend.settings import Settings
from support.dashboard import Browser, Dashboard, refused

PEOPLE = ("second@b.kr", "third@b.kr", "fourth@b.kr")


def answers_of(path: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of what GET answers, without its reference."""
    content = path["get"]["responses"]["200"].get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    named: dict[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return named


def test_no_list_is_answered_as_a_whole(tmp_path: Any) -> None:
    described = create_app(Settings(backend_data_dir=tmp_path)).openapi()
    paged = []
    for path, methods in described["paths"].items():
        if "get" not in methods:
            continue
        schema = answers_of(methods, described["components"]["schemas"])
        assert schema.get("type") != "array", path
        if "next_cursor" in schema.get("properties", {}):
            asked = {parameter["name"] for parameter in methods["get"].get("parameters", [])}
            assert asked >= {"limit", "cursor"}, path
            assert "422" in methods["get"]["responses"], path
            paged.append(path)
    assert len(paged) >= 19


def walked(browser: Browser, path: str, name: str) -> list[dict[str, Any]]:
    """The whole list, an entry at a time."""
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(20):
        page = browser.api("GET", path, params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page[name]) <= 1
        found += page[name]
        if (cursor := page["next_cursor"]) is None:
            return found
    raise AssertionError("it never ends")


def test_a_list_walked_page_by_page_is_the_list(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    for email in PEOPLE:
        dashboard.visitor().sign_up(email)
        assert owner.api("POST", "/business/members", json={"email": email, "role": "viewer"}).status_code == 201
    people = walked(owner, "/business/members", "members")
    assert [row["email"] for row in people][:-1] == list(reversed(PEOPLE))
    for number in range(3):
        owner.api("POST", "/webhooks", json={"url": f"https://shop.example/{number}"})
        owner.api("POST", "/me/tokens", json={"name": f"{number}"})
    assert [row["url"][-1] for row in walked(owner, "/webhooks", "webhooks")] == ["2", "1", "0"]
    assert [row["name"] for row in walked(owner, "/me/tokens", "tokens")] == ["2", "1", "0"]
    for number in range(3):
        owner.api("POST", "/businesses", json={"name": f"가게 {number}"})
    assert [row["name"][-1] for row in walked(owner, "/businesses", "businesses")][:-1] == ["2", "1", "0"]
    assert len(walked(owner, "/sessions", "sessions")) == 1


@pytest.mark.parametrize("path", ["/webhooks", "/business/members", "/me/tokens", "/sessions", "/business/exports"])
def test_a_cursor_that_nobody_gave_is_refused(sqlite_dashboard: Dashboard, path: str) -> None:
    owner = sqlite_dashboard.owner()
    error = refused(owner.api("GET", path, params={"cursor": "무엇"}), 422, "INVALID_PARAMETER")
    assert "cursor" in error["details"]["fields"]
