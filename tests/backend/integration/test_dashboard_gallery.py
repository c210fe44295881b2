"""The gallery: finding, marking, downloading, sharing, deleting and bringing back."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.platform import scope
from nanococoa_client.fake import PICTURE
from support.dashboard import Browser, Dashboard, refused
from support.waiting import until


class Shop:
    """An owner with a product and finished ads."""

    def __init__(self, dashboard: Dashboard, email: str = "sajang@haetsal.kr") -> None:
        self.dashboard = dashboard
        self.browser: Browser = dashboard.owner(email)
        self.product = self.browser.add_product()
        self.browser.finished_cutout(self.product)

    def ad(self, headline: str = "갓 딴 부사", **order: Any) -> str:
        body = {"product_id": self.product, "scene": "wood", "formats": ["square", "story"]}
        answer = self.browser.api("POST", "/ads", json={**body, "fields": {"headline": headline}, **order})
        assert answer.status_code == 202, answer.text
        ad_id = str(answer.json()["id"])
        until(lambda: self.browser.api("GET", f"/ads/{ad_id}").json()["status"] == "completed")
        return ad_id

    def found(self, query: str = "") -> list[str]:
        answer = self.browser.api("GET", f"/ads{query}")
        assert answer.status_code == 200, answer.text
        return [ad["title"] for ad in answer.json()["ads"]]

    def change(self, ad_id: str, **values: Any) -> None:
        with self.dashboard.app.state.services.database.begin() as session:
            scope.widen(session)
            session.execute(sa.update(Ad).where(Ad.id == uuid.UUID(ad_id)).values(**values))


@pytest.fixture
def shop(dashboard: Dashboard) -> Shop:
    return Shop(dashboard)


def test_ads_are_found_by_each_of_their_words_and_by_their_marks(shop: Shop) -> None:
    first, second = shop.ad("산지에서 온 아삭한 부사"), shop.ad("오늘만 100% 할인_특가")
    assert shop.found("?q=아삭한 산지") == ["산지에서 온 아삭한 부사"]
    assert shop.found("?q=사과") == ["오늘만 100% 할인_특가", "산지에서 온 아삭한 부사"]  # the product's name
    assert shop.found("?q=100%25") == ["오늘만 100% 할인_특가"]
    assert shop.found("?q=%25") == ["오늘만 100% 할인_특가"]
    assert shop.found("?q=_") == ["오늘만 100% 할인_특가"]
    for hostile in ("'", '"', "\\", "'; DROP TABLE ads;--", "%5C%25", "%F0%9F%8D%8E", "없는 말"):
        assert shop.found(f"?q={hostile}") == []
    assert shop.browser.api("PATCH", f"/ads/{first}", json={"is_favorite": True}).json()["is_favorite"] is True
    assert shop.found("?favorite=true") == ["산지에서 온 아삭한 부사"]
    shop.change(second, needs_look=True)
    assert shop.found("?needs_look=true") == ["오늘만 100% 할인_특가"]
    assert shop.found(f"?product_id={uuid.uuid4()}") == []
    assert shop.found("?status=failed") == shop.found("?kind=edit") == []
    page = shop.browser.get("/ads?q=아삭한").text
    assert "산지에서 온 아삭한 부사" in page
    assert "특가" not in page


def test_pages_follow_each_other_without_gap_or_repetition(shop: Shop) -> None:
    made = [shop.ad(f"광고 {number}", formats=["square"]) for number in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = shop.browser.api("GET", f"/ads?limit=2{cursor}").json()
        seen += [ad["id"] for ad in page["ads"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]
    refused(shop.browser.api("GET", "/ads?cursor=nonsense"), 422, "INVALID_PARAMETER")


def test_a_file_is_downloaded_byte_for_byte_under_a_name_one_can_read(shop: Shop) -> None:
    ad = shop.ad("갓 딴 부사: 39,900원/박스")
    for address in (f"/ads/{ad}/files/story", f"/api/v1/ads/{ad}/files/story"):
        answer = shop.browser.get(address)
        assert answer.content == PICTURE
        name = unquote(answer.headers["content-disposition"].partition("UTF-8''")[2])
        assert re.fullmatch(r"[\w.-]+-갓-딴-부사-39-900원-박스-story\.png", name), name
    assert shop.browser.get(f"/ads/{ad}/files/portrait").status_code == 404
    assert shop.browser.get(f"/ads/{ad}/files/..%2Fetc").status_code == 404


def test_the_zip_holds_every_file_byte_for_byte(shop: Shop) -> None:
    ads = [shop.ad("갓 딴 부사"), shop.ad("갓 딴 부사")]
    one = zipfile.ZipFile(io.BytesIO(shop.browser.get(f"/ads/{ads[0]}/zip").content))
    assert one.testzip() is None
    assert [info.filename.rpartition("-")[2] for info in one.infolist()] == ["square.png", "story.png"]
    token = shop.browser.fresh_token()
    answer = shop.browser.raw(
        "POST", "/ads/selection", data={"csrf": token, "action": "zip", "ad": [*ads, str(uuid.uuid4())]}
    )
    both = zipfile.ZipFile(io.BytesIO(answer.content))
    assert len(set(both.namelist())) == 4
    assert all(both.read(name) == PICTURE for name in both.namelist())


def test_a_deleted_ad_comes_back_within_seven_days_and_not_later(shop: Shop) -> None:
    ad = shop.ad()
    link = shop.browser.api("POST", f"/ads/{ad}/shares").json()["url"].partition("/s/")[2]
    page = shop.browser.post(f"/ads/{ad}/delete")
    assert page.headers["location"] == "/ads"
    assert f'action="/ads/{ad}/restore"' in shop.browser.get("/ads").text
    assert shop.browser.get(f"/ads/{ad}").status_code == 404
    assert shop.browser.get(f"/s/{link}").status_code == 404
    assert shop.found() == []
    assert "갓 딴 부사" in shop.browser.get("/ads/deleted").text
    assert shop.browser.post(f"/ads/{ad}/restore").headers["location"] == f"/ads/{ad}"
    assert shop.browser.get(f"/s/{link}").status_code == 200
    assert shop.browser.api("DELETE", f"/ads/{ad}").status_code == 204
    refused(shop.browser.api("DELETE", f"/ads/{ad}"), 404, "NOT_FOUND")
    with shop.dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        row = session.get_one(Ad, uuid.UUID(ad))
        assert row.deleted_at is not None
        row.deleted_at -= timedelta(days=8)
    refused(shop.browser.api("POST", f"/ads/{ad}/restore"), 404, "NOT_FOUND")
    assert "갓 딴 부사" not in shop.browser.get("/ads/deleted").text


def test_a_link_shows_the_ad_to_anybody_until_it_is_revoked(shop: Shop) -> None:
    ad = shop.ad('부사 <script>alert("1")</script>')
    share = shop.browser.api("POST", f"/ads/{ad}/shares").json()
    token = share["url"].partition("/s/")[2]
    assert len(token) >= 43
    assert share["url"] in shop.browser.get(f"/ads/{ad}").text
    nobody = shop.dashboard.visitor()
    page = nobody.get(f"/s/{token}")
    assert page.status_code == 200
    assert "noindex" in page.headers["x-robots-tag"]
    assert "<script>alert" not in page.text
    assert f'og:image" content="{share["url"]}/picture/square?size=original"' in page.text
    for private in ("39,900", shop.product, ad, "sajang@", "/media/", "김햇살"):
        assert private not in page.text
    assert nobody.get(f"/s/{token}/picture/square?size=original").content == PICTURE
    assert nobody.get(f"/s/{token}/picture/wide").status_code == 404
    assert shop.browser.api("GET", f"/ads/{ad}/shares").json()["shares"][0]["views"] == 1
    assert shop.browser.api("DELETE", f"/ads/{ad}/shares/{share['id']}").status_code == 204
    assert shop.browser.api("DELETE", f"/ads/{ad}/shares/{share['id']}").status_code == 204
    gone = nobody.get(f"/s/{token}")
    assert gone.status_code == 404
    assert "이제 볼 수 없는 링크예요" in gone.text
    assert nobody.get(f"/s/{token}/picture/square").status_code == 404
    assert nobody.get(f"/s/{'x' * 3000}").status_code == 404
    assert shop.browser.api("GET", f"/ads/{ad}/shares").json()["shares"] == []


def test_a_link_of_one_ad_is_not_revoked_through_another(shop: Shop) -> None:
    first, second = shop.ad(), shop.ad()
    share = shop.browser.api("POST", f"/ads/{first}/shares").json()
    refused(shop.browser.api("DELETE", f"/ads/{second}/shares/{share['id']}"), 404, "NOT_FOUND")


def test_two_ads_are_compared_in_words(shop: Shop) -> None:
    first, second = shop.ad("갓 딴 부사"), shop.ad("오늘 딴 부사", scene="", background="눈밭")
    page = shop.browser.get(f"/ads/compare?a={first}&b={second}").text
    for words in ("나무 탁자", "눈밭", "갓 딴 부사", "오늘 딴 부사"):
        assert words in page
    assert page.count('class="differs"') == 4
    other = Shop(shop.dashboard, "other@haetsal.kr")
    assert other.browser.get(f"/ads/compare?a={first}&b={second}").status_code == 404


def test_a_selection_without_enough_says_what_to_do(shop: Shop) -> None:
    ad = shop.ad()
    token = shop.browser.fresh_token()
    for action, chosen in (("compare", [ad]), ("zip", []), ("delete", [])):
        answer = shop.browser.raw("POST", "/ads/selection", data={"csrf": token, "action": action, "ad": chosen})
        assert answer.headers["location"] == "/ads?select=1"
    many = shop.browser.raw("POST", "/ads/selection", data={"csrf": token, "action": "delete", "ad": [ad, ad]})
    assert many.status_code == 303
    assert shop.found() == []


def test_the_wall_shows_what_is_under_way_and_what_failed(dashboard: Dashboard, shop: Shop) -> None:
    assert "첫 광고를 만들어 볼까요?" in shop.browser.get("/ads").text
    dashboard.aiserver.hold = True
    body = {"product_id": shop.product, "scene": "wood", "fields": {"headline": "만드는 광고"}}
    ad = shop.browser.api("POST", "/ads", json=body).json()["id"]
    assert "만드는 광고" in shop.browser.get("/ads").text
    shop.browser.api("POST", f"/ads/{ad}/stop")
    until(lambda: shop.browser.api("GET", f"/ads/{ad}").json()["status"] == "stopped")
    assert "다 만들지 못한 광고" in shop.browser.get("/ads").text
    refused(shop.browser.api("POST", f"/ads/{ad}/shares"), 409, "OUTDATED")
    assert shop.browser.get(f"/ads/{ad}/zip").status_code == 404


def test_favourites_are_marked_without_scripts_too(shop: Shop) -> None:
    ad = shop.ad()
    assert shop.browser.post(f"/ads/{ad}/favorite?back=wall", {"favorite": "true"}).headers["location"] == "/ads"
    assert 'aria-pressed="true"' in shop.browser.get("/ads").text
    assert shop.browser.post(f"/ads/{ad}/favorite", {"favorite": "false"}).headers["location"] == f"/ads/{ad}"
    assert shop.found("?favorite=true") == []
