"""The inbox in a real Chromium: empty, with what visitors wrote, marked and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from support import calls
from support.inbox import SECRET, letter, put_site, signed
from support.screens import Walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

WRITTEN: tuple[dict[str, str], ...] = (
    {"name": "박수진", "reply": "sujin.park@example.com", "message": "선물용 배 세 상자 예약할게요.\n포장도 되나요?"},
    {"name": "이도현", "reply": "카톡 dohyun", "message": "주차할 곳이 있나요? " + "가" * 300},
    {"name": "김민지", "reply": "010-1234-5678", "when": "토요일 오후 2시", "message": "두 송이 남겨 주실 수 있나요?"},
)


@pytest.fixture(scope="module")
def more_settings() -> dict[str, Any]:
    return {"inbox_secret": SECRET}


def test_messages_are_read_marked_and_deleted(walk: Walk) -> None:
    walk.go("/inbox")
    walk.looks_right("inbox-empty")
    business = walk.page.request.get(f"{walk.server.url}/api/v1/business").json()["id"]
    slug = f"haetsal-{walk.name}".lower().replace("_", "-")
    put_site(walk.app.state.services, business, slug)
    for said in WRITTEN:
        body, headers = signed(letter(slug, **said))
        arrived = calls.post(f"{walk.server.url}/api/v1/inbox/arrivals", content=body, headers=headers, timeout=60)
        assert arrived.status_code == 204, arrived.text
    walk.go("/inbox")
    expect(walk.page.get_by_role("heading", level=2)).to_have_count(3)
    expect(walk.page.get_by_role("link", name="010-1234-5678")).to_have_attribute("href", "tel:01012345678")
    walk.looks_right("inbox")
    walk.page.get_by_role("button", name=walk.say("inbox.mark_read")).first.click()
    expect(walk.page.get_by_role("button", name=walk.say("inbox.mark_unread"))).to_have_count(1)
    walk.page.get_by_role("button", name=walk.say("inbox.delete")).last.click()
    expect(walk.page.get_by_role("heading", level=2)).to_have_count(2)
