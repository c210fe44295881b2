"""A shop that has one of everything, so that every route with an id can be tried by somebody who may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from support.dashboard import Browser, Dashboard, open_dashboard, photo, strokes
from support.inbox import kept_message
from support.lists import send, two_products
from support.waiting import until

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
        "sign_in_id": browser.api("GET", "/sessions").json()["sessions"][0]["id"],
        "session_id": browser.api("GET", "/sessions").json()["sessions"][0]["id"],
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


def filled(method: str, route: str, things: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A route's address with the shop's own ids, and what a request to it may bring."""
    options: dict[str, Any] = dict(BODIES.get(route, {}))
    if route.endswith("/cutout/strokes"):
        options = {"files": {"strokes": ("s.png", strokes(), "image/png")}, "data": {"base": things["cutout_id"]}}
    if route.endswith("{product_id}/photo"):
        options = {"files": {"photo": ("p.jpg", photo(), "image/jpeg")}}
    if method == "POST" and route in ("/api/v1/ads/{ad_id}/versions", "/api/v1/ads/{ad_id}/preview"):
        order = {"base_version": things["version_id"]} | ({"format": "square"} if route.endswith("preview") else EDIT)
        options = {"json": order}
    if route == "/ads/{ad_id}/edit/restore":
        options = {"data": {"version_id": things["version_id"]}}
    return route.replace(":path}", "}").format(**things), options


def tried(browser: Browser, method: str, route: str, things: dict[str, str]) -> int:
    """The status that ``browser`` gets."""
    address, options = filled(method, route, things)
    headers = {"X-CSRF-Token": browser.fresh_token()}
    return browser.raw(method, address, headers=headers, **options).status_code


class Town(NamedTuple):
    """One dashboard with a shop that has everything, somebody who may look at it, and another shop's owner."""

    dashboard: Dashboard
    mine: Browser
    viewer: Browser
    thief: Browser
    things: dict[str, str]


@contextmanager
def settled(folder: Path, url: str = "", **settings: Any) -> Iterator[Town]:
    """The town on a database; empty: SQLite."""
    with open_dashboard(folder, url, **settings) as dashboard:
        mine, viewer = dashboard.owner("a@b.kr"), dashboard.visitor()
        viewer.sign_up("viewer@b.kr")
        assert mine.post("/business/members", {"email": "viewer@b.kr", "role": "viewer"}).status_code == 303
        yield Town(dashboard, mine, viewer, dashboard.owner("thief@b.kr"), things_of(mine))
