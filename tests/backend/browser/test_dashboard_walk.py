"""The dashboard in a real Chromium: a shop owner's first steps on a phone and a desktop, in both languages."""

from __future__ import annotations

import re
import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, FilePayload, Route, expect

from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.products.models import Cutout
from support.dashboard import PASSWORD
from support.real_dashboard import Dashboards, Kind, RealDashboard, sample
from support.screens import SEATS, Walk, seated
from support.shopkeeping import add, shop_of
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

APPLES: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample()}

OTHER_SEATS = [
    pytest.param(("phone", "en", "postgres"), id="phone-en-postgres", marks=pytest.mark.postgres),
    pytest.param(("desktop", "ko", "sqlite"), id="desktop-ko-sqlite"),
]
"""The first steps are walked in both languages at both sizes: words that fit in one may not in the other."""


def begin(walk: Walk) -> None:
    """Sign up and take the practice shop, looking at every page."""
    walk.go("/sign-in")
    walk.looks_right("sign-in")
    walk.page.get_by_role("link", name=walk.say("sign_in.sign_up")).click()
    walk.looks_right("sign-up")
    walk.fill("sign_up.name", "김햇살")
    walk.fill("sign_in.email", f"{uuid.uuid4().hex}@haetsal.kr")
    walk.fill("sign_in.password", PASSWORD)
    walk.press("sign_up.submit")
    expect(walk.page).to_have_url(re.compile("/businesses/new$"))
    walk.looks_right("business-new")
    walk.press("business.new.demo")
    expect(walk.page).to_have_url(walk.server.url + "/")


def add_by_hand(walk: Walk, name: str) -> None:
    walk.go("/products/new")
    walk.page.locator("#photo").set_input_files(APPLES)
    expect(walk.page.get_by_alt_text(walk.say("products.new.chosen"))).to_be_visible()
    walk.fill("products.new.name", name)
    walk.fill("products.new.price", "39,900")
    walk.press("products.new.submit")
    expect(walk.page.locator("[data-cut]")).to_be_visible()


def boxes_of(walk: Walk, product: str) -> list[list[int]]:
    """What was asked to be cut out within, newest last."""
    with walk.app.state.services.database.begin() as session:
        scope.widen(session)
        query = sa.select(Cutout).where(Cutout.product_id == uuid.UUID(product)).order_by(Cutout.created_at)
        return [cutout.box for cutout in session.scalars(query) if cutout.box]


@pytest.mark.parametrize("seat", SEATS + OTHER_SEATS)
def test_from_the_first_visit_to_a_fixed_cutout(
    chromium: Browser, dashboards: Dashboards, seat: tuple[str, Locale, Kind]
) -> None:
    size, locale, kind = seat
    with seated(chromium, dashboards(kind), size, locale) as walk:
        first_steps(walk)


def first_steps(walk: Walk) -> None:
    begin(walk)
    walk.looks_right("home-empty")
    walk.go("/products")
    walk.looks_right("products-empty")
    walk.go("/products/new")
    walk.looks_right("product-new")
    add_by_hand(walk, "부사 사과")
    walk.looks_right("product")
    walk.press("products.cut.remove")
    canvas = walk.page.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    walk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    walk.page.mouse.down()
    walk.page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2, steps=4)
    walk.page.mouse.up()
    walk.press("products.cut.use")
    expect(walk.page).to_have_url(re.compile("/products$"))
    walk.looks_right("products")
    walk.page.get_by_role("link", name=re.compile("부사 사과")).first.click()
    expect(walk.page.get_by_text(walk.say("products.cut.own"), exact=True)).to_be_visible()
    walk.looks_right("product-own")
    for name, path in (("home", "/"), ("business", "/business"), ("account", "/account"), ("not-found", "/nowhere")):
        walk.go(path)
        walk.looks_right(name)


def test_keys_alone_fix_a_cutout(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "desktop") as walk:
        walk.go(f"/products/{add(walk, '배')}")
        walk.page.get_by_role("button", name=walk.say("products.cut.remove"), exact=True).focus()
        walk.page.keyboard.press("Enter")
        walk.page.locator("canvas").focus()
        for key in ("ArrowLeft", "Shift+ArrowUp", "Space", "Space"):
            walk.page.keyboard.press(key)
        walk.page.get_by_role("button", name=walk.say("products.cut.use")).focus()
        walk.page.keyboard.press("Enter")
        expect(walk.page).to_have_url(re.compile("/products$"))
        walk.page.get_by_role("link", name=re.compile("배")).first.click()
        expect(walk.page.get_by_text(walk.say("products.cut.own"), exact=True)).to_be_visible()


