"""Homepages: asked for, kept while the service is away, changed, published, taken back; another's are never touched."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.platform import scope
from support.dashboard import Dashboard, open_dashboard, refused
from support.homepage_service import HomepageService
from support.homepage_wishes import asked_for, last_task, made, read, settled, waiting_wishes, wish
from support.waiting import until

TOKEN = "the-homepage-service-token"


@pytest.fixture
def service() -> Iterator[HomepageService]:
    running = HomepageService(TOKEN)
    yield running
    running.close()


@pytest.fixture
def shop(tmp_path: Path, jobs_url: str, service: HomepageService) -> Iterator[Dashboard]:
    """On each database in turn."""
    with open_dashboard(tmp_path, jobs_url, homepage_url=service.url, homepage_token=TOKEN) as opened:
        yield opened


@pytest.fixture
def small_shop(tmp_path: Path, service: HomepageService) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, "", homepage_url=service.url, homepage_token=TOKEN) as opened:
        yield opened


def test_a_page_is_made_of_the_shops_facts_and_products_alone(shop: Dashboard, service: HomepageService) -> None:
    owner = shop.owner()
    owner.finished_cutout(owner.add_product("부사 사과"))
    homepage = made(owner, style="market", wishes="따뜻하게")
    (sent,) = service.commissions
    assert sent["publish"] is False
    assert sent["style"] == "market"
    assert sent["business_info"]["name"] == owner.api("GET", "/business").json()["name"]
    apple = next(one for one in sent["products"] if one["name"] == "부사 사과")
    assert apple["price"] == "39,900원"
    assert apple["image"].startswith("data:image/webp;base64,")
    assert apple["picture"] == "cutout"
    found = read(owner, homepage)
    assert found["published"] is None
    assert found["url"] == ""
    assert [section["id"] for section in found["sections"]] == ["hero", "story", "footer"]


def test_a_wish_waits_while_the_service_is_away_and_becomes_one_page(shop: Dashboard, service: HomepageService) -> None:
    service.away = True
    owner = shop.owner()
    homepage = asked_for(owner)
    until(lambda: "서버에서 답이 오면" in owner.get(f"/homepages/{homepage}").text)
    service.away = False
    assert settled(owner, homepage)["draft"] == "v1"
    assert len(service.commissions) == 1


def test_a_double_submit_makes_one_page(shop: Dashboard, service: HomepageService) -> None:
    owner = shop.owner()
    form = {"key": "the-same", "pages": "one", "locale": "ko", "style": ""}
    first, second = owner.post("/homepages/new", form), owner.post("/homepages/new", form)
    assert first.headers["location"] == second.headers["location"]
    settled(owner, first.headers["location"].rsplit("/", 1)[1])
    assert len(service.commissions) == 1
    assert len(owner.api("GET", "/homepages").json()["homepages"]) == 1


def test_a_job_the_service_forgot_is_asked_for_again(shop: Dashboard, service: HomepageService) -> None:
    service.hold.clear()
    owner = shop.owner()
    homepage = asked_for(owner)
    until(lambda: read(owner, homepage)["tasks"][0]["status"] == "running")
    service.jobs.clear()
    service.hold.set()
    assert settled(owner, homepage)["draft"] == "v1"


def test_a_refusal_is_told_and_can_be_tried_again(shop: Dashboard, service: HomepageService) -> None:
    service.refuse = "INVALID_PARAMETER"
    owner = shop.owner()
    homepage = asked_for(owner)
    settled(owner, homepage)
    task = last_task(owner, homepage)
    assert (task["status"], task["problem"]["code"]) == ("failed", "INVALID_PARAMETER")
    assert "안 돼요: INVALID_PARAMETER" in owner.get(f"/homepages/{homepage}").text
    service.refuse = ""
    assert owner.post(f"/homepages/{homepage}/tasks/{task['id']}/again").status_code == 303
    assert settled(owner, homepage)["draft"] == "v1"


def test_a_page_under_way_can_be_stopped(shop: Dashboard, service: HomepageService) -> None:
    service.hold.clear()
    owner = shop.owner()
    homepage = asked_for(owner)
    until(lambda: read(owner, homepage)["tasks"][0]["status"] == "running")
    page = owner.get(f"/homepages/{homepage}").text
    assert "화면 만들기" in page
    assert "사진 앉히는 중" in page
    task = last_task(owner, homepage)
    picture = owner.get(f"/homepages/{homepage}/tasks/{task['id']}/screenshots/phone-1.png")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert owner.get(f"/homepages/{homepage}/tasks/{task['id']}/screenshots/other.png").status_code == 404
    owner.api("POST", f"/homepages/{homepage}/tasks/{task['id']}/stop")
    settled(owner, homepage)
    assert last_task(owner, homepage)["status"] == "stopped"
    assert "만들기를 멈췄어요" in owner.get(f"/homepages/{homepage}").text


def test_progress_is_told_as_events_until_its_end(small_shop: Dashboard, service: HomepageService) -> None:
    owner = small_shop.owner()
    homepage = asked_for(owner)
    task = last_task(owner, homepage)
    stream = owner.get(f"/homepages/{homepage}/tasks/{task['id']}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "event: end" in stream.text
    assert '"percent": 100' in stream.text


def test_an_edit_goes_to_the_preview_and_is_listed_until_it_is_published(
    shop: Dashboard, service: HomepageService
) -> None:
    owner = shop.owner()
    homepage = made(owner)
    found = wish(owner, homepage, "publish")
    assert (found["published"], found["changes"]) == ("v1", [])
    assert found["url"].startswith("/sites/")
    found = wish(owner, homepage, "edits", instruction="글자를 키워 줘")
    found = wish(owner, homepage, "edits", section="hero", patch={"fields": {"title": "오늘 새벽 고른 것만"}})
    assert (found["draft"], found["published"]) == ("v3", "v1")
    assert found["changes"] == ["글자를 키워 줘", "hero 고침"]
    assert [edit["base"] for edit in service.edits] == ["v1", "v2"]
    assert found["sections"][0]["fields"][0]["value"] == "오늘 새벽 고른 것만"
    page = owner.get(f"/homepages/{homepage}").text
    assert "올릴 내용 2가지" in page
    assert "글자를 키워 줘" in page
    found = wish(owner, homepage, "publish")
    assert (found["published"], found["changes"]) == ("v3", [])


def test_going_back_changes_what_the_world_sees_and_not_the_draft(shop: Dashboard, service: HomepageService) -> None:
    owner = shop.owner()
    homepage = made(owner)
    wish(owner, homepage, "edits", instruction="글자를 키워 줘")
    wish(owner, homepage, "publish")
    found = wish(owner, homepage, "rollback", version="v1")
    assert (found["draft"], found["published"], found["changes"]) == ("v2", "v1", ["글자를 키워 줘"])
    assert any(one.endswith("/rollback") for one in service.asked)
    refused(owner.api("POST", f"/homepages/{homepage}/rollback", json={"version": "v9"}), 404, "NOT_FOUND")
    found = wish(owner, homepage, "unpublish")
    assert (found["published"], found["url"]) == (None, "")


def test_a_deleted_page_is_taken_off_the_net_and_can_come_back(shop: Dashboard, service: HomepageService) -> None:
    owner = shop.owner()
    homepage = made(owner)
    wish(owner, homepage, "publish")
    (slug,) = service.sites
    assert owner.api("DELETE", f"/homepages/{homepage}").status_code == 204
    assert owner.get(f"/homepages/{homepage}").status_code == 404
    until(lambda: service.sites[slug]["published"] is None)
    assert owner.post(f"/homepages/{homepage}/restore").status_code == 303
    assert settled(owner, homepage)["published"] is None


def test_a_name_that_is_another_business_page_is_never_taken(shop: Dashboard, service: HomepageService) -> None:
    mine, thief = shop.owner("a@b.kr"), shop.owner("thief@b.kr")
    service.slug = "haetsal"
    first = made(mine)
    second = asked_for(thief)
    settled(thief, second)
    assert last_task(thief, second)["problem"]["code"] == "SLUG_TAKEN"
    assert read(thief, second)["slug"] is None
    assert read(mine, first)["slug"] == "haetsal"
    refused(thief.api("POST", f"/homepages/{second}/publish"), 409, "OUTDATED")


def test_everything_of_a_page_is_not_there_for_another_business(small_shop: Dashboard) -> None:
    mine, thief = small_shop.owner("a@b.kr"), small_shop.owner("thief@b.kr")
    homepage = made(mine)
    task = last_task(mine, homepage)["id"]
    gets = (
        "", "/sections/hero", "/preview/v1/index.html", "/export.zip", f"/tasks/{task}/events",
        f"/tasks/{task}/screenshots/phone-1.png",
    )  # fmt: skip
    for path in gets:
        assert mine.get(f"/homepages/{homepage}{path}").status_code == 200, path
        assert thief.get(f"/homepages/{homepage}{path}").status_code == 404, path
    posts = {
        "/edit": {"instruction": "x"}, "/publish": {}, "/rollback": {"version": "v1"}, "/unpublish": {}, "/delete": {},
        "/restore": {}, "/sections/hero": {"instruction": "x"}, "/sections/hero/place": {"hidden": "true"},
        f"/tasks/{task}/stop": {}, f"/tasks/{task}/again": {},
    }  # fmt: skip
    for path, data in posts.items():
        assert thief.post(f"/homepages/{homepage}{path}", data).status_code == 404, path
    assert read(mine, homepage)["published"] is None


def test_a_preview_is_locked_up_and_leads_nowhere_else(small_shop: Dashboard, service: HomepageService) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    page = owner.get(f"/homepages/{homepage}/preview/v1/index.html")
    policy = page.headers["content-security-policy"]
    assert "sandbox allow-same-origin;" in policy
    assert "script-src 'none'" in policy
    assert owner.get(f"/homepages/{homepage}/preview/v1/page.css").headers["content-type"].startswith("text/css")
    assert owner.get(f"/homepages/{homepage}/preview/v1/page.js").status_code == 404
    asked = len(service.asked)
    for path in ("v1/..%2f..%2fother/versions/v1/preview/index.html", "v1/%2e%2e/x.html", "v9/index.html"):
        assert owner.get(f"/homepages/{homepage}/preview/{path}").status_code == 404, path
    assert not [one for one in service.asked[asked:] if "preview" in one]


def test_pages_load_while_the_service_is_away_and_a_preview_says_so(
    small_shop: Dashboard, service: HomepageService
) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    service.away = True
    assert "첫 화면" in owner.get(f"/homepages/{homepage}").text
    assert owner.get(f"/homepages/{homepage}/sections/hero").status_code == 200
    assert owner.get(f"/homepages/{homepage}/preview/v1/index.html").status_code == 502
    refused(owner.api("GET", f"/homepages/{homepage}/export.zip"), 502, "UPSTREAM_UNAVAILABLE")
    service.away, service.garbage = False, True
    owner.api("POST", f"/homepages/{homepage}/publish")
    until(lambda: read(owner, homepage)["tasks"])
    service.garbage = False
    assert settled(owner, homepage)["published"] == "v1"


def test_hostile_words_are_shown_as_words(small_shop: Dashboard, service: HomepageService) -> None:
    owner = small_shop.owner()
    evil = "</script><script>alert(1)</script>"
    homepage = made(owner, title=evil)
    wish(owner, homepage, "edits", instruction=evil)
    wish(owner, homepage, "edits", section="hero", patch={"fields": {"title": evil, "text": '"><img src=x onerror=y>'}})
    for path in ("", f"/{homepage}", f"/{homepage}/sections/hero"):
        page = owner.get(f"/homepages{path}").text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_an_address_that_is_no_web_address_is_not_linked(small_shop: Dashboard) -> None:
    from nanococoa_backend.homepages.arriving import _web_address

    owner = small_shop.owner()
    assert read(owner, made(owner))["url"] == ""
    assert _web_address("javascript:alert(1)") == _web_address("//evil.example/") == ""
    assert _web_address("/sites/a/") == "/sites/a/"
    assert _web_address("https://a.example/") == "https://a.example/"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"instruction": "x", "section": "hero", "patch": {"hidden": True}}, "body"),
        ({"patch": {"hidden": True}}, "body"),
        ({"instruction": "가" * 501}, "instruction"),
        ({"section": "hero", "patch": {"fields": {"nothing": "x"}}}, "nothing"),
        ({"section": "hero", "patch": {"fields": {"title": "가" * 401}}}, "title"),
        ({"section": "footer", "patch": {"hidden": True}}, "patch"),
    ],
)
def test_a_wrong_edit_is_refused_by_its_field(small_shop: Dashboard, body: dict[str, Any], field: str) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    error = refused(owner.api("POST", f"/homepages/{homepage}/edits", json=body), 422, "INVALID_PARAMETER")
    assert field in error["details"]["fields"]
    refused(
        owner.api("POST", f"/homepages/{homepage}/edits", json={"section": "x", "instruction": "y"}), 404, "NOT_FOUND"
    )


def test_a_product_or_an_ad_that_is_gone_is_refused(small_shop: Dashboard) -> None:
    owner, other = small_shop.owner("a@b.kr"), small_shop.owner("c@d.kr")
    foreign = other.add_product("남의 사과")
    for order in ({"products": [foreign]}, {"ads": [str(uuid.uuid4())]}, {"products": [foreign] * 25}, {"pages": "x"}):
        if order == {"products": [foreign] * 25}:
            order = {"products": [str(uuid.uuid4()) for _ in range(25)]}
        refused(owner.api("POST", "/homepages", json=order), 422, "INVALID_PARAMETER")
    assert owner.api("GET", "/homepages").json()["homepages"] == []


def test_the_twenty_first_page_is_refused(small_shop: Dashboard, service: HomepageService) -> None:
    owner = small_shop.owner()
    business = uuid.UUID(owner.api("GET", "/business").json()["id"])
    with small_shop.app.state.services.database.begin() as session:
        scope.narrow(session, business)
        session.add_all(Homepage(business_id=business, title=str(number)) for number in range(20))
    refused(owner.api("POST", "/homepages", json={}), 409, "LIMIT_REACHED")


def test_a_version_is_downloaded_as_a_zip(small_shop: Dashboard) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    answer = owner.api("GET", f"/homepages/{homepage}/export.zip?version=v1")
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")
    assert answer.headers["content-disposition"] == 'attachment; filename="haetsal-1-v1.zip"'
    assert owner.api("GET", f"/homepages/{homepage}/export.zip?version=v7").status_code == 404


def test_looks_to_choose_from_come_from_the_service(small_shop: Dashboard) -> None:
    owner = small_shop.owner()
    until(lambda: owner.api("GET", "/homepages/options").json()["available"])
    themes = owner.api("GET", "/homepages/options").json()["themes"]
    assert [theme["title"] for theme in themes] == ["시장 좌판", "종이 메뉴판"]
    assert "시장 좌판" in owner.get("/homepages/new").text


def test_the_page_by_hand_changes_only_what_was_typed(small_shop: Dashboard, service: HomepageService) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    fields = {f"f-{one['name']}": one["value"] for one in read(owner, homepage)["sections"][0]["fields"]}
    assert owner.post(f"/homepages/{homepage}/sections/hero", fields).status_code == 303
    assert service.edits == []
    owner.post(f"/homepages/{homepage}/sections/hero", fields | {"f-title": "새벽 과일"})
    settled(owner, homepage)
    assert service.edits[0]["patch"] == {"fields": {"title": "새벽 과일"}}
    owner.post(f"/homepages/{homepage}/sections/story/place", {"hidden": "true"})
    assert settled(owner, homepage)["sections"][1]["hidden"] is True
    too_long = owner.post(f"/homepages/{homepage}/sections/hero", fields | {"f-title": "가" * 401})
    assert too_long.status_code == 422
    assert "너무 길어요" in too_long.text


def test_a_deleted_business_is_off_the_net_at_once_and_on_it_again_when_it_comes_back(
    shop: Dashboard, service: HomepageService
) -> None:
    owner = shop.owner()
    homepage, hidden = made(owner), made(owner)
    slug = read(owner, homepage)["slug"]
    wish(owner, homepage, "publish")
    wish(owner, homepage, "edits", section="hero", patch={"fields": {"title": "새 제목"}})
    business = owner.api("GET", "/business").json()
    deleted = owner.api("POST", "/business/delete", json={"name": business["name"]})
    assert deleted.status_code == 204, deleted.text
    until(lambda: service.sites[slug]["published"] is None, 180, 0.05)
    assert owner.api("POST", f"/businesses/{business['id']}/restore").status_code == 200
    until(lambda: service.sites[slug]["published"] == "v1", 180, 0.05)
    assert settled(owner, homepage)["published"] == "v1"  # as it was: the draft is not published with it
    assert settled(owner, hidden)["published"] is None


def test_a_page_that_goes_out_while_its_business_is_deleted_comes_down_again(
    small_shop: Dashboard, service: HomepageService
) -> None:
    owner = small_shop.owner()
    homepage = made(owner)
    slug = read(owner, homepage)["slug"]
    service.away = True
    assert owner.api("POST", f"/homepages/{homepage}/publish", json={}).status_code == 202
    business = owner.api("GET", "/business").json()
    for _ in range(2):  # there and back again, before the service has heard of any of it
        owner.api("POST", "/business/delete", json={"name": business["name"]})
        assert owner.api("POST", f"/businesses/{business['id']}/restore").status_code == 200
    owner.api("POST", "/business/delete", json={"name": business["name"]})
    service.away = False
    until(lambda: not waiting_wishes(small_shop), 180, 0.05)
    assert service.sites[slug]["published"] is None
    assert owner.api("POST", f"/businesses/{business['id']}/restore").status_code == 200
    assert settled(owner, homepage)["published"] == "v1"
