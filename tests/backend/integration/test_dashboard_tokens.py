"""API tokens: told once, bound to one business and scope, dead the moment they are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from nanococoa_backend.platform.tables import now
from nanococoa_backend.tokens.models import ApiToken
from support.dashboard import Browser, Dashboard, open_dashboard, photo, refused

SERVICE = "a-secret-between-services"


@pytest.fixture
def verifying(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, jobs_url, token_verify_secret=SERVICE) as opened:
        yield opened


def made(browser: Browser, access: str = "read", name: str = "주문 프로그램") -> dict[str, Any]:
    answer = browser.api("POST", "/me/tokens", json={"name": name, "access": access})
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def shown(dashboard: Dashboard, method: str, path: str, secret: str, **options: Any) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return dashboard.visitor().raw(method, path, headers=headers, **options)


def verdict(dashboard: Dashboard, token: str) -> dict[str, Any]:
    answer = shown(dashboard, "POST", "/api/v1/tokens/verify", SERVICE, json={"token": token})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_token_works_for_its_business_and_its_use_is_noted(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    product = owner.add_product()
    owner.finished_cutout(product)
    token = made(owner)
    answer = shown(dashboard, "GET", "/api/v1/products", token["token"])
    assert [entry["id"] for entry in answer.json()["products"]] == [product]
    photo_id = answer.json()["products"][0]["photo_id"]
    assert shown(dashboard, "GET", f"/media/{photo_id}/view", token["token"]).status_code == 200
    (listed,) = owner.api("GET", "/me/tokens").json()["tokens"]
    assert listed["used_at"] is not None
    assert "token" not in listed


def test_only_a_hash_of_the_secret_is_kept(dashboard: Dashboard) -> None:
    token = made(dashboard.owner())["token"]
    with dashboard.app.state.services.database.begin() as session:
        row = session.execute(sa.select(ApiToken.__table__)).mappings().one()
    assert token not in str(dict(row))


def test_a_read_token_changes_nothing_and_a_write_token_needs_no_csrf(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    files = {"photo": ("p.jpg", photo(), "image/jpeg")}
    reading = shown(dashboard, "POST", "/api/v1/products", made(owner)["token"], data={"name": "배"}, files=files)
    refused(reading, 403, "FORBIDDEN")
    writing = made(owner, "write")["token"]
    answer = shown(dashboard, "POST", "/api/v1/products", writing, data={"name": "배"}, files=files)
    assert answer.status_code == 201, answer.text
    owner.finished_cutout(answer.json()["id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/me/tokens"),
        ("POST", "/me/tokens"),
        ("PUT", "/me/password"),
        ("GET", "/sessions"),
        ("GET", "/businesses"),
        ("POST", "/businesses/demo"),
        ("GET", "/business/members"),
    ],
)
def test_no_token_reaches_what_is_for_people(sqlite_dashboard: Dashboard, method: str, path: str) -> None:
    token = made(sqlite_dashboard.owner(), "write")["token"]
    body = {"json": {"name": "또 하나"}} if method != "GET" else {}
    refused(shown(sqlite_dashboard, method, f"/api/v1{path}", token, **body), 403, "FORBIDDEN")


def test_revoked_ended_and_invented_tokens_are_refused(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    revoked, ended = made(owner), made(owner)
    assert owner.api("DELETE", f"/me/tokens/{revoked['id']}").status_code == 204
    with dashboard.app.state.services.database.begin() as session:
        session.execute(sa.update(ApiToken).values(expires_at=now() - timedelta(seconds=1)))
    for secret in (revoked["token"], ended["token"], "nc_invented", "", "' OR 1=1 --"):
        refused(shown(dashboard, "GET", "/api/v1/products", secret), 401, "UNAUTHORIZED")


def test_a_bad_token_is_not_saved_by_a_good_cookie(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    answer = owner.raw("GET", "/api/v1/products", headers={"Authorization": "Bearer nc_wrong"})
    refused(answer, 401, "UNAUTHORIZED")


def test_a_header_does_not_replace_the_form_token_on_a_page(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    token = made(owner, "write")["token"]
    answer = owner.raw("POST", "/account/tokens", data={"name": "x"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_who_leaves_a_business_takes_no_token_along(verifying: Dashboard) -> None:
    owner, editor = verifying.owner("a@b.kr"), verifying.owner("editor@b.kr")
    owner.post("/business/members", {"email": "editor@b.kr", "role": "editor"})
    shop = owner.api("GET", "/business").json()["id"]
    editor.api("POST", f"/businesses/{shop}/choose")
    token = made(editor, "write")["token"]
    assert verdict(verifying, token)["business_id"] == shop
    assert verdict(verifying, token)["role"] == "editor"
    owner.api("DELETE", f"/business/members/{editor.api('GET', '/me').json()['id']}")
    refused(shown(verifying, "GET", "/api/v1/products", token), 409, "NO_BUSINESS")
    assert verdict(verifying, token)["active"] is False


def test_only_a_service_may_ask_about_a_token(verifying: Dashboard, tmp_path: Path) -> None:
    token = made(verifying.owner())["token"]
    assert verdict(verifying, token)["scopes"] == ["read"]
    assert verdict(verifying, "nc_invented") == {
        "active": False,
        "user_id": None,
        "business_id": None,
        "role": None,
        "scopes": [],
        "expires_at": None,
    }
    for secret in ("", "wrong", token):
        answer = shown(verifying, "POST", "/api/v1/tokens/verify", secret, json={"token": token})
        refused(answer, 401, "UNAUTHORIZED")


def test_nobody_may_ask_while_no_service_token_is_set(sqlite_dashboard: Dashboard) -> None:
    answer = shown(sqlite_dashboard, "POST", "/api/v1/tokens/verify", "", json={"token": "x"})
    refused(answer, 401, "UNAUTHORIZED")


def test_the_page_shows_a_secret_once_and_revokes(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    answer = owner.post("/account/tokens", {"name": "<b>주문</b>", "access": "write", "days": "30"})
    assert answer.status_code == 200
    assert 'value="nc_' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    later = owner.get("/account/tokens").text
    assert "nc_" not in later
    assert "&lt;b&gt;주문&lt;/b&gt;" in later
    token_id = owner.api("GET", "/me/tokens").json()["tokens"][0]["id"]
    assert owner.post(f"/account/tokens/{token_id}/revoke").status_code == 303
    assert owner.api("GET", "/me/tokens").json()["tokens"] == []


def test_there_is_an_end_to_tokens_and_a_nameless_one_is_refused(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    assert owner.post("/account/tokens", {"name": " "}).status_code == 422
    for count in range(20):
        made(owner, name=str(count))
    answer = owner.api("POST", "/me/tokens", json={"name": "하나 더"})
    refused(answer, 409, "LIMIT_REACHED")
