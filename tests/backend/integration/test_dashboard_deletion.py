"""A shop can take everything along, go, come back for a week, and leaves nothing behind after that."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.accounts.models import User
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.ads.versions import Outcome, stored_file
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.leaving.models import Export
from nanococoa_backend.leaving.owned import owned_tables
from nanococoa_backend.leaving.removing import GRACE, MARGIN, PATIENCE, Removing
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.models import METADATA
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import BusinessOwned, now
from nanococoa_client.schemas import Checks, GenerateRequest
from support.dashboard import PASSWORD, Browser, Dashboard, photo, refused
from support.waiting import until

SHOP = "햇살과일"


def shop_of(browser: Browser) -> uuid.UUID:
    return uuid.UUID(browser.api("GET", "/business").json()["id"])


def ready_export(browser: Browser) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        (row,) = browser.api("GET", "/business/exports").json()["exports"]
        return row if row["status"] != "waiting" else None

    row = until(look) or {}
    assert row["status"] == "ready", row
    return row


def unpacked(browser: Browser, export_id: str) -> zipfile.ZipFile:
    answer = browser.api("GET", f"/exports/{export_id}/file")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def removing(dashboard: Dashboard) -> Removing:
    services = dashboard.app.state.services
    return Removing(services.database, services.store, services.aiserver)


def long_ago(dashboard: Dashboard, table: type[Business | User], row_id: uuid.UUID, ago: timedelta) -> None:
    with dashboard.app.state.services.database.begin() as session:
        session.execute(sa.update(table).where(table.id == row_id).values(deleted_at=now() - ago))


def finished_ad(dashboard: Dashboard, business_id: uuid.UUID, product: str, job_id: str, picture: bytes) -> uuid.UUID:
    """With a version and its picture, as it comes home."""
    services = dashboard.app.state.services
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        media = MediaService(session, services.store)
        ads = AdService(session, media, business_id, None, services.making)
        ad = Ad(
            business_id=business_id, product_id=uuid.UUID(product), title="햇사과/특가:", request={}, job_id=job_id,
            status="completed",
        )  # fmt: skip
        ads.ads.add(ad)
        file = stored_file(services.store, business_id, "square", picture)
        ads.add_version(ad, Outcome(job_id, (file,), None, None, Checks(), ()), source="made")
        return ad.id


def test_an_export_holds_every_record_and_picture(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    product = owner.add_product("부사 사과")
    owner.finished_cutout(product)
    picture = photo(200, 200)
    finished_ad(dashboard, shop_of(owner), product, "job-1", picture)
    assert owner.post("/business/exports").status_code == 303
    archive = unpacked(owner, ready_export(owner)["id"])
    names = archive.namelist()
    assert json.loads(archive.read("data/products.json"))[0]["name"] == "부사 사과"
    assert json.loads(archive.read("data/businesses.json"))[0]["name"] == SHOP
    assert json.loads(archive.read("data/people.json"))[0]["email"] == "sajang@haetsal.kr"
    (ad,) = [name for name in names if name.startswith("ads/")]
    assert "햇사과 특가" in ad
    assert ad.endswith("/1-square.jpg")
    assert archive.read(ad) == picture
    assert len([name for name in names if name.startswith("pictures/")]) == 2
    assert "읽어 주세요.txt" in names
    assert "missing.json" not in names


def test_an_export_keeps_secrets_to_itself(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    token = owner.api("POST", "/me/tokens", json={"name": "내 프로그램"}).json()["token"]
    hook = owner.api("POST", "/webhooks", json={"url": "https://example.com/x", "events": ["ad.completed"]}).json()
    owner.post("/business/exports")
    archive = unpacked(owner, ready_export(owner)["id"])
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"api_tokens.json" in "".join(archive.namelist()).encode()
    assert token.encode() not in everything
    assert hook["secret"].encode() not in everything
    assert b"secret_hash" not in everything


def test_asking_twice_makes_one_export_and_only_owners_fetch_it(dashboard: Dashboard) -> None:
    owner, editor, thief = dashboard.owner("a@b.kr"), dashboard.visitor(), dashboard.owner("thief@b.kr")
    editor.sign_up("editor@b.kr")
    owner.post("/business/members", {"email": "editor@b.kr", "role": "editor"})
    export = owner.api("POST", "/business/exports").json()["id"]
    ready_export(owner)
    for browser in (editor, thief):
        refused(browser.api("GET", f"/exports/{export}/file"), 404, "NOT_FOUND")
        assert browser.get(f"/exports/{export}").status_code == 404
    refused(editor.api("POST", "/business/exports"), 403, "FORBIDDEN")
    assert owner.get(f"/exports/{export}").headers["content-disposition"].startswith("attachment")


def test_a_shop_is_deleted_by_its_name_alone_and_comes_back_whole(dashboard: Dashboard) -> None:
    owner, member = dashboard.owner("a@b.kr"), dashboard.visitor()
    member.sign_up("m@b.kr")
    owner.post("/business/members", {"email": "m@b.kr", "role": "editor"})
    product, shop = owner.add_product(), shop_of(owner)
    refused(owner.api("POST", "/business/delete", json={"name": "다른 이름"}), 422, "INVALID_PARAMETER")
    page = owner.post("/business/delete", {"name": ""})
    assert page.status_code == 422
    assert owner.post("/business/delete", {"name": f" {SHOP} "}).headers["location"] == "/businesses/deleted"
    refused(member.api("GET", "/products"), 409, "NO_BUSINESS")
    assert owner.get("/").headers["location"] == "/businesses/new"
    assert SHOP in owner.get("/businesses/deleted").text
    assert SHOP not in member.get("/businesses/deleted").text
    assert member.post(f"/businesses/{shop}/restore").status_code == 404
    (gone,) = owner.api("GET", "/businesses/deleted").json()["businesses"]
    assert gone["export"]["reason"] == "deletion"
    until(lambda: owner.api("GET", "/businesses/deleted").json()["businesses"][0]["export"]["status"] == "ready")
    archive = unpacked(owner, gone["export"]["id"])
    assert "data/products.json" in archive.namelist()
    assert owner.post(f"/businesses/{shop}/restore").status_code == 303
    assert owner.api("GET", f"/products/{product}").status_code == 200
    assert member.api("GET", f"/products/{product}").status_code == 200


def test_a_deleted_shop_lets_no_token_in_and_stops_what_runs(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    token = owner.api("POST", "/me/tokens", json={"name": "프로그램", "access": "write"}).json()["token"]
    shop, services = shop_of(owner), sqlite_dashboard.app.state.services
    sqlite_dashboard.aiserver.away = True
    with services.database.begin() as session:
        scope.narrow(session, shop)
        later = now() + timedelta(hours=1)  # nobody looks after it before
        session.add(Ad(business_id=shop, title="x", request={}, status="waiting", next_try_at=later))
    bearer = {"Authorization": f"Bearer {token}"}
    assert sqlite_dashboard.visitor().raw("GET", "/api/v1/products", headers=bearer).status_code == 200
    assert owner.api("POST", "/business/delete", json={"name": SHOP}).status_code == 204
    assert sqlite_dashboard.visitor().raw("GET", "/api/v1/products", headers=bearer).status_code in (401, 409)
    with services.database.begin() as session:
        scope.narrow(session, shop)
        (ad,) = session.scalars(sa.select(Ad))
        assert ad.status == "stopped" or ad.stop_wanted


def test_after_the_week_no_row_no_file_and_no_job_is_left(dashboard: Dashboard) -> None:
    owner, other = dashboard.owner("a@b.kr"), dashboard.owner("b@b.kr")
    product = owner.add_product()
    owner.finished_cutout(product)
    kept = other.add_product("남의 사과")
    other.finished_cutout(kept)
    shop, services = shop_of(owner), dashboard.app.state.services
    accepted = asyncio.run(_job(dashboard))
    finished_ad(dashboard, shop, product, accepted, photo(210, 200))
    owner.api("POST", "/business/delete", json={"name": SHOP})
    until(lambda: owner.api("GET", "/businesses/deleted").json()["businesses"][0]["export"]["status"] == "ready")
    asyncio.run(removing(dashboard).work())
    assert list(services.store.listed(shop))
    long_ago(dashboard, Business, shop, GRACE + timedelta(minutes=1))
    assert owner.post(f"/businesses/{shop}/restore").status_code == 404  # too late to come back, not yet removed
    long_ago(dashboard, Business, shop, GRACE + MARGIN + timedelta(minutes=1))
    asyncio.run(removing(dashboard).work())
    assert list(services.store.listed(shop)) == []
    assert dashboard.aiserver.made() == []
    assert rows_naming(dashboard, shop) == {"audit_log"}
    assert other.api("GET", f"/products/{kept}").status_code == 200
    assert other.get(f"/media/{other.api('GET', f'/products/{kept}').json()['photo_id']}/view").status_code == 200


async def _job(dashboard: Dashboard) -> str:
    data = "data:image/png;base64,iVBORw0KGgo="
    request = GenerateRequest.model_validate({"text_content": "x", "bg_prompt": "x", "product_image": data})
    return (await dashboard.aiserver.generate(request)).job_id


def rows_naming(dashboard: Dashboard, business_id: uuid.UUID) -> set[str]:
    """Tables that hold the id in any column, whatever it is called."""
    found = set()
    with dashboard.app.state.services.database.begin() as session:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                is_id = isinstance(column.type, sa.Uuid)
                if is_id and session.execute(sa.select(column).where(column == business_id)).first():
                    found.add(table.name)
    return found


def test_an_aiserver_that_is_away_is_waited_for_but_not_for_ever(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    product, shop = owner.add_product(), shop_of(owner)
    accepted = asyncio.run(_job(sqlite_dashboard))
    finished_ad(sqlite_dashboard, shop, product, accepted, photo(210, 200))
    owner.api("POST", "/business/delete", json={"name": SHOP})

    async def away(job_id: str) -> None:
        from nanococoa_client.errors import UpstreamUnavailable

        raise UpstreamUnavailable(service="nanococoa_aiserver")

    sqlite_dashboard.aiserver.delete = away  # type: ignore[method-assign]
    long_ago(sqlite_dashboard, Business, shop, GRACE + MARGIN + timedelta(minutes=1))
    asyncio.run(removing(sqlite_dashboard).work())
    assert "businesses" in rows_naming(sqlite_dashboard, shop)
    long_ago(sqlite_dashboard, Business, shop, GRACE + PATIENCE + timedelta(minutes=1))
    asyncio.run(removing(sqlite_dashboard).work())
    assert rows_naming(sqlite_dashboard, shop) == {"audit_log"}


def test_a_shop_that_ends_takes_its_homepages_with_it_drafts_too(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    shop, services, gone = shop_of(owner), sqlite_dashboard.app.state.services, []
    with services.database.begin() as session:
        scope.narrow(session, shop)
        session.add(Homepage(business_id=shop, title="x", slug="haetsal", published="v1"))
        session.add(Homepage(business_id=shop, title="y", slug="haetsal-2"))
        session.add(Homepage(business_id=shop, title="not made yet"))
    owner.api("POST", "/business/delete", json={"name": SHOP})
    long_ago(sqlite_dashboard, Business, shop, GRACE + MARGIN + timedelta(minutes=1))

    async def remove_site(slug: str) -> None:
        gone.append(slug)

    asyncio.run(Removing(services.database, services.store, services.aiserver, remove_site).work())
    assert sorted(gone) == ["haetsal", "haetsal-2"]
    assert rows_naming(sqlite_dashboard, shop) == {"audit_log"}


def test_every_table_of_a_business_is_found_by_its_foreign_key() -> None:
    owned = {mapper.local_table.name for mapper in _mappers() if issubclass(mapper.class_, BusinessOwned)}
    assert owned <= {table.name for table in owned_tables()}
    assert {"memberships", "api_tokens"} <= {table.name for table in owned_tables()}


def _mappers() -> Any:
    return Business.registry.mappers


def test_every_foreign_key_lets_a_person_and_a_business_go() -> None:
    stuck = [
        f"{table.name}.{key.parent.name}"
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("users", "businesses") and key.ondelete not in ("CASCADE", "SET NULL")
    ]
    assert stuck == []


def test_an_account_goes_by_its_password_and_comes_back_by_signing_in(dashboard: Dashboard) -> None:
    browser = dashboard.visitor()
    browser.sign_up("a@b.kr")
    assert browser.get("/account/leaving").status_code == 200
    assert browser.post("/account/delete", {"password": "아니에요 아니에요"}).status_code == 422
    assert browser.post("/account/delete", {"password": PASSWORD}).headers["location"] == "/sign-in"
    assert browser.get("/account").status_code == 303
    again = dashboard.visitor()
    assert again.sign_in("a@b.kr").status_code == 303
    assert again.get("/account").status_code == 200


def test_after_the_week_the_account_is_gone_and_its_address_free(dashboard: Dashboard) -> None:
    browser = dashboard.visitor()
    browser.sign_up("a@b.kr")
    user_id = uuid.UUID(browser.api("GET", "/me").json()["id"])
    assert browser.api("POST", "/me/delete", json={"password": PASSWORD}).status_code == 204
    long_ago(dashboard, User, user_id, GRACE + MARGIN + timedelta(minutes=1))
    asyncio.run(removing(dashboard).work())
    assert rows_naming(dashboard, user_id) == {"audit_log"}
    assert dashboard.visitor().sign_in("a@b.kr").status_code == 422
    assert dashboard.visitor().sign_up("a@b.kr").status_code == 303


def test_the_only_owner_of_a_shop_leaves_it_first(dashboard: Dashboard) -> None:
    owner, heir = dashboard.owner("a@b.kr"), dashboard.visitor()
    error = refused(owner.api("POST", "/me/delete", json={"password": PASSWORD}), 403, "FORBIDDEN")
    assert SHOP in error["message"]
    heir.sign_up("heir@b.kr")
    owner.post("/business/members", {"email": "heir@b.kr", "role": "owner"})
    assert owner.api("POST", "/me/delete", json={"password": PASSWORD}).status_code == 204
    refused(heir.api("POST", "/me/delete", json={"password": PASSWORD}), 403, "FORBIDDEN")
    me = heir.api("GET", "/me").json()["id"]
    refused(heir.api("PUT", f"/business/members/{me}", json={"role": "viewer"}), 403, "FORBIDDEN")


def test_a_disk_that_is_full_is_said_and_tried_again(
    sqlite_dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nanococoa_backend.leaving import exporting

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    owner = sqlite_dashboard.owner()
    database, shop = sqlite_dashboard.app.state.services.database, shop_of(owner)
    monkeypatch.setattr(exporting, "write_archive", full)
    monkeypatch.setattr(exporting, "MOST_TRIES", 1)
    owner.post("/business/exports")
    until(lambda: owner.api("GET", "/business/exports").json()["exports"][0]["status"] == "failed")
    assert "공간이 모자라" in owner.get("/business/leaving").text
    monkeypatch.undo()
    owner.post("/business/exports")
    until(lambda: owner.api("GET", "/business/exports").json()["exports"][0]["status"] == "ready")
    with database.begin() as session:
        scope.narrow(session, shop)
        assert len(session.scalars(sa.select(Export)).all()) == 2
