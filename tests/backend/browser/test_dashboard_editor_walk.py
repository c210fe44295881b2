"""The text editor in a real Chromium over a real aiserver: what is seen is what is drawn, by hand, keys and form."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from nanococoa_backend.ads.repository import AdImages
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from support.made_ads import ad_of
from support.real_dashboard import Dashboards, Kind, RealDashboard
from support.screens import SEATS, Walk
from support.shopkeeping import add, shop_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
"""Each walk has three real pictures made, which takes its time on a busy machine."""

FORMATS = ["square", "story", "kakao_bizboard"]
NEAR = 0.015
"""How far a live text may be from the drawn one, as a share of the picture's side."""


@dataclass
class Desk:
    """Somebody with a finished ad in the editor."""

    walk: Walk
    served: RealDashboard
    business: str
    ad: str

    @property
    def page(self) -> Page:
        return self.walk.page

    @property
    def version(self) -> str:
        return str(ad_of(self.served.app, self.business, self.ad).version_id)

    def open(self, name: str = "square") -> None:
        self.walk.go(f"/ads/{self.ad}/edit?format={name}")
        self.ready()

    def ready(self) -> None:
        expect(self.page.locator(".art.ready")).to_be_visible()
        self.page.wait_for_function("() => document.querySelectorAll('.layer').length > 0")

    def text(self, role: str) -> Locator:
        return self.page.locator(f'.layer[data-role="{role}"]')

    def choose(self, role: str) -> None:
        self.text(role).focus()

    def panel(self, name: str) -> None:
        tab = self.page.locator(f'[data-panel="p-{name}"]')
        if tab.is_visible():
            tab.click()

    def drawn_exactly(self) -> None:
        expect(self.page.locator("[data-status]")).to_be_hidden()

    def save(self) -> str:
        """Saves and waits for the new version; its id."""
        before = self.version
        self.page.locator("[data-save]").click()
        expect(self.page.locator(".toast")).to_be_visible()
        self.ready()
        assert self.version != before
        return self.version

    def picture(self, name: str, version: str | None = None) -> np.ndarray:
        """The finished file of a format."""
        services = self.served.app.state.services
        with services.database.begin() as session:
            scope.narrow(session, uuid.UUID(self.business))
            assets = {image.format: asset for image, asset in AdImages(session).of(uuid.UUID(version or self.version))}
            data, _ = MediaService(session, services.store).file(assets[name], "original")
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)

    def layer(self, name: str) -> dict[str, Any]:
        answer = self.page.request.get(f"{self.served.url}/api/v1/ads/{self.ad}/versions/{self.version}/layers/{name}")
        found: dict[str, Any] = answer.json()
        return found

    def live(self) -> dict[str, dict[str, float]]:
        """Where each text stands in the frame, in pixels of the picture."""
        found: dict[str, dict[str, float]] = self.page.evaluate(
            """() => Object.fromEntries([...document.querySelector('.pane iframe').contentDocument
              .querySelectorAll('[data-role]')].map(e => {
                const range = e.ownerDocument.createRange();
                range.selectNodeContents(e);
                const { x, y, width, height } = range.getBoundingClientRect();
                return [e.dataset.role, { x, y, width, height }];
              }))"""
        )
        return found


@contextmanager
def desk_of(
    chromium: Browser, served: RealDashboard, size: str, locale: Locale, style: str = "lower", **options: object
) -> Iterator[Desk]:
    with shop_of(chromium, served, size, locale, **options) as walk:
        product = add(walk, "부사 사과")
        business = walk.page.request.get(f"{served.url}/api/v1/business").json()["id"]
        yield Desk(walk, served, business, served.make_ad(business, product, formats=FORMATS, style=style))


