"""The guided conversation: without a language model, by forms alone, to an ad that is ordered once."""

from __future__ import annotations

import re

from nanococoa_backend.ads.catalogue import built_in
from support.dashboard import Browser, Dashboard, refused
from support.waiting import until

EXAMPLE = "빨간 사과 이미지로 명절 특가 광고 만들어 줘"


def with_every_scene(dashboard: Dashboard) -> Dashboard:
    """The fake aiserver knows one scene; a real one those that are built in."""
    catalogue = dashboard.app.state.services.catalogue
    until(lambda: catalogue.now.is_current)
    catalogue.now = built_in()
    return dashboard


def begun(owner: Browser, text: str = EXAMPLE) -> str:
    """The conversation's address."""
    answer = owner.post("/chat", {"text": text})
    assert answer.status_code == 303
    path: str = answer.headers["location"]
    assert path.startswith("/chat/")
    return path


def test_the_example_sentence_leaves_only_the_size_to_ask(dashboard: Dashboard) -> None:
    owner = with_every_scene(dashboard).owner()
    owner.add_product("부사 사과 10kg")
    owner.add_product("신고 배")
    path = begun(owner)
    page = owner.get(path).text
    assert "어느 크기로 만들까요?" in page
    assert EXAMPLE in page
    owner.post(path, {"formats": "square"})
    page = owner.get(path).text
    assert "이렇게 만들까요?" in page
    assert "부사 사과 10kg" in page
    assert "명절 등불" in page
    assert "명절 특가" in page
    owner.post(path, {"text": "응 좋아"})
    page = owner.get(path).text
    assert "만들고 있어요" in page
    (ad,) = re.findall(r'href="/ads/([0-9a-f-]{36})"', page)
    order = owner.api("GET", f"/ads/{ad}").json()["order"]
    assert (order["scene"], order["formats"], order["fields"]["headline"]) == ("lantern", ["square"], "명절 특가")
    assert order["fields"]["price"] == "39,900원"
    until(lambda: owner.api("GET", f"/ads/{ad}").json()["status"] == "completed")
    assert len(dashboard.aiserver.made()) == 1
    assert "/thumb" in owner.get(f"{path}/part").text


def test_every_answer_can_be_pressed_and_changed_again(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    product = owner.add_product("부사 사과")
    owner.add_product("신고 배")
    path = begun(owner, "광고 하나 부탁해요")
    assert "어느 상품을 광고할까요?" in owner.get(path).text
    for choice, asked in (
        (f"product:{product}", "배경은 어떻게 할까요?"),
        ("scene:wood", "무엇이라고 쓸까요?"),
        ("words:0", "어느 크기로"),
    ):
        owner.post(path, {"choice": choice})
        assert asked in owner.get(path).text, choice
    owner.post(path, {"formats": "story"})
    owner.post(path, {"text": "배경 바꾸고 싶어요"})
    assert "배경은 어떻게 할까요?" in owner.get(path).text
    owner.post(path, {"text": "이슬 맺힌 돌담 앞"})
    page = owner.get(path).text
    assert "이렇게 만들까요?" in page
    assert "이슬 맺힌 돌담 앞" in page


def test_a_message_sent_twice_is_said_once_and_makes_one_ad(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    product = owner.add_product("부사 사과")
    path = begun(owner, "부사 사과 광고, 나무 배경, '오늘 들어왔어요', 정사각")
    for _ in range(2):
        owner.post(path, {"choice": "go:make", "key": "once"})
    chat = path.removeprefix("/chat/")
    messages = owner.api("GET", f"/chats/{chat}/messages").json()["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2
    ads = [ad for message in messages for ad in message["body"].get("ads", [])]
    assert len(ads) == 1
    assert owner.api("GET", f"/ads/{ads[0]}").json()["product_id"] == product


def test_what_is_not_on_offer_is_not_taken(sqlite_dashboard: Dashboard) -> None:
    owner, other = sqlite_dashboard.owner(), sqlite_dashboard.owner("other@b.kr")
    owner.add_product("부사 사과")
    theirs = other.add_product("남의 사과")
    path = begun(owner, "광고 부탁해요")
    for choice in (f"product:{theirs}", "product:x", "scene:nowhere", "words:99", "go:make", "change:all", "x" * 300):
        owner.post(path, {"choice": choice})
        assert "어느 상품을 광고할까요?" in owner.get(path).text, choice
    assert sqlite_dashboard.aiserver.made() == []


def test_a_shop_without_products_is_sent_to_add_one(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    page = owner.get(begun(owner)).text
    assert "먼저 상품 사진을" in page
    assert 'href="/products/new"' in page


def test_nothing_said_is_refused_and_a_huge_message_too(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    chat = owner.api("POST", "/chats").json()["id"]
    assert refused(owner.api("POST", f"/chats/{chat}/messages", json={"text": "  "}), 422, "INVALID_PARAMETER")
    assert refused(owner.api("POST", f"/chats/{chat}/messages", json={"text": "가" * 2001}), 422, "INVALID_PARAMETER")
    assert owner.post(f"/chat/{chat}", {"text": "가" * 2001}).status_code == 303
    assert owner.api("GET", f"/chats/{chat}/messages").json()["messages"] == []


def test_words_of_a_person_are_shown_as_words(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    page = owner.get(begun(owner, "<script>alert(1)</script> {{ 7*7 }}")).text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_a_conversation_is_renamed_deleted_and_brought_back(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    path = begun(owner)
    owner.post(f"{path}/rename", {"title": "추석 광고"})
    assert "추석 광고" in owner.get("/chat").text
    gone = owner.post(f"{path}/delete")
    assert gone.headers["location"] == "/chat"
    page = owner.get("/chat").text
    assert "추석 광고" not in page
    assert f"{path}/restore" in page
    assert owner.get(path).status_code == 404
    owner.post(f"{path}/restore")
    assert "추석 광고" in owner.get("/chat").text


def test_messages_are_read_page_by_page(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    owner.add_product("부사 사과")
    path = begun(owner)
    chat = path.removeprefix("/chat/")
    for _ in range(3):
        owner.post(path, {"text": "음"})
    last = owner.api("GET", f"/chats/{chat}/messages?limit=5").json()
    first = owner.api("GET", f"/chats/{chat}/messages?limit=5&cursor={last['next_cursor']}").json()
    numbers = [message["number"] for message in [*first["messages"], *last["messages"]]]
    assert numbers == list(range(1, 9))
    assert first["next_cursor"] is None
    assert refused(owner.api("GET", f"/chats/{chat}/messages?cursor=x"), 422, "INVALID_PARAMETER")
