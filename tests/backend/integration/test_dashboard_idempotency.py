"""An API request that is sent twice under one key is done once and answered alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from nanococoa_backend.platform.idempotency import KeptAnswer
from support.dashboard import Browser, Dashboard, photo, refused


def sent(browser: Browser, key: str, name: str = "부사 사과", data: bytes | None = None) -> httpx2.Response:
    headers = {"X-CSRF-Token": browser.fresh_token(), "Idempotency-Key": key}
    files = {"photo": ("p.jpg", data or photo(), "image/jpeg")}
    return browser.raw("POST", "/api/v1/products", headers=headers, data={"name": name}, files=files)


def names(browser: Browser) -> list[str]:
    return [product["name"] for product in browser.api("GET", "/products").json()["products"]]


def test_a_request_sent_again_is_answered_alike_and_done_once(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    first, second = sent(owner, "key-1"), sent(owner, "key-1")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert names(owner) == ["부사 사과"]


def test_another_request_under_the_same_key_is_refused(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    sent(owner, "key-1")
    refused(sent(owner, "key-1", "나주 배"), 422, "IDEMPOTENCY_KEY_REUSED")


def test_ten_at_once_make_one(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    token = owner.api("POST", "/me/tokens", json={"name": "창고", "access": "write"}).json()["token"]

    def add(_: int) -> int:
        visitor = dashboard.visitor()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
        files = {"photo": ("p.jpg", photo(), "image/jpeg")}
        return visitor.raw("POST", "/api/v1/products", headers=headers, data={"name": "배"}, files=files).status_code

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(add, range(10)))
    assert 201 in answers
    assert set(answers) <= {201, 409}
    assert names(owner) == ["배"]


def test_a_key_counts_for_its_sender_alone(dashboard: Dashboard) -> None:
    one, other = dashboard.owner("a@b.kr"), dashboard.owner("c@d.kr")
    assert sent(one, "key-1").json()["id"] != sent(other, "key-1").json()["id"]


def test_what_came_to_nothing_may_be_sent_again(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = dashboard.owner()
    store = dashboard.app.state.services.store
    real: Any = type(store).put

    def full(*_: Any) -> str:
        from nanococoa_backend.errors import StoreFull

        raise StoreFull

    monkeypatch.setattr(type(store), "put", full)
    refused(sent(owner, "key-1"), 507, "STORAGE_FULL")
    monkeypatch.setattr(type(store), "put", real)
    assert sent(owner, "key-1").status_code == 201


def test_a_refusal_of_what_was_sent_is_given_again(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    first, second = sent(owner, "key-1", data=b"no picture"), sent(owner, "key-1", data=b"no picture")
    refused(first, 400, "INVALID_IMAGE")
    assert second.json() == first.json()


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
def test_a_key_that_is_none_is_refused(sqlite_dashboard: Dashboard, key: str) -> None:
    error = refused(sent(sqlite_dashboard.owner(), key), 422, "INVALID_PARAMETER")
    assert "idempotency_key" in error["details"]["fields"]


def test_no_secret_is_kept_with_a_key(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    sent(owner, "my-key")
    with sqlite_dashboard.app.state.services.database.begin() as session:
        row = session.execute(sa.select(KeptAnswer.__table__)).mappings().one()
    assert not any(secret in str(dict(row)) for secret in ("my-key", *owner.cookies.values()))
