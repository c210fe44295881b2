"""Products from photo to fixed cut-out, hostile uploads, and an aiserver that goes away."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from support.dashboard import Browser, Dashboard, photo, refused, strokes
from support.hostile_pictures import animation, bomb
from support.waiting import until


def picture_of(browser: Browser, asset: str, variant: str = "original") -> Image.Image:
    answer = browser.get(f"/media/{asset}/{variant}")
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


def test_a_photo_becomes_a_product_with_its_cutout(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product("부사 사과")
    cutout = browser.finished_cutout(product)
    assert (cutout["status"], cutout["source"], cutout["confidence"], cutout["verdict"]) == (
        "ready",
        "auto",
        0.97,
        "ok",
    )
    image = picture_of(browser, cutout["asset_id"])
    assert (image.size, image.mode) == ((160, 120), "RGBA")
    assert image.getpixel((80, 60))[3] == 255  # type: ignore[index]
    assert image.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert "97% 확신해요" in browser.get(f"/products/{product}").text
    assert "39,900원" in browser.get("/products").text


def test_thumbnails_are_webp_and_a_cutouts_border_is_cropped(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    cutout = browser.finished_cutout(browser.add_product())
    thumb = picture_of(browser, cutout["asset_id"], "thumb")
    assert thumb.format == "WEBP"
    assert thumb.width < 100
    answer = browser.get(f"/media/{cutout['asset_id']}/thumb")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_a_page_form_adds_a_product_too(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    answer = browser.post("/products/new", {"name": "배", "price": "3,000"}, files={"photo": ("p.jpg", photo())})
    assert answer.status_code == 303
    assert browser.get(answer.headers["location"]).status_code == 200


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(dashboard: Dashboard) -> None:
    answer = dashboard.owner().post("/products/new", {"name": "배", "price": "싸요"})
    assert answer.status_code == 422
    assert "사진을 골라 주세요" in answer.text
    assert "숫자로 적어 주세요" in answer.text
    assert 'value="싸요"' in answer.text


def test_a_box_makes_a_new_cutout_within_it(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product()
    first = browser.finished_cutout(product)
    box = {"left": 30, "top": 20, "width": 100, "height": 80}
    assert browser.api("POST", f"/products/{product}/cutout/box", json=box).status_code == 202
    second = browser.finished_cutout(product)
    assert second["id"] != first["id"]
    assert second["source"] == "box"
    assert dashboard.aiserver.asked[-1].product_box == (30, 20, 100, 80)
    outside = browser.api("POST", f"/products/{product}/cutout/box", json=box | {"left": 100})
    assert "box" in refused(outside, 422, "INVALID_PARAMETER")["details"]["fields"]


def test_brushed_strokes_fix_the_matte_for_good(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product()
    base = browser.finished_cutout(product)["id"]
    paint = {"strokes": ("s.png", strokes(), "image/png")}
    fixed = browser.api("POST", f"/products/{product}/cutout/strokes", data={"base": base}, files=paint).json()
    assert (fixed["source"], fixed["verdict"], fixed["confidence"]) == ("brush", "confirmed", None)
    alpha = picture_of(browser, fixed["asset_id"]).getchannel("A")
    assert alpha.getpixel((60, 60)) == 0
    assert alpha.getpixel((100, 60)) == 255
    stale = browser.api("POST", f"/products/{product}/cutout/strokes", data={"base": base}, files=paint)
    refused(stale, 409, "OUTDATED")
    assert browser.post(f"/products/{product}/cutouts/{base}").status_code == 303
    assert browser.finished_cutout(product)["id"] == base


def test_another_photo_gets_a_cutout_of_its_own(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product()
    first = browser.finished_cutout(product)
    assert browser.post(f"/products/{product}/photo", files={"photo": ("q.jpg", photo(200, 100))}).status_code == 303
    second = browser.finished_cutout(product)
    assert second["id"] != first["id"]
    assert picture_of(browser, second["asset_id"]).size == (200, 100)
    answer = browser.post(f"/products/{product}/photo", files={"photo": ("q.jpg", b"nothing")})
    assert answer.cookies["nanococoa_said"].strip('"') == "photo_wrong:"
    assert browser.finished_cutout(product) == second


def test_a_logo_is_kept_shown_and_removed(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    assert browser.post("/business/logo", files={"logo": ("l.png", photo(90, 40, "PNG"))}).status_code == 303
    logo = browser.api("GET", "/business").json()["logo_id"]
    assert picture_of(browser, logo).size == (90, 40)
    assert f"/media/{logo}/thumb" in browser.get("/business").text
    browser.post("/business/logo/remove")
    assert browser.api("GET", "/business").json()["logo_id"] is None


def test_a_photo_without_background_needs_no_cutting(dashboard: Dashboard) -> None:
    file = io.BytesIO()
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (20, 20, 80, 80))
    image.save(file, "PNG")
    browser = dashboard.owner()
    cutout = browser.finished_cutout(browser.add_product(data=file.getvalue()))
    assert (cutout["source"], cutout["status"]) == ("given", "ready")
    assert dashboard.aiserver.asked == []


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "INVALID_IMAGE"),
        (b"<svg onload=alert(1)>", 400, "INVALID_IMAGE"),
        (b"\xff\xd8\xff" + b"0" * 500, 400, "INVALID_IMAGE"),
        (photo()[:700], 400, "INVALID_IMAGE"),
        (animation(), 400, "INVALID_IMAGE"),
        (photo(16, 16), 400, "INVALID_IMAGE"),
        (bomb(), 413, "PAYLOAD_TOO_LARGE"),
        (b"\xff\xd8\xff" + bytes(21_000_000), 413, "PAYLOAD_TOO_LARGE"),
        (bytes(26_000_000), 413, "PAYLOAD_TOO_LARGE"),
    ],
    ids=["empty", "svg", "noise", "cut off", "moving", "small", "bomb", "large", "larger than a body"],
)
def test_a_hostile_upload_is_refused_and_leaves_nothing(
    sqlite_dashboard: Dashboard, data: bytes, status: int, code: str
) -> None:
    browser = sqlite_dashboard.owner()
    answer = browser.api("POST", "/products", data={"name": "x"}, files={"photo": ("p.jpg", data, "image/jpeg")})
    refused(answer, status, code)
    assert browser.api("GET", "/products").json()["products"] == []


def test_a_photos_place_is_dropped_and_its_rotation_applied(sqlite_dashboard: Dashboard) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    browser = sqlite_dashboard.owner()
    product = browser.add_product(data=photo(160, 120, exif=exif))
    kept = picture_of(browser, browser.api("GET", f"/products/{product}").json()["photo_id"])
    assert kept.size == (120, 160)
    assert not kept.getexif()


def test_while_the_aiserver_is_away_pages_load_and_uploads_wait(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    dashboard.aiserver.away = True
    dashboard.app.state.services.watch.is_up = False
    product = browser.add_product()
    for path in ("/", "/products", f"/products/{product}", "/business"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "그림 서버가 잠시 쉬고 있어요" in page.text
    assert browser.api("GET", f"/products/{product}").json()["cutout"]["status"] == "pending"
    dashboard.aiserver.away = False
    assert browser.finished_cutout(product)["status"] == "ready"


def test_what_the_aiserver_cannot_find_asks_for_a_box(dashboard: Dashboard) -> None:
    dashboard.aiserver.refuses = True
    browser = dashboard.owner()
    product = browser.add_product("유리컵")
    assert browser.finished_cutout(product)["status"] == "failed"
    assert "감싸" in browser.get(f"/products/{product}").text
    assert "유리컵: 상품을 찾지 못했어요" in browser.get("/").text


def test_an_uncertain_cutout_is_the_next_step_until_it_is_confirmed(dashboard: Dashboard) -> None:
    dashboard.aiserver.confidence, dashboard.aiserver.verdict = 0.41, "uncertain"
    browser = dashboard.owner()
    product = browser.add_product("아오리")
    browser.finished_cutout(product)
    assert "아오리: 가장자리를 확인해 주세요" in browser.get("/").text
    assert browser.post(f"/products/{product}/confirm").status_code == 303
    assert "아오리: 가장자리" not in browser.get("/").text


def test_a_deleted_product_can_be_brought_back(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product("부사 사과")
    browser.post(f"/products/{product}/delete")
    page = browser.get("/products").text
    assert "상품을 지웠어요" in page
    assert f"/products/{product}/restore" in page
    assert browser.get(f"/products/{product}").status_code == 404
    browser.post(f"/products/{product}/restore")
    assert browser.get(f"/products/{product}").status_code == 200


def test_cursors_walk_through_all_products_once(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    made = [browser.add_product(f"상품 {number}") for number in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = browser.api("GET", f"/products?limit=2&cursor={cursor}").json()
        seen += [product["id"] for product in page["products"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == made[::-1]
    assert [one["name"] for one in browser.api("GET", "/products?q=상품 3").json()["products"]] == ["상품 3"]
    refused(browser.api("GET", "/products?cursor=nonsense"), 422, "INVALID_PARAMETER")


def test_several_uploads_at_once_are_all_cut(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    products = [browser.add_product(f"상품 {number}") for number in range(4)]
    until(lambda: all(browser.finished_cutout(product)["status"] == "ready" for product in products))
