"""No route shows or changes another business' things: each is tried as another owner, a viewer, and nobody."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from nanococoa_backend.platform import scope
from nanococoa_backend.products.models import Product
from support.dashboard import Browser, Dashboard, open_dashboard, photo, strokes
from support.inbox import kept_message
from support.lists import send, two_products
from support.routes import routes_of
from support.waiting import until

PUBLIC = {
    "/health",
    "/ready",
    "/static/{version}/{path:path}",
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/password/forgotten",
    "/password/new/{secret}",
    "/language/{language}",
    "/api/v1/csrf",
    "/api/v1/session",
    "/api/v1/tokens/verify",
    "/api/v1/inbox/arrivals",
    "/api/v1/openapi.json",
    "/s/{token}",
    "/s/{token}/picture/{format_name}",
}
"""Routes that need nobody to be signed in."""

EDIT = {"edits": {"square": {"headline": {"text": "고친 사과"}}}}

BODIES: dict[str, dict[str, object]] = {
    "/api/v1/products/{product_id}": {"json": {"name": "훔친 이름"}},
    "/api/v1/products/{product_id}/cutout/box": {"json": {"left": 0, "top": 0, "width": 20, "height": 20}},
    "/api/v1/business/members/{user_id}": {"json": {"role": "viewer"}},
    "/api/v1/batches/{run_id}/start": {"json": {}},
    "/api/v1/ads/{ad_id}": {"json": {"is_favorite": True}},
    "/ads/{ad_id}/favorite": {"data": {"favorite": "true"}},
    "/api/v1/webhooks/{webhook_id}": {"json": {"is_active": False}},
    "/business/webhooks/{webhook_id}/switch": {"data": {"is_active": "false"}},
    "/api/v1/chats/{chat_id}": {"json": {"title": "훔친 이름"}},
    "/api/v1/chats/{chat_id}/messages": {"json": {"text": "훔친 말"}},
    "/chat/{chat_id}": {"data": {"text": "훔친 말"}},
    "/chat/{chat_id}/rename": {"data": {"title": "훔친 이름"}},
    "/api/v1/homepages/{homepage_id}/edits": {"json": {"instruction": "훔친 말"}},
    "/api/v1/homepages/{homepage_id}/rollback": {"json": {"version": "v1"}},
    "/homepages/{homepage_id}/edit": {"data": {"instruction": "훔친 말"}},
    "/homepages/{homepage_id}/rollback": {"data": {"version": "v1"}},
    "/api/v1/inbox/{message_id}": {"json": {"is_read": True}},
    "/inbox/{message_id}/mark": {"data": {"is_read": "true"}},
    "/products/{product_id}": {"data": {"name": "훔친 이름"}},
    "/products/{product_id}/box": {"data": {"left": "0", "top": "0", "width": "20", "height": "20"}},
    "/business/members/{user_id}": {"data": {"role": "viewer"}},
}


def things_of(browser: Browser) -> dict[str, str]:
    """An id for every parameter a route may have."""
    product = browser.add_product("내 사과")
    cutout = browser.finished_cutout(product)
    view = browser.api("GET", f"/products/{product}").json()
    ad = finished_ad(browser, product)
    run = send(browser, *two_products(), start="false").json()
    hook = browser.api("POST", "/webhooks", json={"url": "http://127.0.0.1:9/hook"}).json()["id"]
    return {
        **ad,
        "note_id": browser.api("POST", "/analyses", json={"asset_id": view["photo_id"]}).json()["id"],
        "webhook_id": hook,
        "run_id": run["id"],
        "item_id": run["items"][0]["id"],
        "delivery_id": browser.api("POST", f"/webhooks/{hook}/ping").json()["id"],
        "chat_id": browser.api("POST", "/chats").json()["id"],
        **homepage_of(browser),
        "message_id": kept_message(browser),
        "product_id": product,
        "cutout_id": cutout["id"],
        "asset_id": view["photo_id"],
        "business_id": browser.api("GET", "/business").json()["id"],
        "user_id": browser.api("GET", "/me").json()["id"],
        "sign_in_id": browser.api("GET", "/sessions").json()[0]["id"],
        "session_id": browser.api("GET", "/sessions").json()[0]["id"],
        "export_id": browser.api("POST", "/business/exports").json()["id"],
        "token_id": browser.api("POST", "/me/tokens", json={"name": "내 프로그램"}).json()["id"],
        "variant": "view",
    }


def finished_ad(browser: Browser, product: str) -> dict[str, str]:
    """An ad with two versions, an edit and a link, as the parameters of its routes."""
    order = {"product_id": product, "scene": "wood", "fields": {"headline": "내 사과"}}
    ad_id = browser.api("POST", "/ads", json=order).json()["id"]
    ad = until(lambda: _when_done(browser, ad_id)) or {}
    edit = browser.api("POST", f"/ads/{ad_id}/versions", json={"base_version": ad["version_id"], **EDIT})
    assert edit.status_code == 202, edit.text
    return {
        "ad_id": ad_id,
        "version_id": ad["version_id"],
        "edit_id": edit.json()["id"],
        "share_id": browser.api("POST", f"/ads/{ad_id}/shares").json()["id"],
        "format_name": "square",
        "picture": "plate",
        "action": "activate",
    }


def homepage_of(browser: Browser) -> dict[str, str]:
    """A homepage that waits for its service, as the parameters of its routes."""
    page = browser.api("POST", "/homepages", json={}).json()
    return {
        "homepage_id": page["id"],
        "task_id": page["tasks"][0]["id"],
        "section_id": "hero",
        "version": "v1",
        "name": "phone-1.png",
        "path": "index.html",
    }


def _when_done(browser: Browser, ad_id: str) -> dict[str, Any] | None:
    ad: dict[str, Any] = browser.api("GET", f"/ads/{ad_id}").json()
    return ad if ad["status"] == "completed" else None


def tried(browser: Browser, method: str, route: str, things: dict[str, str]) -> int:
    options = dict(BODIES.get(route, {}))
    if route.endswith("/cutout/strokes"):
        options = {"files": {"strokes": ("s.png", strokes(), "image/png")}, "data": {"base": things["cutout_id"]}}
    if route.endswith("{product_id}/photo"):
        options = {"files": {"photo": ("p.jpg", photo(), "image/jpeg")}}
    if method == "POST" and route in ("/api/v1/ads/{ad_id}/versions", "/api/v1/ads/{ad_id}/preview"):
        order = {"base_version": things["version_id"]} | ({"format": "square"} if route.endswith("preview") else EDIT)
        options = {"json": order}
    if route == "/ads/{ad_id}/edit/restore":
        options = {"data": {"version_id": things["version_id"]}}
    headers = {"X-CSRF-Token": browser.fresh_token()}
    return browser.raw(method, route.replace(":path}", "}").format(**things), headers=headers, **options).status_code


class Town(NamedTuple):
    """One dashboard with a shop that has everything, somebody who may look at it, and another shop's owner."""

    dashboard: Dashboard
    mine: Browser
    viewer: Browser
    thief: Browser
    things: dict[str, str]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """On each database in turn, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("town")
    url = request.getfixturevalue("postgres").create_database(folder.name) if request.param == "postgres" else ""
    with open_dashboard(folder, url) as dashboard:
        mine, viewer = dashboard.owner("a@b.kr"), dashboard.visitor()
        viewer.sign_up("viewer@b.kr")
        assert mine.post("/business/members", {"email": "viewer@b.kr", "role": "viewer"}).status_code == 303
        yield Town(dashboard, mine, viewer, dashboard.owner("thief@b.kr"), things_of(mine))


def test_every_route_with_an_id_says_not_found_to_another_business(town: Town) -> None:
    dashboard, mine, _, thief, things = town
    before = mine.api("GET", f"/products/{things['product_id']}").json()
    routes = [
        (method, path)
        for path, methods in routes_of(dashboard.app).items()
        for method in methods - {"HEAD"}
        if "{" in path and path not in PUBLIC
    ]
    assert len(routes) >= 22
    told = {(method, path): tried(thief, method, path, things) for method, path in routes}
    assert {route: status for route, status in told.items() if status != 404} == {}
    assert mine.api("GET", f"/products/{things['product_id']}").json() == before
    assert "내 사과" not in thief.get("/products").text + thief.get("/").text
    assert thief.api("GET", "/products").json()["products"] == []


def test_every_other_route_sends_nobody_to_sign_in(town: Town) -> None:
    nobody = town.dashboard.visitor()
    told = {
        (method, path): tried(nobody, method, path, town.things)
        for path, methods in routes_of(town.dashboard.app).items()
        for method in methods - {"HEAD"}
        if path not in PUBLIC
    }
    assert {route: status for route, status in told.items() if status != _turned_away(route[1])} == {}


def _turned_away(path: str) -> int:
    return 401 if path.startswith("/api") else 303


def test_a_viewer_sees_everything_and_changes_nothing(town: Town) -> None:
    viewer, things = town.viewer, town.things
    page = viewer.get(f"/products/{things['product_id']}")
    assert page.status_code == 200
    assert "보기만 할 수 있어요" in page.text
    own = (
        "/admin",
        "/api/v1/admin",
        "/account",
        "/sign-out",
        "/businesses",
        "/api/v1/me",
        "/api/v1/session",
        "/api/v1/businesses",
    )
    told = {
        (method, path): tried(viewer, method, path, things)
        for path, methods in routes_of(town.dashboard.app).items()
        for method in methods - {"GET", "HEAD"}
        if path not in PUBLIC and not path.startswith(own)
    }
    assert {route: status for route, status in told.items() if status not in (403, 422)} == {}
    assert viewer.api("PUT", "/business", json={"name": "내 가게"}).status_code == 403
    assert viewer.api("POST", "/products", data={"name": "x"}, files={"photo": ("p.jpg", photo())}).status_code == 403


def test_an_editor_changes_products_but_not_people(sqlite_dashboard: Dashboard) -> None:
    owner, editor = sqlite_dashboard.owner("a@b.kr"), sqlite_dashboard.visitor()
    editor.sign_up("editor@b.kr")
    owner.post("/business/members", {"email": "editor@b.kr", "role": "editor"})
    assert editor.add_product("편집자의 사과")
    assert editor.api("POST", "/business/members", json={"email": "a@b.kr", "role": "viewer"}).status_code == 403


def test_the_last_owner_stays(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    me = owner.api("GET", "/me").json()["id"]
    assert owner.api("PUT", f"/business/members/{me}", json={"role": "viewer"}).status_code == 403
    assert owner.api("DELETE", f"/business/members/{me}").status_code == 403


def test_a_query_that_says_no_business_is_refused(sqlite_dashboard: Dashboard) -> None:
    database = sqlite_dashboard.app.state.services.database
    with pytest.raises(scope.ScopeMissing), database.begin() as session:
        session.scalars(sa.select(Product)).all()


def test_a_query_that_forgets_its_filter_is_narrowed(sqlite_dashboard: Dashboard) -> None:
    mine, other = sqlite_dashboard.owner("a@b.kr"), sqlite_dashboard.owner("c@d.kr")
    mine.add_product("내 사과")
    other.add_product("남의 사과")
    database = sqlite_dashboard.app.state.services.database
    with database.begin() as session:
        scope.narrow(session, uuid.UUID(mine.api("GET", "/business").json()["id"]))
        assert session.scalars(sa.select(Product.name)).all() == ["내 사과"]
        session.execute(sa.update(Product).values(notes="바뀜"))
        session.execute(sa.delete(Product).where(Product.name == "남의 사과"))
    (kept,) = other.api("GET", "/products").json()["products"]
    assert (kept["name"], kept["notes"]) == ("남의 사과", "")


def test_a_row_for_another_business_is_not_written(sqlite_dashboard: Dashboard) -> None:
    database = sqlite_dashboard.app.state.services.database
    with database.begin() as session:
        scope.narrow(session, uuid.uuid4())
        session.add(Product(business_id=uuid.uuid4(), name="x", photo_id=uuid.uuid4()))
        with pytest.raises(scope.ScopeMissing):
            session.flush()
        session.expunge_all()
