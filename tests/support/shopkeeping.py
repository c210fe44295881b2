"""What every walk begins with: somebody who signed up, with the practice shop and products that are cut out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, FilePayload, expect

from nanococoa_backend.messages import Locale
from support.dashboard import PASSWORD
from support.real_dashboard import sample
from support.screens import Site, Walk, seated
from support.waiting import until

NOTES = "청송에서 키웠어요. 당도 14브릭스"


def enter(walk: Walk) -> None:
    """Sign up and take the practice shop, by the pages."""
    walk.go("/sign-up")
    email = f"{uuid.uuid4().hex}@haetsal.kr"
    for name, value in (("name", "김햇살"), ("email", email), ("password", PASSWORD)):
        walk.page.locator(f"[name={name}]").fill(value)
    walk.page.locator("main button[type=submit]").first.click()
    expect(walk.page).to_have_url(re.compile("/businesses/new$"))
    walk.press("business.new.demo")
    expect(walk.page).to_have_url(walk.server.url + "/")


@contextmanager
def shop_of(chromium: Browser, server: Site, size: str, locale: Locale = "ko", **options: object) -> Iterator[Walk]:
    """Seated, signed up, with the practice shop."""
    with seated(chromium, server, size, locale, **options) as walk:
        enter(walk)
        yield walk


def add(walk: Walk, name: str, number: str = "12", price: str = "39,900", notes: str = NOTES) -> str:
    """A product with its cut-out, over the API; its id."""
    api = f"{walk.server.url}/api/v1"
    token = walk.page.request.get(f"{api}/csrf").json()["token"]
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample(number)}
    facts = {"name": name, "price": price, "unit": "10kg", "notes": notes}
    answer = walk.page.request.post(
        f"{api}/products", headers={"X-CSRF-Token": token}, multipart={**facts, "photo": photo}
    )
    assert answer.status == 201, answer.text()
    product = str(answer.json()["id"])
    until(lambda: _cut(walk, product) != "pending", 180, 0.2)
    assert _cut(walk, product) == "ready"
    return product


def _cut(walk: Walk, product: str) -> str:
    """How far the product's cut-out is."""
    answer = walk.page.request.get(f"{walk.server.url}/api/v1/products/{product}")
    return str(answer.json()["cutout"]["status"])
