"""One disk holds all the suite keeps, and it is full: whoever wants something is told so, and nothing is spoilt."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from support.real_dashboard import sample
from support.waiting import until

from .conftest import Suite, csrf

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

ORDER = {"scene": "wood", "fields": {"headline": "갓 딴 부사"}, "formats": ["square"]}


def add(owner: httpx.Client, number: str) -> httpx.Response:
    return owner.post(
        "/api/v1/products",
        data={"name": f"사과 {number}"},
        files={"photo": ("p.jpg", sample(number), "image/jpeg")},
        headers={"X-CSRF-Token": csrf(owner)},
    )


def order(owner: httpx.Client, product: str) -> httpx.Response:
    return owner.post("/api/v1/ads", json={**ORDER, "product_id": product}, headers={"X-CSRF-Token": csrf(owner)})


def completed(owner: httpx.Client, ad: str) -> dict[str, Any]:
    until(lambda: owner.get(f"/api/v1/ads/{ad}").json()["status"] == "completed", 240, 0.3)
    found: dict[str, Any] = owner.get(f"/api/v1/ads/{ad}").json()
    return found


def test_a_full_disk_is_said_and_survived(suite: Suite, owner: httpx.Client) -> None:
    if suite.disk is None:
        pytest.skip("only root may mount a small disk")
    product = add(owner, "12").json()["id"]
    address = completed(owner, order(owner, product).json()["id"])["files"][0]["url"]
    picture = owner.get(address).content
    with suite.disk.full():
        refused = add(owner, "14")
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "STORAGE_FULL"), refused.text
        assert "가득" in refused.json()["error"]["message"]
        assert owner.get("/products", headers={"Accept": "text/html"}).status_code == 200
        assert owner.get(address).content == picture
        waiting = order(owner, product)
        assert waiting.status_code in (202, 503, 507), waiting.text
        with suite.client() as client:
            told = client.post("/generate", json={"product_image": "", "text_content": ""})
        assert told.status_code < 500 or told.status_code in (503, 507), told.text
    until(lambda: add(owner, "14").status_code == 201, 120, 1)
    assert owner.get(address).content == picture
    if waiting.status_code == 202:
        completed(owner, waiting.json()["id"])
    completed(owner, until(lambda: accepted(owner, product), 120, 1) or "")
    dumped = (
        "for one in nanococoa_jobs nanococoa_customers nanococoa_homepages; do pg_dump -U nanococoa $one; done | wc -l"
    )
    assert int(suite.compose("exec", "-T", "customer_db", "bash", "-c", f"set -o pipefail; {dumped}")) > 100


def accepted(owner: httpx.Client, product: str) -> str | None:
    """The id of one more ad, when it is taken."""
    answer = order(owner, product)
    return str(answer.json()["id"]) if answer.status_code == 202 else None