@pytest.mark.parametrize("seat", SEATS)
def test_words_are_moved_retyped_recoloured_saved_and_brought_back(
    chromium: Browser, dashboards: Dashboards, seat: tuple[str, Locale, Kind]
) -> None:
    size, locale, kind = seat
    with desk_of(chromium, dashboards(kind), size, locale) as desk:
        desk.open()
        desk.walk.looks_right("editor")
        first, before = desk.version, desk.picture("square")
        desk.choose("price")
        box = desk.text("price").bounding_box()
        assert box is not None
        desk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        desk.page.mouse.down()
        desk.page.mouse.move(box["x"] + box["width"] / 2 - 14, box["y"] + box["height"] / 2 - 6, steps=5)
        desk.page.mouse.up()
        moved = desk.text("price").bounding_box()
        assert moved is not None
        assert moved["x"] == pytest.approx(box["x"] - 14, abs=2)
        desk.choose("headline")
        desk.page.locator("[data-words]").fill("새벽에 딴 꿀부사 왔어요")
        desk.drawn_exactly()
        desk.panel("color")
        desk.page.locator('[data-color="#1a1a1a"]').click()
        assert "1a1a1a" not in desk.layer("square")["html"]
        desk.page.locator("[data-undo]").click()
        expect(desk.page.locator('[data-color="#1a1a1a"]')).to_have_attribute("aria-pressed", "false")
        desk.page.locator("[data-redo]").click()
        expect(desk.page.locator('[data-color="#1a1a1a"]')).to_have_attribute("aria-pressed", "true")
        desk.page.locator("[data-undo]").click()
        desk.drawn_exactly()
        for name in ("style", "place", "color"):
            desk.panel(name)
            desk.walk.looks_right(f"editor-{name}")
        expect(desk.page.locator("[data-legi]")).to_have_class("ok")
        expected = desk.live()
        saved = desk.save()
        desk.walk.looks_right("editor-saved")
        agree(desk, "square", expected)
        assert np.abs(desk.picture("square", saved) - before).max() > 100
        for name in FORMATS:
            assert any("꿀부사" in text["text"] for text in desk.layer(name)["texts"]), name
        desk.page.locator("[data-history]").click()
        desk.walk.looks_right("editor-versions")
        desk.page.get_by_role("button", name=re.compile(desk.walk.say("editor.restore"))).click()
        expect(desk.page.get_by_text(desk.walk.say("flash.version_used"))).to_be_visible()
        assert desk.version == first
        assert (desk.picture("square") == before).all()


def agree(desk: Desk, name: str, live: dict[str, dict[str, float]]) -> None:
    """Every text the renderer drew stands where the editor showed it."""
    layer = desk.layer(name)
    assert layer["texts"]
    for text in layer["texts"]:
        shown, drawn = live[text["role"]], text["box"]
        for side in ("x", "y", "width", "height"):
            most = NEAR * (layer["width"] if side in ("x", "width") else layer["height"])
            assert shown[side] == pytest.approx(drawn[side], abs=most), (text["role"], side)


@pytest.mark.parametrize("style", ["shout", "cover", "editorial", "coupon", "number", "season"])
def test_the_live_words_stand_where_the_renderer_puts_them(
    chromium: Browser, served: RealDashboard, style: str
) -> None:
    with desk_of(chromium, served, "desktop", "ko", style) as desk:
        for name in FORMATS:
            desk.open(name)
            agree(desk, name, desk.live())


def test_a_faint_colour_is_said_before_it_is_used_and_flags_its_size(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "desktop", "ko", "shout") as desk:
        desk.open()
        desk.choose("headline")
        white = desk.page.locator('[data-color="#ffffff"]')
        expect(white).to_have_attribute("aria-label", re.compile(desk.walk.say("editor.weak_short")))
        tab = desk.page.locator('[data-format="square"]')
        expect(tab).not_to_have_attribute("data-bad", "")
        white.click()
        expect(desk.page.locator("[data-legi]")).to_contain_text(desk.walk.say("editor.poor"))
        expect(tab).to_have_attribute("data-bad", "")
        desk.walk.looks_right("editor-faint")


def test_keys_alone_edit_and_save(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "desktop", "ko") as desk:
        desk.open()
        keys = desk.page.keyboard
        desk.choose("headline")
        before = desk.live()["headline"]
        for key in ("ArrowUp", "Shift+ArrowRight", "+"):
            keys.press(key)
        after = desk.live()["headline"]
        assert after["width"] > before["width"]
        assert after["x"] > before["x"]
        keys.press("Control+z")
        keys.press("Control+z")
        keys.press("Control+z")
        assert desk.live()["headline"] == before
        keys.press("Control+y")
        keys.press("Enter")
        expect(desk.page.locator("[data-words]")).to_be_focused()
        keys.type(" 꼭")
        desk.page.locator('[data-format="square"]').focus()
        keys.press("ArrowDown")
        expect(desk.page.locator('[data-format="story"]')).to_have_attribute("aria-selected", "true")
        desk.drawn_exactly()
        desk.page.locator("[data-save]").focus()
        keys.press("Enter")
        expect(desk.page.locator(".toast")).to_be_visible()
        assert any("꼭" in text["text"] for text in desk.layer("story")["texts"])


