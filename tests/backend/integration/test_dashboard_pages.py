"""What every page and answer has in common."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.dashboard import Dashboard, open_dashboard, refused
from support.postgres import Postgres
from support.routes import routes_of
from support.waiting import until

PAGES = ("/", "/products", "/products/new", "/business", "/businesses/new", "/account")


def test_pages_are_small_private_and_locked_down(sqlite_dashboard: Dashboard) -> None:
    browser = sqlite_dashboard.owner()
    browser.finished_cutout(browser.add_product())
    for path in PAGES:
        page = browser.get(path)
        assert page.status_code == 200
        assert len(page.content) < 60_000
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|javascript:", page.text), path


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "사진 한 장이면 광고가 돼요"), ("en", "One photo becomes an ad")]
)
def test_the_language_can_be_switched_and_stays(sqlite_dashboard: Dashboard, language: str, words: str) -> None:
    browser = sqlite_dashboard.visitor()
    assert browser.get(f"/language/{language}?next=/sign-in").headers["location"] == "/sign-in"
    page = browser.get("/sign-in").text
    assert f'<html lang="{language}"' in page
    assert words in page


def test_a_link_to_elsewhere_is_not_followed(sqlite_dashboard: Dashboard) -> None:
    for path in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = sqlite_dashboard.visitor().get("/language/en", params={"next": path})
        assert answer.headers["location"] == "/"


def test_styles_and_scripts_are_kept_by_browsers_until_they_change(sqlite_dashboard: Dashboard) -> None:
    browser = sqlite_dashboard.visitor()
    (styles,) = re.findall(r'href="(/static/\w+/cocoa\.css)"', browser.get("/sign-in").text)
    assert "immutable" in browser.get(styles).headers["cache-control"]
    assert browser.get("/static/old/cocoa.css").headers["cache-control"] == "no-cache"
    assert browser.get("/static/x/../../settings.py").status_code == 404


def test_an_unknown_page_says_where_to_go_on(sqlite_dashboard: Dashboard) -> None:
    page = sqlite_dashboard.visitor().get("/nowhere")
    assert page.status_code == 404
    assert "여기에는 아무것도 없어요" in page.text
    assert page.headers["x-request-id"] in page.text
    refused(sqlite_dashboard.visitor().get("/api/v1/nowhere"), 404, "NOT_FOUND")


def test_a_request_keeps_the_id_it_came_with(sqlite_dashboard: Dashboard) -> None:
    answer = sqlite_dashboard.visitor().get("/health", headers={"X-Request-ID": "door-7"})
    assert answer.headers["x-request-id"] == "door-7"


def test_every_operation_of_the_api_is_told_in_words(sqlite_dashboard: Dashboard) -> None:
    document = sqlite_dashboard.app.openapi()
    operations = [(path, op) for path, methods in document["paths"].items() for op in methods.values()]
    assert len(operations) >= 24
    assert [(path, op["summary"]) for path, op in operations if len(op["summary"]) < 15] == []
    assert [path for path, op in operations if len(op["description"]) <= len(op["summary"])] == []
    declared = {path for path in routes_of(sqlite_dashboard.app) if path.startswith("/api/v1/")}
    assert declared - {"/api/v1/openapi.json"} <= set(document["paths"])


def test_the_business_facts_are_saved_and_wrong_ones_told(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    page = browser.post(
        "/business", {"name": "", "registration_number": "12", "brand_color": "red", "phone": "call me"}
    )
    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 4
    assert browser.post("/business", {"name": "새 이름", "registration_number": "1234567891"}).status_code == 303
    facts = browser.api("GET", "/business").json()
    assert (facts["name"], facts["registration_number"], facts["phone"]) == ("새 이름", "123-45-67891", "")


@pytest.mark.postgres
def test_after_a_restart_of_the_database_pages_work_again(own_postgres: Postgres, tmp_path: Path) -> None:
    with open_dashboard(tmp_path, own_postgres.create_database("customers")) as dashboard:
        browser = dashboard.owner()
        own_postgres.stop()
        page = browser.get("/products")
        assert page.status_code == 503
        assert "잠시 연결이 끊겼어요" in page.text
        assert int(page.headers["refresh"]) >= 1, "it comes by itself when it can be had again"
        assert browser.get("/health").status_code == 200
        assert browser.get("/ready").status_code == 503
        own_postgres.start()
        until(lambda: browser.get("/products").status_code == 200)