def test_a_box_is_drawn_and_numbers_do_the_same(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as walk:
        product = add(walk, "감")
        walk.go(f"/products/{product}")
        walk.press("products.cut.box")
        box = walk.page.locator("canvas").bounding_box()
        assert box is not None
        walk.page.mouse.move(box["x"] + 60, box["y"] + 60)
        walk.page.mouse.down()
        walk.page.mouse.move(box["x"] + box["width"] - 60, box["y"] + box["height"] - 60, steps=4)
        walk.page.mouse.up()
        expect(walk.page.get_by_text(walk.say("products.cut.version_auto"))).to_be_visible()
        (drawn,) = boxes_of(walk, product)
        assert min(drawn) > 0
        walk.page.get_by_text(walk.say("products.cut.numbers"), exact=True).click()
        walk.fill("products.cut.left", "100")
        walk.fill("products.cut.width", "300")
        walk.press("products.cut.numbers_go")
        until(lambda: len(boxes_of(walk, product)) == 2)
        typed = boxes_of(walk, product)[-1]
        assert (typed[0], typed[2]) == (100, 300)


def test_everything_is_reached_without_scripts(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone", java_script_enabled=False) as walk:
        walk.go("/products/new")
        walk.page.locator("#photo").set_input_files(APPLES)
        walk.fill("products.new.name", "귤")
        walk.press("products.new.submit")
        expect(walk.page.get_by_role("heading", name="귤").first).to_be_attached()

        def cut() -> bool:
            walk.page.reload()
            return walk.page.get_by_alt_text(walk.say("products.cutout_alt", name="귤")).is_visible()

        until(cut)
        walk.press("products.cut.use")
        expect(walk.page).to_have_url(re.compile("/products$"))


def test_dark_screens_read_as_well_and_the_choice_stays(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "desktop") as walk:
        add(walk, "포도")
        walk.press("nav.dark")
        for name, path in (("dark-home", "/"), ("dark-products", "/products"), ("dark-business", "/business")):
            walk.go(path)
            assert walk.page.locator("html").get_attribute("data-theme") == "dark"
            walk.looks_right(name)


def test_a_token_is_made_shown_once_and_revoked(walk: Walk) -> None:
    walk.page.emulate_media(reduced_motion="reduce")  # colours change at once, not over a moment
    walk.go("/account/tokens")
    walk.looks_right("tokens-empty")
    walk.fill("tokens.name", "주문 프로그램")
    walk.page.get_by_text(walk.say("tokens.access_write"), exact=True).click()
    walk.press("tokens.make")
    secret = walk.page.get_by_label(walk.say("tokens.secret"), exact=True)
    expect(secret).to_have_value(re.compile("^nc_"))
    walk.looks_right("tokens-fresh")
    walk.page.emulate_media(color_scheme="dark")
    walk.looks_right("tokens-dark")
    walk.go("/account/tokens")
    expect(secret).to_have_count(0)
    walk.page.get_by_role("button", name=walk.say("tokens.revoke_of", name="주문 프로그램")).click()
    expect(walk.page.get_by_text(walk.say("flash.token_revoked"))).to_be_visible()


def test_without_a_connection_the_page_says_so(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as walk:
        walk.page.context.set_offline(True)
        expect(walk.page.get_by_text(walk.say("common.offline"))).to_be_visible()
        walk.looks_right("offline")
        walk.page.context.set_offline(False)
        expect(walk.page.get_by_text(walk.say("common.offline"))).to_be_hidden()


def test_a_picture_that_was_asked_for_while_its_service_was_away_comes_by_itself(
    chromium: Browser, served: RealDashboard
) -> None:
    with shop_of(chromium, served, "phone") as walk:
        add(walk, "부사 사과")
        asked: list[str] = []

        def away_once(route: Route) -> None:
            asked.append(route.request.resource_type)
            if asked == ["image"]:
                return route.fulfill(status=502, body="")
            return route.continue_()

        walk.page.route(re.compile("/media/"), away_once)
        walk.go("/products")
        picture = walk.page.locator("main img").first
        expect(picture).to_have_js_property("complete", True)
        until(lambda: picture.evaluate("one => one.naturalWidth") > 0)
        assert asked == ["image", "fetch", "image"]


def test_a_picture_that_is_gone_is_looked_for_once_more_and_left(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as walk:
        add(walk, "부사 사과")
        asked: list[str] = []

        def gone(route: Route) -> None:
            asked.append(route.request.resource_type)
            route.fulfill(status=404, body="")

        walk.page.route(re.compile("/media/"), gone)
        walk.go("/products")
        until(lambda: walk.page.evaluate("document.readyState") == "complete" and len(asked) >= 2)
        walk.go("/products/new")
        assert asked == ["image", "fetch"]
