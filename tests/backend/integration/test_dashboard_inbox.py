"""The inbox: messages of visitors arrive signed, once, at the business whose homepage it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nanococoa_backend.inbox.routes import answer_address
from support.dashboard import Dashboard, open_dashboard, refused
from support.inbox import SECRET, bring, letter, site_of
from support.waiting import until


@pytest.fixture
def shop(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    """On each database in turn."""
    with open_dashboard(tmp_path, jobs_url, inbox_secret=SECRET) as dashboard:
        yield dashboard


@pytest.fixture
def small_shop(tmp_path: Path) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, "", inbox_secret=SECRET) as dashboard:
        yield dashboard


def test_a_message_reaches_the_shop_it_was_written_to_and_no_other(shop: Dashboard) -> None:
    mine, other = shop.owner("a@b.kr"), shop.owner("c@d.kr")
    homepage = site_of(shop, mine)
    assert bring(shop, letter(when="토요일 2시")).status_code == 204
    (found,) = mine.api("GET", "/inbox").json()["messages"]
    assert (found["name"], found["reply"], found["wanted"]) == ("김손님", "010-1234-5678", "토요일 2시")
    assert (found["site"], found["homepage_id"], found["read_at"]) == ("햇살과일", homepage, None)
    assert other.api("GET", "/inbox").json() == {"messages": [], "unread": 0, "next_cursor": None}


def test_the_same_message_again_is_kept_once(shop: Dashboard) -> None:
    mine = shop.owner()
    site_of(shop, mine)
    said = letter()
    assert [bring(shop, said).status_code for _ in range(3)] == [204, 204, 204]
    assert mine.api("GET", "/inbox").json()["unread"] == 1


def test_owners_get_one_letter_until_they_have_looked(shop: Dashboard) -> None:
    mine = shop.owner("sajang@haetsal.kr")
    site_of(shop, mine)
    for _ in range(3):
        bring(shop, letter())
    until(lambda: shop.letterbox.letters, 180)
    (told,) = [one for one in shop.letterbox.letters if "문의" in one.subject]
    assert told.to == "sajang@haetsal.kr"
    assert "/inbox" in told.text
    for one in mine.api("GET", "/inbox").json()["messages"]:
        mine.api("PATCH", f"/inbox/{one['id']}", json={"is_read": True})
    bring(shop, letter())
    until(lambda: len([one for one in shop.letterbox.letters if "문의" in one.subject]) == 2, 180)


def test_what_is_not_signed_by_the_service_is_refused(small_shop: Dashboard) -> None:
    mine = small_shop.owner()
    site_of(small_shop, mine)
    refused(bring(small_shop, letter(), secret="another secret altogether"), 401, "UNAUTHORIZED")
    refused(bring(small_shop, letter(), moment=datetime.now(UTC) - timedelta(hours=1)), 401, "UNAUTHORIZED")
    refused(bring(small_shop, letter(), headers={"webhook-signature": "v1,AAAA"}), 401, "UNAUTHORIZED")
    refused(bring(small_shop, letter(), headers={"webhook-id": "another"}), 401, "UNAUTHORIZED")
    assert small_shop.client.post("/api/v1/inbox/arrivals", json=letter()).status_code in (401, 403)
    assert mine.api("GET", "/inbox").json()["messages"] == []


def test_a_dashboard_without_a_secret_takes_nothing_in(tmp_path: Path) -> None:
    with open_dashboard(tmp_path, "") as dashboard:
        site_of(dashboard, dashboard.owner())
        refused(bring(dashboard, letter()), 401, "UNAUTHORIZED")


def test_a_message_for_a_page_that_is_nobodys_is_gone_for_good(small_shop: Dashboard) -> None:
    refused(bring(small_shop, letter("nobody")), 410, "NOT_FOUND")


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"message": "가" * 5001}, {"slug": "../x"}, {"id": "a b"}, {"created_at": "gestern"}]
)
def test_a_message_that_is_none_is_refused_by_its_field(small_shop: Dashboard, changes: dict[str, str]) -> None:
    site_of(small_shop, small_shop.owner())
    error = refused(bring(small_shop, letter(**changes)), 422, "INVALID_PARAMETER")
    assert next(iter(changes)) in str(error["details"])


def test_the_page_shows_messages_marks_and_deletes_them(shop: Dashboard) -> None:
    mine = shop.owner()
    assert "아직 문의가 없어요" in mine.get("/inbox").text
    site_of(shop, mine)
    bring(shop, letter(reply="minji@example.com", when="토요일 2시"))
    page = mine.get("/inbox").text
    assert "새 문의 1개" in page
    assert 'href="mailto:minji@example.com"' in page
    assert "원하는 때: 토요일 2시" in page
    message = mine.api("GET", "/inbox").json()["messages"][0]["id"]
    assert mine.post(f"/inbox/{message}/mark", {"is_read": "true"}).status_code == 303
    assert "새 문의 1개" not in mine.get("/inbox").text
    assert mine.post(f"/inbox/{message}/delete").status_code == 303
    assert mine.api("GET", f"/inbox/{message}").status_code == 404


def test_hostile_words_are_shown_as_words_and_lead_nowhere(small_shop: Dashboard) -> None:
    mine = small_shop.owner()
    site_of(small_shop, mine)
    evil = "<script>alert(1)</script>"
    bring(small_shop, letter(name=evil, message=evil, reply="javascript:alert(1)", when=evil))
    page = mine.get("/inbox").text
    assert evil not in page
    assert "&lt;script&gt;" in page
    assert 'href="javascript' not in page


def test_many_messages_come_in_pages(small_shop: Dashboard) -> None:
    mine = small_shop.owner()
    site_of(small_shop, mine)
    for number in range(26):
        bring(small_shop, letter(name=f"손님 {number}"))
    first = mine.api("GET", "/inbox?limit=20").json()
    second = mine.api("GET", f"/inbox?limit=20&cursor={first['next_cursor']}").json()
    names = [one["name"] for one in first["messages"] + second["messages"]]
    assert names == [f"손님 {number}" for number in reversed(range(26))]
    assert (first["unread"], second["next_cursor"]) == (26, None)
    assert "이전 문의 더 보기" in mine.get("/inbox").text


@pytest.mark.parametrize(
    ("reply", "address"),
    [
        ("010-1234-5678", "tel:01012345678"),
        ("+82 10 1234 5678", "tel:+821012345678"),
        ("minji@example.com", "mailto:minji@example.com"),
        ("a@b.kr?bcc=all@x.kr", ""),
        ("카톡 sunny", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_press_answers_by_phone_or_mail_or_not_at_all(reply: str, address: str) -> None:
    assert answer_address(reply) == address
