"""The page about the system: services asked over real HTTP, the owner's own failures, the machine for who runs it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.accounts.models import User
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import now
from nanococoa_backend.system import watch
from support.dashboard import Browser, Dashboard, open_dashboard, refused
from support.waiting import until

METRICS = """# TYPE nanococoa_workers gauge
nanococoa_workers 1.0
# TYPE nanococoa_queue_depth gauge
nanococoa_queue_depth{lane="heavy"} 5.0
# TYPE nanococoa_queue_wait_seconds gauge
nanococoa_queue_wait_seconds{lane="heavy"} 240.0
# TYPE nanococoa_gpu_memory_bytes gauge
nanococoa_gpu_memory_bytes{kind="total",worker="w1"} 24000000000.0
nanococoa_gpu_memory_bytes{kind="free",worker="w1"} 4000000000.0
# TYPE nanococoa_residency_bytes gauge
nanococoa_residency_bytes{component="secret-model",place="vram",worker="w1"} 8000000000.0
"""


class Suite:
    """The other services at one address. ``slow`` seconds pass before an answer; ``broken`` answers nonsense."""

    def __init__(self) -> None:
        self.slow = 0.0
        self.broken = False
        self.tokens: list[str | None] = []

    def answer(self, path: str, token: str | None) -> tuple[str, bytes]:
        time.sleep(self.slow)
        if self.broken:
            return "text/html", b"<html>" * 1000
        if path == "/metrics":
            self.tokens.append(token)
            return "text/plain", METRICS.encode()
        return "application/json", b'{"status": "ok", "engine": "diffusion", "engine_note": "why"}'


@contextmanager
def serving(suite: Suite) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media_type, body = suite.answer(self.path, self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


@pytest.fixture
def suite() -> Suite:
    return Suite()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAUSE", 0.05)
    monkeypatch.setattr(watch, "PATIENCE", 0.5)


@pytest.fixture
def watched(tmp_path: Path, jobs_url: str, suite: Suite, quick: None) -> Iterator[Dashboard]:
    with serving(suite) as url:
        given: dict[str, Any] = {
            "aiserver_url": url,
            "homepage_url": url,
            "mcp_url": f"{url}/mcp",
            "aiserver_token": "t0ken",
        }
        with open_dashboard(tmp_path, jobs_url, **given) as opened:
            yield opened


def view_of(browser: Browser) -> dict[str, Any]:
    answer = browser.api("GET", "/system")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


def said(browser: Browser, key: str) -> dict[str, Any]:
    return until(lambda: view if (view := view_of(browser))["said"]["key"] == key else None) or {}


def make_admin(dashboard: Dashboard, email: str) -> None:
    with dashboard.app.state.services.database.begin() as session:
        session.execute(sa.update(User).where(User.email == email).values(is_admin=True))


def failed_ad(dashboard: Dashboard, browser: Browser, title: str) -> None:
    shop = uuid.UUID(browser.api("GET", "/business").json()["id"])
    problem = {"code": "GPU_OUT_OF_MEMORY", "message": "메모리가 모자랐어요.", "message_en": "Out of memory."}
    with dashboard.app.state.services.database.begin() as session:
        scope.narrow(session, shop)
        session.add(Ad(business_id=shop, title=title, request={}, status="failed", problem=problem, finished_at=now()))


def test_the_owner_reads_one_sentence_and_no_more_of_the_machine_than_helps(watched: Dashboard, suite: Suite) -> None:
    owner = watched.owner()
    view = said(owner, "busy")
    assert "4분" in view["said"]["text"]
    assert view["lanes"][0]["waiting"] == 5
    assert view["machine"] is None
    assert {one["ms"] for one in view["services"]} == {None}
    page = owner.get("/system").text
    assert "4분쯤 기다려야 해요" in page
    assert "secret-model" not in page
    assert "why" not in page
    assert set(suite.tokens) == {"Bearer t0ken"}


def test_whoever_runs_the_machine_sees_what_lies_in_its_memory(watched: Dashboard) -> None:
    owner = watched.owner("a@b.kr")
    make_admin(watched, "a@b.kr")
    machine = said(owner, "busy")["machine"]
    assert machine["gpus"][0]["used"] == 20_000_000_000
    page = owner.get("/system").text
    assert "secret-model" in page
    assert "style=" not in page


def test_recent_failures_are_the_owners_own_with_the_reason_in_words(watched: Dashboard) -> None:
    mine, other = watched.owner("a@b.kr"), watched.owner("c@d.kr")
    failed_ad(watched, mine, "내 광고")
    failed_ad(watched, other, "남의 광고")
    (failure,) = view_of(mine)["failures"]
    assert (failure["title"], failure["reason"]) == ("내 광고", "메모리가 모자랐어요.")
    page = mine.get("/system").text
    assert "메모리가 모자랐어요." in page
    assert "남의 광고" not in page
    mine.get("/language/en")
    assert view_of(mine)["failures"][0]["reason"] == "Out of memory."


@pytest.mark.alone
def test_a_service_that_hangs_or_talks_nonsense_is_down_and_the_page_is_not(watched: Dashboard, suite: Suite) -> None:
    owner = watched.owner()
    said(owner, "busy")
    suite.broken = True
    view = said(owner, "aiserver")
    states = {one["name"]: one["state"] for one in view["services"]}
    assert (states["aiserver"], states["database"], states["store"]) == ("down", "ok", "ok")
    suite.broken, suite.slow = False, 2.0
    started = time.perf_counter()
    assert owner.get("/system").status_code == 200
    assert time.perf_counter() - started < 1.5
    suite.slow = 0.0
    said(owner, "busy")


def test_without_any_other_service_the_page_says_what_it_means(tmp_path: Path, jobs_url: str, quick: None) -> None:
    nowhere = "http://127.0.0.1:9"
    given: dict[str, Any] = {"aiserver_url": nowhere, "homepage_url": nowhere, "mcp_url": f"{nowhere}/mcp"}
    with open_dashboard(tmp_path, jobs_url, **given) as dashboard:
        owner = dashboard.owner()
        view = said(owner, "aiserver")
        assert view["said"]["state"] == "down"
        assert "돌아오면 차례대로 만들어요" in owner.get("/system").text


def test_the_version_stays_while_nothing_a_person_sees_changes(watched: Dashboard, suite: Suite) -> None:
    owner = watched.owner()
    first = said(owner, "busy")
    looked = first["looked_at"]
    later = until(lambda: view if (view := view_of(owner))["looked_at"] != looked else None) or {}
    assert later["version"] == first["version"]
    failed_ad(watched, owner, "새 광고")
    assert view_of(owner)["version"] != first["version"]


def test_strangers_are_told_nothing(sqlite_dashboard: Dashboard) -> None:
    refused(sqlite_dashboard.visitor().api("GET", "/system"), 401, "UNAUTHORIZED")
    assert sqlite_dashboard.visitor().get("/system").status_code == 303


def test_more_leads_to_everything(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner("a@b.kr")
    page = owner.get("/more").text
    for path in ("/chat", "/edit", "/batch", "/homepages", "/business", "/system", "/account"):
        assert f'href="{path}"' in page
    make_admin(sqlite_dashboard, "a@b.kr")
    assert 'href="/admin"' in owner.get("/more").text
