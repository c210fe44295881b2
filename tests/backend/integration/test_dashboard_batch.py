"""Many ads at once: every row checked first, none made twice or lost, those to look at told with a reason."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.batch.models import BatchItem, BatchRun
from nanococoa_backend.batch.running import Running
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.crew import Crew
from nanococoa_backend.platform.tables import now
from nanococoa_backend.products.models import Product
from support.dashboard import Dashboard, photo, refused
from support.lists import finished, send, two_products, zipped


def rows(dashboard: Dashboard, query: sa.Select[Any]) -> list[Any]:
    with dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        return list(session.scalars(query))


def test_a_list_and_its_photos_become_products_and_ads(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    answer = send(owner, *two_products(), formats=["square", "story"])
    assert answer.status_code == 202, answer.text
    run = finished(owner, answer.json()["id"])
    assert (run["status"], run["total"], run["passed"], run["failed"]) == ("finished", 2, 2, 0)
    products = {product.name: product for product in rows(dashboard, sa.select(Product))}
    prices = {name: product.price for name, product in products.items()}
    assert prices | {"부사 사과": 39900, "한과 세트": 45000} == prices
    ads = {ad.title: ad for ad in rows(dashboard, sa.select(Ad))}
    assert ads["갓 딴 부사"].request["fields"] == {
        **ads["갓 딴 부사"].request["fields"],
        "headline": "갓 딴 부사",
        "sub": "산지 직송",
        "price": "39,900원",
    }
    assert ads["한과 세트"].request["formats"] == ["square", "story"]
    assert len({ad.campaign_id for ad in ads.values()}) == 1


def test_bad_rows_are_told_by_line_and_the_good_ones_go_on(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    table = (
        "상품,가격,사진,크기\n"
        "부사 사과,39900,사과.jpg,정사각형\n"
        ",1000,사과.jpg,\n"
        "비싼 것,많이,사과.jpg,\n"
        "없는 사진,1000,없음.jpg,\n"
        "깨진 사진,1000,깨짐.jpg,\n"
        "이상한 크기,1000,사과.jpg,벽보\n"
    )
    photos = zipped({"사과.jpg": photo(), "깨짐.jpg": photo()[:500]})
    run = finished(owner, send(owner, table, photos).json()["id"])
    assert (run["total"], run["passed"]) == (1, 1)
    told = {row["line"]: row["message"] for row in run["refused"]}
    assert list(told) == [3, 4, 5, 6, 7]
    assert "이름이 없어요" in told[3]
    assert "‘많이’" in told[4]
    assert "‘없음.jpg’" in told[5]
    assert "중간에 끊겼어요" in told[6]
    assert "‘벽보’" in told[7]


def test_a_list_without_a_good_row_keeps_nothing(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    error = refused(send(owner, "상품,사진\n사과,없음.jpg\n"), 422, "INVALID_PARAMETER")
    assert error["details"]["rows"][0]["line"] == 2
    assert rows(dashboard, sa.select(BatchRun)) == []
    page = owner.post("/batch/list", {"scene": "wood", "formats": "square"}, files={"table": ("a.csv", b"a,b\n1,2")})
    assert page.status_code == 422
    assert "‘상품’ 칸이 없어요" in page.text


def test_a_draft_waits_until_it_is_started_and_starting_twice_makes_each_ad_once(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    run = send(owner, *two_products(), start="false").json()
    assert (run["status"], run["making"]) == ("draft", 2)
    page = owner.get(f"/batch/{run['id']}")
    assert page.status_code == 200
    assert "2장 만들기" in page.text
    thumb = owner.get(f"/batch/{run['id']}/items/{run['items'][0]['id']}/photo")
    assert thumb.headers["content-type"] == "image/webp"
    assert rows(dashboard, sa.select(Ad)) == []
    for _ in range(2):
        assert owner.post(f"/batch/{run['id']}/start").status_code == 303
    assert finished(owner, run["id"])["passed"] == 2
    assert len(rows(dashboard, sa.select(Ad))) == 2


def test_a_row_that_is_worked_on_twice_is_one_ad(sqlite_dashboard: Dashboard) -> None:
    """Two processes, the second one thinking that the first had died."""
    dashboard, owner = sqlite_dashboard, sqlite_dashboard.owner()
    run = finished(owner, send(owner, *two_products()).json()["id"])
    services = dashboard.app.state.services
    running = Running(services.database, services.store, services.cutting, services.making)
    crew = Crew(services.database, running, services.batching)
    with services.database.begin() as session:
        scope.widen(session)
        session.execute(sa.update(BatchItem).values(status="waiting", ad_id=None, next_try_at=None))
        session.execute(sa.update(BatchRun).values(status="started"))
    while sqlite_dashboard.client.portal.call(crew.look):  # type: ignore[union-attr]
        pass
    assert len(rows(dashboard, sa.select(Ad))) == 2
    assert finished(owner, run["id"])["passed"] == 2


def test_rows_of_a_process_that_died_are_taken_up(sqlite_dashboard: Dashboard) -> None:
    dashboard, owner = sqlite_dashboard, sqlite_dashboard.owner()
    dashboard.aiserver.away = True
    run = send(owner, *two_products(), start="false").json()
    with dashboard.app.state.services.database.begin() as session:  # started, one row claimed, then killed
        scope.widen(session)
        session.execute(sa.update(BatchRun).values(status="started", started_at=now()))
        session.execute(sa.update(BatchItem).values(status="waiting", tries=1, next_try_at=now()))
    dashboard.aiserver.away = False
    dashboard.app.state.services.batching.ring()
    assert finished(owner, run["id"])["passed"] == 2


def test_a_name_the_shop_knows_is_made_of_that_product_or_of_a_new_one_as_asked(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    known = owner.add_product("부사 사과")
    owner.finished_cutout(known)
    run = send(owner, *two_products(), start="false").json()
    assert "이름이 같은 상품이 1개" in owner.get(f"/batch/{run['id']}").text
    owner.post(f"/batch/{run['id']}/start", {"existing": "reuse"})
    made = {row["name"]: row["product_id"] for row in finished(owner, run["id"])["items"]}
    assert made["부사 사과"] == known
    again = send(owner, *two_products(), reuse="false").json()
    anew = {row["name"]: row["product_id"] for row in finished(owner, again["id"])["items"]}
    assert anew["부사 사과"] != known


def test_two_rows_of_one_product_and_photo_share_it(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    before = len(rows(sqlite_dashboard, sa.select(Product)))
    table = "상품,문구,사진\n사과,아침,a.jpg\n사과,저녁,a.jpg\n"
    run = finished(owner, send(owner, table, zipped({"a.jpg": photo()})).json()["id"])
    assert run["passed"] == 2
    assert len({row["product_id"] for row in run["items"]}) == 1
    assert len(rows(sqlite_dashboard, sa.select(Product))) == before + 1


def test_what_needs_a_look_comes_first_with_its_reason_and_can_be_taken_as_it_is(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    dashboard.aiserver.verdict, dashboard.aiserver.confidence = "uncertain", 0.6
    run = finished(owner, send(owner, *two_products()).json()["id"])
    assert (run["look"], run["passed"]) == (2, 0)
    page = owner.get(f"/batch/{run['id']}").text
    assert "2개 중 0개 통과" in page
    assert "2개 확인 필요" in page
    assert f"/products/{run['items'][0]['product_id']}" in page
    first = run["items"][0]["id"]
    assert owner.post(f"/batch/{run['id']}/items/{first}/accept").status_code == 303
    assert owner.api("GET", f"/batches/{run['id']}").json()["passed"] == 1
    refused(owner.api("POST", f"/batches/{run['id']}/items/{first}/accept"), 409, "OUTDATED")


def test_stopped_rows_are_taken_up_alone(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    dashboard.aiserver.away = True
    run_id = send(owner, *two_products()).json()["id"]
    stopped = owner.api("POST", f"/batches/{run_id}/stop").json()
    dashboard.aiserver.away = False
    stopped = finished(owner, run_id)
    assert (stopped["status"], stopped["stopped"]) == ("stopped", 2)
    again = owner.api("POST", f"/batches/{run_id}/retry")
    assert again.status_code == 202
    assert finished(owner, run_id)["passed"] == 2
    assert owner.api("POST", f"/batches/{run_id}/retry").status_code == 202
    assert len(rows(dashboard, sa.select(Ad))) <= 4


def test_products_before_scenes_in_sizes(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    ids = [owner.add_product(name) for name in ("사과", "배")]
    body = {"products": ids, "scenes": ["wood"], "formats": ["square", "story"]}
    answer = owner.api("POST", "/batches/products", json=body)
    assert answer.status_code == 202, answer.text
    run = finished(owner, answer.json()["id"])
    assert (run["name"], run["total"], run["passed"]) == ("사과 외 1개", 2, 2)
    orders = [(ad.request["scene"], tuple(ad.request["formats"])) for ad in rows(dashboard, sa.select(Ad))]
    assert sorted(orders) == [("wood", ("square", "story"))] * 2
    refused(owner.api("POST", "/batches/products", json={**body, "scenes": ["x"]}), 422, "INVALID_PARAMETER")
    refused(owner.api("POST", "/batches/products", json={**body, "products": [str(uuid.uuid4())]}), 404, "NOT_FOUND")


def test_results_go_along_as_a_zip_and_a_table_without_formulas(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    table = '상품,문구,사진\n"=HYPERLINK(""http://x"")",사과,a.jpg\n'
    run_id = send(owner, table, zipped({"a.jpg": photo()}), start="false").json()["id"]
    assert owner.get(f"/batch/{run_id}/files.zip").status_code == 303
    refused(owner.api("GET", f"/batches/{run_id}/files.zip"), 422, "INVALID_PARAMETER")
    owner.api("POST", f"/batches/{run_id}/start", json={})
    finished(owner, run_id)
    with zipfile.ZipFile(io.BytesIO(owner.get(f"/batch/{run_id}/files.zip").content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 1
    results = owner.get(f"/batch/{run_id}/results.csv").content
    assert results.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK" in results.decode("utf-8-sig")
    assert owner.get("/batch/list.csv").content.decode("utf-8-sig").startswith("상품,가격")


def test_the_template_can_be_sent_back(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    photos = zipped({"사진/사과.JPG": photo(), "사진/한과.jpg": photo()})
    answer = send(owner, owner.get("/batch/list.csv").content, photos, start="false")
    assert answer.json()["refused"] == []
    assert answer.json()["total"] == 2
    orders = rows(sqlite_dashboard, sa.select(BatchItem).order_by(BatchItem.position))
    assert (orders[0].order["scene"], orders[0].order["formats"]) == ("wood", ["square", "story"])


def test_a_month_that_is_used_up_is_told_before_the_first_ad(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    with sqlite_dashboard.app.state.services.database.begin() as session:
        from nanococoa_backend.limits.service import Limits, set_limits

        business = uuid.UUID(owner.api("GET", "/business").json()["id"])
        set_limits(session, business, Limits(ads_per_month=1))
    refused(send(owner, *two_products()), 429, "LIMIT_REACHED")
    assert rows(sqlite_dashboard, sa.select(Ad)) == []


def test_deleting_a_run_leaves_its_ads(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    run_id = send(owner, *two_products()).json()["id"]
    finished(owner, run_id)
    assert owner.api("DELETE", f"/batches/{run_id}").status_code == 204
    refused(owner.api("GET", f"/batches/{run_id}"), 404, "NOT_FOUND")
    assert len(rows(dashboard, sa.select(Ad).where(Ad.deleted_at.is_(None)))) == 2


@pytest.mark.parametrize("how", ["", "?how=products"])
def test_the_start_page_stays_small_and_lists_earlier_runs(sqlite_dashboard: Dashboard, how: str) -> None:
    owner = sqlite_dashboard.owner()
    finished(owner, send(owner, *two_products()).json()["id"])
    page = owner.get(f"/batch{how}")
    assert page.status_code == 200
    assert "목록" in page.text
    assert len(page.content) <= 60_000
    listed = owner.api("GET", "/batches?limit=1").json()
    assert (len(listed["batches"]), listed["next_cursor"]) == (1, None)


def test_more_than_one_photo_may_come_through_the_door(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    table, _ = two_products()
    photos = zipped({"사과.jpg": photo(), "한과.jpg": photo(), "메모.txt": b"x" * 26_000_000})
    assert send(owner, table, photos, start="false").json()["total"] == 2
    huge = {"photo": ("a.jpg", b"x" * 26_000_000, "image/jpeg")}
    refused(owner.api("POST", "/products", data={"name": "사과"}, files=huge), 413, "PAYLOAD_TOO_LARGE")


def test_the_wrong_file_is_told_beside_its_field(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    sent = {"table": ("목록.xlsx", b"PK\x03\x04"), "photos": ("사진.zip", b"no archive")}
    page = owner.post("/batch/list", {"scene": "wood", "formats": "square"}, files=sent)
    assert page.status_code == 422
    assert "CSV’로 저장해서" in page.text
    sent["table"] = ("목록.csv", "상품\n사과\n".encode())
    page = owner.post("/batch/list", {"scene": "wood", "formats": "square"}, files=sent)
    assert "‘사진.zip’ 파일이 깨져서" in page.text
    assert owner.post("/batch/list", {"scene": "wood", "formats": "square"}).status_code == 422
    assert owner.post("/batch/products", {"scenes": "wood", "formats": "square"}).status_code == 422
