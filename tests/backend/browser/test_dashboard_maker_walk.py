"""From a product to finished ads in a real Chromium over a real aiserver: by hand, by keys, and without scripts."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from playwright.sync_api import Browser, expect

from support.real_dashboard import RealDashboard
from support.screens import MADE, Walk, seated
from support.shopkeeping import add, shop_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PRODUCTS = {
    "ko": (("청송 부사 사과", "12", "39,900", "청송에서 키웠어요"), ("초록 아오리", "14", "32,000", "새콤해요")),
    "en": (("Fuji apples", "12", "39,900", "Grown in Cheongsong"), ("Green apples", "14", "32,000", "Crisp and tart")),
}


def test_an_ad_is_made_watched_found_shared_and_varied(walk: Walk) -> None:
    page = walk.page
    walk.go("/ads/new")
    walk.looks_right("maker-empty")
    walk.go("/ads")
    walk.looks_right("ads-empty")
    for name, number, price, notes in PRODUCTS[walk.locale]:
        add(walk, name, number, price, notes)
    walk.go("/ads/new")
    walk.looks_right("maker")
    page.locator('input[name="scene"][value="podium"]').check(force=True)
    page.locator('input[name="copy_text"][value="own"]').check(force=True)
    page.locator("#own-headline").fill("산지에서 온 아삭한 부사" if walk.locale == "ko" else "Crisp from the orchard")
    page.locator("#own-price").fill("39,900원")
    walk.looks_right("maker-own-words")
    page.locator('input[name="copy_text"]').first.check(force=True)
    page.locator("[data-make]:visible").first.click()
    expect(page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
    ad = page.url.rpartition("/")[2]
    walk.looks_right("progress-waiting")
    expect(page.locator("[data-painted]:visible, [data-hanging]")).to_have_count(1, timeout=MADE)
    walk.looks_right("progress")
    expect(page.locator("[data-hanging]")).to_be_visible(timeout=MADE)
    walk.looks_right("ad")
    walk.go("/")
    walk.looks_right("home-ads")
    walk.go("/ads")
    walk.looks_right("ads")
    page.locator("[data-favorite]").first.click()
    expect(page.locator('[data-favorite][aria-pressed="true"]')).to_have_count(1)
    walk.go("/ads?only=favorites")
    expect(page.locator(".wall > li")).to_have_count(1)
    archive = page.request.get(f"{walk.server.url}/ads/{ad}/zip")
    assert zipfile.ZipFile(io.BytesIO(archive.body())).testzip() is None
    walk.go(f"/ads/{ad}")
    walk.press("share.make")
    address = page.locator("#link-1").input_value()
    walk.looks_right("ad-shared")
    page.goto(address)
    walk.looks_right("shared")
    walk.go(f"/ads/new?from={ad}#s2")
    expect(page.locator('input[name="scene"][value="podium"]')).to_be_checked()
    page.locator('input[name="scene"][value="wood"]').check(force=True)
    page.locator("[data-make]:visible").first.click()
    expect(page.locator("[data-hanging]")).to_be_visible(timeout=MADE)
    other = page.url.partition("?")[0].rpartition("/")[2]
    walk.go(f"/ads/compare?a={ad}&b={other}")
    walk.looks_right("compare")
    walk.go("/ads?select=1")
    walk.looks_right("ads-select")
    walk.go(f"/ads/{other}")
    walk.press("gallery.delete")
    expect(page.locator(".toast")).to_be_visible()
    walk.looks_right("ads-deleted-toast")
    walk.go("/ads/deleted")
    walk.looks_right("ads-deleted")
    page.locator("main form button").first.click()
    expect(page).to_have_url(re.compile(other))


def test_keys_alone_make_an_ad(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "desktop") as walk:
        add(walk, "청송 부사 사과")
        walk.go("/ads/new")
        keys = walk.page.keyboard
        walk.page.locator('input[name="product"]').first.focus()
        keys.press("Tab")
        assert walk.page.evaluate("document.activeElement.name") == "scene"
        keys.press("ArrowRight")
        while walk.page.evaluate("document.activeElement.name") != "formats":
            keys.press("Tab")
        before = walk.page.locator('input[name="formats"]:checked').count()
        keys.press("Space")
        assert walk.page.locator('input[name="formats"]:checked').count() != before
        keys.press("Space")
        walk.page.locator("[data-make]:visible").first.focus()
        keys.press("Enter")
        expect(walk.page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
        expect(walk.page.locator("[data-hanging]")).to_be_visible(timeout=MADE)


def test_without_scripts_an_ad_is_made_all_the_same(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as walk:
        add(walk, "청송 부사 사과")
        state = walk.page.context.storage_state()
        with seated(chromium, served, "phone", "ko", java_script_enabled=False, storage_state=state) as plain:
            plain.go("/ads/new")
            plain.page.locator("button[type=submit]:visible").last.click()
            expect(plain.page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
            expect(plain.page.locator("[data-hanging]")).to_be_visible(timeout=MADE)


EVERY_SIZE = "() => document.querySelectorAll('[name=formats]').forEach(box => { box.checked = true })"


def test_an_ad_is_stopped_and_goes_on_from_there(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as walk:
        add(walk, "청송 부사 사과")
        for _ in range(3):  # the last waits behind the others: it can't be finished before it is stopped
            walk.go("/ads/new")
            walk.page.evaluate(EVERY_SIZE)
            walk.page.locator("[data-make]:visible").first.click()
            expect(walk.page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
        walk.page.get_by_role("button", name=re.compile("멈추기")).locator("visible=true").first.click()
        walk.looks_right("progress-stop")
        walk.page.locator("dialog[open] button[type=submit]").click()
        expect(walk.page.get_by_text(walk.say("ads.headline.stopped")).first).to_be_visible()
        walk.looks_right("ad-stopped")
        walk.page.locator("main form button.act").first.click()
        expect(walk.page.locator("[data-hanging]")).to_be_visible(timeout=MADE)
