"""Signing up, in and out; passwords; what holds attackers off."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from nanococoa_backend.accounts.models import SignIn
from nanococoa_backend.cli.commands import build_app
from nanococoa_backend.platform.tables import now
from support.dashboard import PASSWORD, Dashboard, csrf_of, open_dashboard, refused
from support.routes import routes_of
from support.waiting import until


def test_a_new_person_signs_up_and_is_led_to_the_first_shop(dashboard: Dashboard) -> None:
    browser = dashboard.visitor()
    assert browser.sign_up("new@haetsal.kr").headers["location"] == "/businesses/new"
    assert browser.get("/").headers["location"] == "/businesses/new"
    assert browser.post("/businesses/new", {"name": "모퉁이 커피", "trade": "카페"}).headers["location"] == "/"
    assert "모퉁이 커피" in browser.get("/").text


def test_signing_in_changes_the_cookie_and_signing_out_ends_it(dashboard: Dashboard) -> None:
    dashboard.owner("a@b.kr")
    browser = dashboard.visitor()
    browser.get("/sign-in")
    before = dict(browser.cookies)
    assert browser.sign_in("a@b.kr").status_code == 303
    assert browser.cookies != before
    stolen = dashboard.visitor()
    stolen.cookies = dict(browser.cookies)
    assert stolen.get("/account").status_code == 200
    browser.post("/sign-out")
    assert stolen.get("/account").headers["location"] == "/sign-in?next=/account"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(dashboard: Dashboard) -> None:
    dashboard.owner("a@b.kr")
    browser = dashboard.visitor()
    wrong, unknown = browser.sign_in("a@b.kr", "이 비밀번호는 아니에요"), browser.sign_in("z@b.kr")
    assert wrong.status_code == unknown.status_code == 422
    for page in (wrong, unknown):
        assert "이메일이나 비밀번호가 달라요" in page.text
        assert PASSWORD not in page.text


def test_the_eleventh_try_within_a_quarter_of_an_hour_is_refused(dashboard: Dashboard) -> None:
    dashboard.owner("a@b.kr")
    browser = dashboard.visitor()
    for _ in range(10):
        assert browser.sign_in("a@b.kr", "이 비밀번호는 아니에요").status_code == 422
    last = browser.sign_in("a@b.kr")
    assert last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 900
    assert "조금 쉬었다" in last.text


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(dashboard: Dashboard) -> None:
    signed_in = dashboard.owner("a@b.kr")
    browser = dashboard.visitor()
    assert "메일함을 확인" in browser.post("/password/forgotten", {"email": "a@b.kr"}).text
    (letter,) = until(lambda: dashboard.letterbox.letters) or []
    found = re.search(r"http://127\.0\.0\.1:8890(/password/new/\S+)", letter.text)
    assert found is not None
    path = found.group(1)
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"password": "short"}).status_code == 422
    assert browser.post(path, {"password": "완전히 새로운 비밀번호"}).status_code == 303
    assert browser.get("/account").status_code == 200
    assert signed_in.get("/account").status_code == 303
    assert browser.get(path).status_code == 404


def test_an_unknown_address_gets_the_same_answer_and_no_letter(dashboard: Dashboard) -> None:
    assert "메일함을 확인" in dashboard.visitor().post("/password/forgotten", {"email": "nobody@b.kr"}).text
    assert dashboard.letterbox.letters == []


def test_changing_the_password_signs_other_browsers_out(dashboard: Dashboard) -> None:
    here, there = dashboard.owner("a@b.kr"), dashboard.visitor()
    there.sign_in("a@b.kr")
    assert here.post("/account/password", {"current": "wrong", "password": "또 다른 비밀번호 열 자"}).status_code == 422
    assert (
        here.post("/account/password", {"current": PASSWORD, "password": "또 다른 비밀번호 열 자"}).status_code == 303
    )
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_a_visit_after_a_while_is_noted_and_holds_nothing_up(dashboard: Dashboard) -> None:
    browser = dashboard.owner("a@b.kr")
    long_ago = now() - timedelta(hours=3)
    with dashboard.app.state.services.database.begin() as session:
        session.execute(sa.update(SignIn).values(seen_at=long_ago))
    assert browser.add_product("부사 사과")
    (row,) = browser.api("GET", "/sessions").json()["sessions"]
    assert datetime.fromisoformat(row["seen_at"]) > long_ago + timedelta(hours=2)


def test_one_browser_of_the_list_can_be_signed_out(dashboard: Dashboard) -> None:
    here, there = dashboard.owner("a@b.kr"), dashboard.visitor()
    there.sign_in("a@b.kr")
    rows = here.api("GET", "/sessions").json()["sessions"]
    (other,) = [row["id"] for row in rows if not row["is_this"]]
    assert here.post(f"/account/sessions/{other}/end").status_code == 303
    assert there.get("/account").status_code == 303


def test_every_unsafe_route_refuses_a_request_without_a_token(sqlite_dashboard: Dashboard) -> None:
    browser = sqlite_dashboard.owner()
    unsafe = [
        (method, path.replace("{", "").replace("}", ""))
        for path, methods in routes_of(sqlite_dashboard.app).items()
        for method in methods - {"GET", "HEAD"}
    ]
    assert len(unsafe) > 25
    for method, path in unsafe:
        assert browser.raw(method, path).status_code == 403, (method, path)
        other_site = {"Origin": "https://evil.example", "X-CSRF-Token": browser.fresh_token()}
        assert browser.raw(method, path, headers=other_site).status_code == 403, (method, path)


def test_a_token_of_somebody_else_is_worth_nothing(sqlite_dashboard: Dashboard) -> None:
    mine, theirs = sqlite_dashboard.owner("a@b.kr"), sqlite_dashboard.owner("c@d.kr")
    assert mine.raw("POST", "/sign-out", data={"csrf": theirs.fresh_token()}).status_code == 403
    assert mine.raw("POST", "/sign-out", data={"csrf": csrf_of(mine.get("/account").text)}).status_code == 303


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    with open_dashboard(tmp_path, "", public_url="https://shop.example") as dashboard:
        answer = dashboard.visitor().get("/sign-in")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-nanococoa=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_sign_up_can_be_closed(tmp_path: Path) -> None:
    with open_dashboard(tmp_path, "", sign_up="closed") as dashboard:
        assert dashboard.visitor().get("/sign-up").status_code == 403
        assert dashboard.visitor().sign_up("a@b.kr").status_code == 403
        assert "/sign-up" not in dashboard.visitor().get("/sign-in").text


def test_the_first_start_makes_no_account_and_create_admin_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKEND_DATA_DIR", str(tmp_path / "backend"))
    with open_dashboard(tmp_path, "") as dashboard:
        assert dashboard.visitor().sign_in("admin@example.kr").status_code == 422
        made = ["create-admin", "--email", "admin@example.kr", "--name", "운영", "--password"]
        assert CliRunner().invoke(build_app(), [*made, "short"]).exit_code == 2
        assert CliRunner().invoke(build_app(), [*made, PASSWORD]).exit_code == 0
        browser = dashboard.visitor()
        assert browser.sign_in("admin@example.kr").status_code == 303
        assert browser.api("GET", "/me").json()["is_admin"] is True


def test_the_api_says_who_is_signed_in_and_refuses_in_the_envelope(dashboard: Dashboard) -> None:
    refused(dashboard.visitor().api("GET", "/me"), 401, "UNAUTHORIZED")
    browser = dashboard.owner("a@b.kr")
    assert browser.api("GET", "/me").json()["email"] == "a@b.kr"
    error = refused(
        dashboard.visitor().api("POST", "/session", json={"email": "x", "password": ""}), 422, "INVALID_PARAMETER"
    )
    assert set(error["details"]["fields"]) == {"email", "password"}
