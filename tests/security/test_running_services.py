"""The real processes, asked rudely: secrets stay out of logs and answers, paths inside, slow callers hold up nobody.

The order counts: the last test breaks the databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from support import calls
from support.backend_process import Program
from support.four_services import Running, Suite, four_services
from support.rules import Service
from support.waiting import until

pytestmark = pytest.mark.slow
PASSWORD = "새벽 네 시 가락시장의 비밀"
SERVICES: tuple[Service, ...] = ("aiserver", "homepages", "mcp", "backend")
BEHIND: dict[Service, str] = {"aiserver": "jobs", "homepages": "sites", "mcp": "mcp", "backend": "api/v1/products"}
"""A route of each that asks for credentials."""

PAST_THE_GATE = (
    "/health/../{0}", "//health/../{0}", "/health/%2e%2e/{0}", "/health/..%2f{0}", "/health;/{0}", "/health%00/{0}",
    "/health#/../{0}", "/health?/../{0}", "//{0}", "/./{0}", "/dashboard/../{0}", "/sites/haetsal/../../{0}",
    "/sites/haetsal/%2e%2e/%2e%2e/{0}", "/static/x/../../{0}", "/{0}/", "/{0}%20", "/{0}?/health", "/{0}#/health",
    "http://127.0.0.1/health/../{0}", "http://health/{0}", "/{0}\\health", "/%2fhealth/%2e%2e/{0}",
)  # fmt: skip
OUTSIDE = (
    "../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "....//....//....//etc/passwd", "..%5c..%5c..%5cetc%5cpasswd", "..%252f..%252f..%252fetc%252fpasswd",
    "%2fetc%2fpasswd", "/etc/passwd", "passwd%00.png", "file:%2f%2f%2fetc%2fpasswd", "..;/..;/etc/passwd",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", "link.css",
)  # fmt: skip
BELOW: dict[Service, tuple[str, ...]] = {
    "aiserver": ("/artifacts/", "/dashboard/", "/status/", "/jobs/"),
    "homepages": (
        "/sites/evil/",
        "/sites/evil/p/",
        "/sites/evil/versions/v1/preview/",
        "/jobs/x/screenshots/",
        "/sites/",
    ),
    "mcp": ("/images/ffffffff-0-00000000000000000000000000000000/", "/images/"),
    "backend": ("/static/v/", "/media/", "/s/", "/s/x/picture/", "/exports/"),
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with four_services(tmp_path_factory.mktemp("four")) as started:
        yield started


def get(running: Running, target: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """A GET for exactly these characters."""
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    answer = running.raw("\r\n".join([*lines, "", ""]).encode("latin-1"))
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("service", SERVICES)
def test_no_way_of_writing_an_address_passes_the_gate(suite: Suite, service: Service) -> None:
    running = suite.services[service]
    for form in PAST_THE_GATE:
        target = form.format(BEHIND[service])
        status, answer = get(running, target)
        is_health = b'"ok"' in answer and len(answer) < 600
        assert is_health or status not in (200, 202, 204, 206), target


@pytest.mark.parametrize("service", SERVICES)
def test_no_path_leads_out_of_a_folder(suite: Suite, service: Service) -> None:
    running = suite.services[service]
    if service == "homepages":
        publish_with_a_link(running.folder)
    for prefix in BELOW[service]:
        for path in OUTSIDE:
            status, answer = get(running, prefix + path, suite.bearer(service))
            assert b"root:" not in answer, prefix + path
            assert 300 <= status < 500, prefix + path


def publish_with_a_link(folder: Path) -> None:
    """A site with a page, and a link to a file of the machine beside it."""
    version = folder / "sites" / "versions" / "evil" / "v"
    version.mkdir(parents=True)
    (version / "index.html").write_text("<!doctype html>", "utf-8")
    (version / "link.css").symlink_to("/etc/passwd")
    (folder / "sites" / "live").mkdir(exist_ok=True)
    (folder / "sites" / "live" / "evil").symlink_to("../versions/evil/v")


@pytest.mark.parametrize("service", SERVICES)
def test_half_sent_requests_hold_up_nobody(suite: Suite, service: Service) -> None:
    """More of them than there are threads, database connections and uploads at once."""
    running, token = suite.services[service], suite.bearer(service)["Authorization"]
    target = {"aiserver": "/generate", "homepages": "/generate", "mcp": "/mcp", "backend": "/sign-in"}[service]
    head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {token}\r\n"
    form = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n--x\r\nContent-Disposition: "
    with ExitStack() as doors:
        for number in range(60):
            door = doors.enter_context(running.connected())
            door.sendall((head if number % 2 else head + form).encode())
        for path in ("/health", f"/{BEHIND[service]}" if service != "mcp" else "/health"):
            answer = calls.get(running.url + path, headers={"Authorization": token}, timeout=60)
            assert answer.status_code in (200, 401), answer.text


@pytest.mark.parametrize("service", SERVICES)
def test_a_body_that_never_ends_is_cut_off(suite: Suite, service: Service) -> None:
    """Chunked, so that nothing is announced; 48 MB at most are sent."""
    running = suite.services[service]
    target = {"aiserver": "/generate", "homepages": "/sites/x/contact", "mcp": "/mcp", "backend": "/api/v1/session"}[
        service
    ]
    kind = "application/x-www-form-urlencoded" if service == "homepages" else "application/json"
    headers = suite.bearer(service) | {"Content-Type": kind, "Accept": "application/json, text/event-stream"}
    piece = b"a" * 2**20
    answer = calls.post(running.url + target, content=(piece for _ in range(48)), headers=headers, timeout=120)
    assert answer.status_code == 413


def test_secrets_stand_in_no_log_and_no_answer(suite: Suite) -> None:
    answers = [*machines(suite), *customers(suite)]
    for service in SERVICES:
        if service != "mcp":
            answers += broken(suite, service)
    for service, running in suite.services.items():
        until(lambda one=running: len(one.said()) > 200)  # type: ignore[misc]  # the default is what it is bound to
        assert service == "mcp" or "Traceback" in running.said(), f"{service}: nothing went wrong, nothing was shown"
        assert " locals ─" not in running.said(), f"{service}: a traceback with what functions held"
        told = [name for name, secret in suite.secrets.items() if secret in running.said()]
        assert told == [], service
    for text in answers:
        assert not re.search(r'Traceback|File "/|sqlalchemy|sqlite3|canary-', text), text[:800]


def machines(suite: Suite) -> Iterator[str]:
    """What programs are told, with the token and without, of things there and not."""
    for service, running in suite.services.items():
        paths = (
            "/metrics",
            "/status/nothing",
            "/resources",
            "/system",
            "/ready",
            "/nowhere",
            "/openapi.json",
            "/options",
        )
        with httpx.Client(base_url=running.url, timeout=60) as http:
            for headers in (suite.bearer(service), {"Authorization": "Bearer wrong"}, {}):
                for path in paths:
                    yield http.get(path, headers=headers, params={"token": suite.secrets["AISERVER_TOKEN"]}).text
                for path in ("/generate", "/mcp", "/api/v1/session", "/api/v1/tokens/verify"):
                    yield http.post(path, headers=headers, content=b'{"password": ').text


def customers(suite: Suite) -> Iterator[str]:
    """A person's own secrets, which join the known ones: password, cookie, token, a webhook's key, a link's end."""
    url = suite.services["backend"].url
    owner = Program(url)
    owner.begin("sajang@haetsal.kr", PASSWORD)
    token = owner.api("POST", "/me/tokens", json={"name": "내 프로그램"})["token"]
    hook = owner.api("POST", "/webhooks", json={"url": "http://127.0.0.1:9/hook?key=of-the-receiver"})
    owner.api("POST", f"/webhooks/{hook['id']}/ping")
    cookie = str(owner._http.cookies.get("nanococoa"))
    suite.secrets.update(PASSWORD=PASSWORD, COOKIE=cookie, TOKEN=token, HOOK=hook["secret"], KEY="of-the-receiver")
    with httpx.Client(base_url=url, timeout=60) as http:
        csrf = http.get("/api/v1/csrf").json()["token"]
        for email in ("sajang@haetsal.kr", "nobody@haetsal.kr"):
            yield http.post("/sign-in", data={"csrf": csrf, "email": email, "password": PASSWORD + "!"}).text
            yield http.post("/password/forgotten", data={"csrf": csrf, "email": email}).text
        yield http.get("/password/new/canary-reset-secret").text
        yield http.get("/api/v1/business", headers={"Authorization": f"Bearer {token}"}).text
        suite.secrets["RESET"] = "canary-reset-secret"
    owner.close()


def broken(suite: Suite, service: Service) -> Iterator[str]:
    """What is said when the database's file is no database any more."""
    running = suite.services[service]
    for file in running.folder.glob("*.db*"):
        file.write_bytes(b"no database " * 4096)
    with httpx.Client(base_url=running.url, timeout=300, headers=suite.bearer(service)) as http:

        def failed() -> Any:
            answers = [http.get(path) for path in ("/jobs", "/sites", "/status/x", "/s/nothing", "/password/new/x")]
            return [answer.text for answer in answers] if any(one.status_code >= 500 for one in answers) else None

        yield from until(failed)
