"""The dashboard and the real homepage generator over HTTP: a page is made, changed, published and visited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from support import calls
from support.backend_process import Program
from support.homepages_samples import commission
from support.homepages_server import TOKEN, HomepageServer
from support.inbox import SECRET
from support.real_dashboard import RealDashboard, dashboard_over, sample
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOBODY = "http://127.0.0.1:9"
"""Where no aiserver answers: homepages don't need one."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def suite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RealDashboard, HomepageServer]]:
    """Both services on each database in turn."""
    folder = tmp_path_factory.mktemp("suite")
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    url = postgres.create_database(f"sites_{folder.name}") if postgres else ""
    homepages = HomepageServer(folder, url)
    more: dict[str, Any] = {"homepage_url": homepages.url, "homepage_token": TOKEN, "inbox_secret": SECRET}
    with dashboard_over(NOBODY, folder, **more) as dashboard:
        homepages.environment |= {"INBOX_URL": f"{dashboard.url}/api/v1/inbox/arrivals", "INBOX_SECRET": SECRET}
        homepages.start()
        yield dashboard, homepages
        homepages.end()


@pytest.fixture(scope="module")
def owner(suite: tuple[RealDashboard, HomepageServer]) -> Iterator[Program]:
    program = Program(suite[0].url)
    program.begin("sajang@haetsal.kr", "새벽 네 시 가락시장")
    until(lambda: program.api("GET", "/homepages/options")["available"], 180, 0.2)
    files = {"photo": ("apple.jpg", sample(), "image/jpeg")}
    program.api("POST", "/products", data={"name": "부사 사과", "price": "39,900"}, files=files)
    yield program
    program.close()


def settled(owner: Program, homepage: str, seconds: float = 180) -> dict[str, Any]:
    until(lambda: not owner.api("GET", f"/homepages/{homepage}")["tasks"], seconds, 0.2)
    found: dict[str, Any] = owner.api("GET", f"/homepages/{homepage}")
    task = owner.api("GET", f"/homepages/{homepage}/tasks")["tasks"][0]
    assert task["status"] == "completed", task
    return found


@pytest.fixture(scope="module")
def homepage(owner: Program) -> str:
    """A homepage that the dashboard had made and published; its id there."""
    asked: dict[str, Any] = owner.api("POST", "/homepages", json={"style": "market", "wishes": "따뜻하게"})
    found = settled(owner, asked["id"])
    assert (found["published"], found["draft"]) == (None, "v1")
    owner.api("POST", f"/homepages/{asked['id']}/publish")
    settled(owner, asked["id"])
    return str(asked["id"])


def test_the_shops_facts_become_a_published_page_that_runs_nothing(owner: Program, homepage: str) -> None:
    found = owner.api("GET", f"/homepages/{homepage}")
    name = owner.api("GET", "/business")["name"]
    page = calls.get(found["url"], timeout=60)
    assert page.status_code == 200
    assert name in page.text
    assert "부사 사과" in page.text
    assert "39,900" in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]
    assert "sandbox allow-forms" in page.headers["content-security-policy"]
    assert "<script" not in page.text.replace('<script type="application/ld+json">', "")


def test_a_change_by_hand_is_seen_by_nobody_until_it_is_published(owner: Program, homepage: str) -> None:
    found = owner.api("GET", f"/homepages/{homepage}")
    hero = found["sections"][0]
    field = next(one for one in hero["fields"] if one["kind"] in ("line", "lines", "text") and one["value"])
    patch = {"fields": {field["name"]: "새벽 사과"}}
    owner.api("POST", f"/homepages/{homepage}/edits", json={"section": hero["id"], "patch": patch})
    edited = settled(owner, homepage)
    assert edited["draft"] != edited["published"]
    assert edited["changes"]
    preview = owner.call("GET", f"/homepages/{homepage}/preview/{edited['draft']}/index.html")
    assert "새벽 사과" in preview.text
    assert "새벽 사과" not in calls.get(edited["url"], timeout=60).text
    owner.api("POST", f"/homepages/{homepage}/publish")
    shown = settled(owner, homepage)
    assert "새벽 사과" in calls.get(shown["url"], timeout=60).text
    owner.api("POST", f"/homepages/{homepage}/rollback", json={"version": found["draft"]})
    back = settled(owner, homepage)
    assert "새벽 사과" not in calls.get(back["url"], timeout=60).text


def test_a_version_is_carried_away_through_the_dashboard(owner: Program, homepage: str) -> None:
    archive = owner.call("GET", f"/homepages/{homepage}/export.zip")
    assert archive.content[:2] == b"PK"


def test_a_visitors_message_goes_from_the_sandboxed_page_to_the_shops_inbox(
    suite: tuple[RealDashboard, HomepageServer], owner: Program, homepage: str, chromium: Browser
) -> None:
    _, homepages = suite
    slug = owner.api("GET", f"/homepages/{homepage}")["slug"]
    shop = commission("salon") | {"slug": slug}
    shop["business_info"]["form"] = "reservation"
    made = homepages.ended(homepages.call("POST", "/generate", shop)["job_id"])
    assert made["status"] == "completed", made
    page = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{made['result']['homepage_url']}", wait_until="load")
    if not page.locator("form").count():
        page.goto(f"{made['result']['homepage_url']}contact.html", wait_until="load")
    page.fill("[name=name]", "김손님")
    page.fill("[name=reply]", "010-1234-5678")
    page.fill("[name=when]", "토요일 2시")
    page.fill("[name=message]", "커트 되나요?")
    page.check("[name=consent]")
    page.locator("form [type=submit], form button").last.click()
    page.wait_for_url("**/thanks.html")
    page.context.close()
    (arrived,) = until(lambda: owner.api("GET", "/inbox")["messages"], 180, 0.2)
    assert (arrived["name"], arrived["wanted"], arrived["text"]) == ("김손님", "토요일 2시", "커트 되나요?")
    assert arrived["homepage_id"] == homepage


def test_a_service_that_is_killed_over_a_page_goes_on_with_it(suite: tuple[RealDashboard, HomepageServer]) -> None:
    _, homepages = suite
    job = homepages.call("POST", "/generate", commission("cafe") | {"publish": False})["job_id"]
    until(lambda: homepages.call("GET", f"/status/{job}")["agent"] in ("developer", "reviewer"), 180, 0.02)
    homepages.kill()
    homepages.start()
    done = homepages.ended(job)
    assert done["status"] == "completed", done
    versions = homepages.call("GET", f"/sites/{done['result']['slug']}/versions")["versions"]
    assert [one["id"] for one in versions] == ["v1"]


def test_an_edit_in_words_that_nobody_understands_is_told_and_changes_nothing(
    owner: Program, homepage: str, suite: tuple[RealDashboard, HomepageServer]
) -> None:
    before = owner.api("GET", f"/homepages/{homepage}")["draft"]
    owner.api("POST", f"/homepages/{homepage}/edits", json={"instruction": "음 그러니까 뭐랄까"})
    until(lambda: not owner.api("GET", f"/homepages/{homepage}")["tasks"], 180, 0.2)
    task = owner.api("GET", f"/homepages/{homepage}/tasks")["tasks"][0]
    assert (task["status"], task["problem"]["code"]) == ("failed", "EDIT_UNCLEAR")
    assert owner.api("GET", f"/homepages/{homepage}")["draft"] == before