def test_what_was_not_saved_is_there_again_after_a_reload(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "phone", "ko") as desk:
        desk.open()
        desk.page.on("dialog", lambda dialog: dialog.accept())
        desk.choose("headline")
        desk.page.locator("[data-words]").fill("저장하지 않은 말")
        desk.drawn_exactly()
        desk.page.reload()
        desk.ready()
        expect(desk.page.locator("[data-offer]")).to_contain_text(desk.walk.say("editor.kept_draft"))
        desk.choose("headline")
        expect(desk.page.locator("[data-words]")).to_have_value("저장하지 않은 말")
        desk.page.get_by_role("button", name=desk.walk.say("editor.drop"), exact=True).click()
        expect(desk.page.locator("[data-words]")).not_to_have_value("저장하지 않은 말")


def test_offline_work_is_kept_and_saved_when_the_line_is_back(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "phone", "ko") as desk:
        desk.open()
        told, up = desk.page.locator("[data-status]"), desk.page.locator('[data-nudge="0,-1"]')
        desk.page.context.set_offline(True)
        expect(told).to_have_text(desk.walk.say("editor.offline"))
        desk.choose("headline")
        desk.panel("place")
        up.click()
        desk.page.locator("[data-save]").click()
        expect(told).to_have_text(desk.walk.say("editor.later"))
        up.click()
        expect(told).to_have_text(desk.walk.say("editor.later"))
        before = desk.version
        desk.page.context.set_offline(False)
        expect(desk.page.locator(".toast")).to_be_visible()
        assert desk.version != before
        assert desk.layer("square")["edits"]["headline"]["dy"] == -2


def test_a_save_that_gets_no_answer_is_told_in_words_and_goes_the_next_time(
    chromium: Browser, served: RealDashboard
) -> None:
    with desk_of(chromium, served, "phone", "ko") as desk:
        desk.open()
        desk.choose("headline")
        desk.page.keyboard.press("ArrowUp")
        desk.page.route("**/versions", lambda route: route.abort())
        desk.page.locator("[data-save]").click()
        expect(desk.page.locator("[data-status]")).to_have_text(desk.walk.say("editor.failed"))
        desk.page.unroute("**/versions")
        desk.save()
        assert desk.layer("square")["edits"]["headline"]["dy"] == -1


def test_a_version_saved_elsewhere_is_told_and_both_are_kept(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "desktop", "ko") as desk:
        desk.open()
        other = desk.page.context.new_page()
        other.goto(f"{served.url}/ads/{desk.ad}/edit")
        expect(other.locator(".art.ready")).to_be_visible()
        other.locator('.layer[data-role="price"]').focus()
        other.keyboard.press("ArrowLeft")
        other.locator("[data-save]").click()
        expect(other.locator(".toast")).to_be_visible()
        desk.choose("headline")
        desk.page.keyboard.press("ArrowUp")
        desk.page.locator("[data-save]").click()
        expect(desk.page.locator("#conflict")).to_be_visible()
        desk.walk.looks_right("editor-conflict")
        desk.page.get_by_role("button", name=desk.walk.say("editor.conflict_mine"), exact=True).click()
        expect(desk.page.locator(".toast")).to_be_visible()
        edits = desk.layer("square")["edits"]
        assert (edits["headline"]["dy"], edits["price"]["dx"]) == (-1, -1)


def test_without_scripts_a_form_edits_every_text(chromium: Browser, served: RealDashboard) -> None:
    with desk_of(chromium, served, "phone", "ko", java_script_enabled=False) as desk:
        desk.walk.go(f"/ads/{desk.ad}/edit")
        expect(desk.page.locator("[data-save]")).to_be_hidden()
        desk.page.locator('[name="words.headline"]').fill("종이처럼 고친 말")
        desk.page.locator('[name="size.headline"]').select_option("1.15")
        desk.page.locator("form.stack5 button[type=submit]").click()
        expect(desk.page.get_by_text(desk.walk.say("flash.version_saved"))).to_be_visible()
        assert desk.layer("story")["edits"]["headline"]["scale"] == 1.15
        assert any("종이처럼" in text["text"] for text in desk.layer("story")["texts"])
