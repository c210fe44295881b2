"""The system page, administration, and leaving with everything, in a real Chromium over a real aiserver."""

from __future__ import annotations

import re
import uuid
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from nanococoa_backend.accounts.models import User
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import now
from support.dashboard import PASSWORD
from support.real_dashboard import RealDashboard
from support.screens import Walk
from support.shopkeeping import shop_of
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


def business_of(walk: Walk) -> uuid.UUID:
    return uuid.UUID(walk.page.request.get(f"{walk.server.url}/api/v1/business").json()["id"])


def promote(walk: Walk) -> None:
    """An administrator, with an ad that failed."""
    me = uuid.UUID(walk.page.request.get(f"{walk.server.url}/api/v1/me").json()["id"])
    problem = {
        "code": "INVALID_IMAGE",
        "message": "사진에서 상품을 찾지 못했어요. 상품을 네모로 감싸 주세요.",
        "message_en": "No product was found in the photo. Draw a box around it.",
    }
    shop = business_of(walk)
    with walk.app.state.services.database.begin() as session:
        scope.narrow(session, shop)
        session.execute(sa.update(User).where(User.id == me).values(is_admin=True))
        failed = Ad(business_id=shop, title="햇사과 10kg 특가", request={}, status="failed", problem=problem)
        failed.finished_at = now()
        session.add(failed)


def test_the_owner_sees_how_all_is_and_whoever_runs_it_sees_more(walk: Walk) -> None:
    walk.go("/more")
    walk.looks_right("more")
    walk.page.get_by_role("link", name=walk.say("nav.system")).locator("visible=true").first.click()
    expect(walk.page.locator(".svc")).to_have_count(5)
    expect(walk.page.locator(".tag.ok").first).to_be_visible()
    expect(walk.page.get_by_text(walk.say("system.machine.title"), exact=True)).to_have_count(0)
    walk.looks_right("system")
    promote(walk)
    expect(walk.page.get_by_text("햇사과 10kg 특가")).to_be_visible()  # the page looks again by itself
    walk.go("/system")
    expect(walk.page.get_by_text(walk.say("system.machine.title"), exact=True)).to_be_visible()
    walk.looks_right("system-admin")


def test_an_administrator_finds_people_and_sets_limits(walk: Walk) -> None:
    promote(walk)
    walk.go("/admin")
    walk.page.locator(".people summary").first.click()
    walk.looks_right("admin-users")
    walk.page.get_by_role("link", name=walk.say("admin.businesses"), exact=True).click()
    walk.looks_right("admin-businesses")
    walk.go(f"/admin/businesses/{business_of(walk)}")
    walk.fill("admin.limit.products", "many")
    walk.press("common.save")
    expect(walk.page.locator("[aria-invalid]")).to_have_count(1)
    walk.fill("admin.limit.products", "30")
    walk.press("common.save")
    expect(walk.page.get_by_text(walk.say("admin.limit.holding", most="30"))).to_be_visible()
    walk.looks_right("admin-business")
    walk.page.get_by_role("link", name=walk.say("admin.audit"), exact=True).click()
    expect(walk.page.get_by_text("admin.limits").first).to_be_visible()
    walk.looks_right("admin-audit")


def test_a_shop_takes_everything_along_goes_and_comes_back(walk: Walk, tmp_path: Path) -> None:
    walk.go("/business")
    walk.page.get_by_role("link", name=walk.say("business.facts.leaving")).click()
    walk.press("leaving.export.ask")
    fetch = walk.page.get_by_role("link", name=walk.say("leaving.export.fetch")).first

    def is_ready() -> bool:
        walk.go("/business/leaving")
        return fetch.count() > 0

    until(is_ready)
    with walk.page.expect_download() as download:
        fetch.click()
    download.value.save_as(tmp_path / "all.zip")
    assert "data/businesses.json" in zipfile.ZipFile(tmp_path / "all.zip").namelist()
    shop = walk.page.request.get(f"{walk.server.url}/api/v1/business").json()["name"]
    name = walk.page.get_by_label(walk.say("leaving.delete.name", name=shop))
    name.fill("다른 이름")
    walk.press("leaving.delete.submit")
    expect(walk.page.get_by_text(walk.say("forms.name_differs"))).to_be_visible()
    walk.looks_right("leaving")
    name.fill(shop)
    walk.press("leaving.delete.submit")
    expect(walk.page).to_have_url(re.compile("/businesses/deleted$"))
    walk.looks_right("deleted")
    walk.press("leaving.deleted.restore")
    expect(walk.page.get_by_role("heading", name=shop)).to_be_visible()


def test_an_account_goes_by_its_password(walk: Walk) -> None:
    walk.go("/account")
    walk.page.get_by_role("link", name=walk.say("account.leaving")).click()
    walk.looks_right("account-leaving")
    walk.page.locator("[name=password]").fill(PASSWORD)
    walk.press("leaving.account.submit")
    shop = walk.page.request.get(f"{walk.server.url}/api/v1/business").json()["name"]
    expect(walk.page.get_by_text(walk.say("errors.owner_of", names=shop))).to_be_visible()
    walk.looks_right("account-owner")


def test_pages_of_upkeep_work_without_scripts(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone", java_script_enabled=False) as walk:
        walk.go("/system")
        expect(walk.page.get_by_text(walk.say("system.service.store.name"), exact=True)).to_be_visible()
        walk.page.get_by_role("link", name=walk.say("system.again")).click()
        walk.go("/business/leaving")
        walk.press("leaving.export.ask")
        expect(walk.page.get_by_text(walk.say("flash.export_asked"))).to_be_visible()
