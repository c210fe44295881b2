"""What nginx itself answers for: limits, refusals, headers, logs, slow callers, and being closed on purpose."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from support.waiting import until

from .doors import Door, opened

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1200)]

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}
SITE = "/sites/haetsal/"
PROTECTED = ("x-content-type-options", "referrer-policy", "content-security-policy", "x-request-id")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """As it comes, but for a shorter patience."""
    with opened(tmp_path_factory.mktemp("door"), {"CLIENT_TIMEOUT": "2s"}) as opened_door:
        yield opened_door


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """What a caller has used up comes back once a minute; callers' addresses are the tests' to choose."""
    rates = dict.fromkeys(("RATE_PER_ADDRESS", "RATE_PER_TOKEN", "RATE_WRITES", "RATE_SIGN_IN", "RATE_CONTACT"), "1r/m")
    settings = rates | {"CONNECTIONS_PER_ADDRESS": "5", "OUTER_PROXY": "0.0.0.0/0"}
    with opened(tmp_path_factory.mktemp("strict"), settings) as opened_door:
        yield opened_door


def caller(address: str, **headers: str) -> dict[str, str]:
    return {"X-Forwarded-For": address, **headers}


@pytest.mark.parametrize(
    ("address", "method", "path", "let_in"),
    [
        ("203.0.113.1", "GET", SITE, 2401),
        ("203.0.113.2", "POST", "/products/new", 301),
        ("203.0.113.3", "DELETE", "/api/v1/ads/7", 301),
        ("203.0.113.4", "POST", "/sign-in", 61),
        ("203.0.113.5", "POST", "/%73ign-up", 61),
        ("203.0.113.6", "POST", "/api/v1/session", 61),
        ("203.0.113.7", "POST", "/password/forgotten", 61),
        ("203.0.113.8", "POST", f"{SITE}contact", 11),
    ],
)
def test_an_address_is_held_to_what_its_kind_of_request_allows(
    strict: Door, address: str, method: str, path: str, let_in: int
) -> None:
    found = strict.knock(let_in + 5, method, path, caller(address))
    assert found.total() == let_in + 5
    assert 0 < found[429] <= 5, found  # on a slow machine a minute may pass


def test_another_address_and_another_kind_of_request_are_not_held_to_it(strict: Door) -> None:
    assert strict.knock(65, "POST", "/sign-in", caller("203.0.113.20"))[429] > 0
    assert strict.knock(1, "POST", "/sign-in", caller("203.0.113.21"))[200] == 1
    assert strict.knock(1, "GET", "/sign-in", caller("203.0.113.20"))[200] == 1


def test_one_customers_ipv6_network_counts_as_one_address(strict: Door) -> None:
    assert strict.knock(61, "POST", "/sign-in", caller("2001:db8:1:2:3:4:5:6"))[200] == 61
    assert strict.knock(4, "POST", "/sign-in", caller("2001:db8:1:2:ffff:4:5:6"))[429] > 0
    assert strict.knock(1, "POST", "/sign-in", caller("2001:db8:1:3:3:4:5:6"))[200] == 1


def test_a_token_is_held_to_its_limit_from_wherever_it_comes(strict: Door) -> None:
    token = {"Authorization": "Bearer nc_" + "a" * 90}
    other = {"Authorization": "Bearer nc_" + "a" * 89 + "b"}
    assert strict.knock(801, "GET", "/api/ai/status/7", caller("203.0.113.30", **token))[429] == 0
    assert strict.knock(4, "GET", "/api/v1/me", caller("203.0.113.31", **token))[429] > 0
    assert strict.knock(4, "POST", "/mcp", caller("203.0.113.32", **token))[429] > 0
    assert strict.knock(1, "GET", "/api/v1/me", caller("203.0.113.31", **other))[200] == 1


def test_refusals_for_asking_too_often_are_the_suites_envelope_and_a_page_for_people(strict: Door) -> None:
    strict.knock(65, "POST", "/sign-in", caller("203.0.113.40"))
    with strict.browser(headers=caller("203.0.113.40")) as hasty:
        program, person = hasty.post("/sign-in", headers=JSON), hasty.post("/sign-in", headers=HTML)
    assert program.status_code == person.status_code == 429
    assert program.headers["retry-after"] == person.headers["retry-after"] == "10"
    error = program.json()["error"]
    assert (error["code"], error["details"]) == ("RATE_LIMITED", {"retry_after": 10})
    assert set(error) == {"code", "message", "details", "timestamp"}
    assert "조금 뒤에" in person.text
    assert person.headers["content-type"] == "text/html; charset=utf-8"


def test_an_address_may_keep_so_many_connections_open_and_no_more(strict: Door) -> None:
    with ExitStack() as open_streams:
        for _ in range(5):
            assert events(strict, open_streams, "203.0.113.50").startswith(b"HTTP/1.1 200")
        assert events(strict, open_streams, "203.0.113.50").startswith(b"HTTP/1.1 429")
        assert events(strict, open_streams, "203.0.113.51").startswith(b"HTTP/1.1 200")


def events(door: Door, after: ExitStack, address: str) -> bytes:
    connection = after.enter_context(closing(door.connected()))
    request = f"GET /api/v1/ads/7/events HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n"
    connection.sendall(request.encode())
    return connection.recv(4096)


def test_three_hundred_browsers_behind_one_address_follow_their_jobs(door: Door) -> None:
    with ExitStack() as open_streams:
        streams = [events(door, open_streams, "ignored") for _ in range(300)]
        polls = door.knock(600, "GET", "/api/v1/ads/7", JSON)
        writes = door.knock(300, "POST", "/api/v1/ads", JSON)
    assert all(stream.startswith(b"HTTP/1.1 200") for stream in streams)
    assert polls == {200: 600}
    assert writes == {200: 300}


@pytest.mark.parametrize("given", ["", "x" * 129, 'a"} {"b', "two words", "a;b", "<b>", "한글"])
def test_a_request_without_a_sane_id_gets_one_that_service_answer_and_log_share(door: Door, given: str) -> None:
    with door.browser() as visitor:
        answer = visitor.get("/api/ai/jobs", headers={b"X-Request-ID": given.encode()})
    request_id = answer.headers["x-request-id"]
    assert request_id != given
    assert len(request_id) == 32
    assert answer.json()["headers"]["x-request-id"] == request_id
    line = logged(door, request_id)
    assert (line["path"], line["status"], line["upstream_status"]) == ("/api/ai/jobs", 200, "200")


@pytest.mark.parametrize("path", ["/", "/api/v1/ads", "/api/ai/jobs", "/mcp", "/images/a/b"])
def test_a_sane_id_reaches_every_service_and_comes_back(door: Door, path: str) -> None:
    with door.browser() as visitor:
        answer = visitor.get(path, headers={"X-Request-ID": "order-17:a.b_c"})
    assert answer.headers.get_list("x-request-id") == ["order-17:a.b_c"]
    assert answer.json()["headers"]["x-request-id"] == "order-17:a.b_c"


def logged(door: Door, request_id: str) -> dict[str, object]:
    return until(lambda: next((line for line in door.log() if line["request_id"] == request_id), {}), 10)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/s/hidden-a", "/s/..."),
        ("/password/new/hidden-b?next=hidden-c", "/password/new/..."),
        ("/images/hidden-d/picture.png?signature=hidden-e", "/images/..."),
        ("/p%61ssword/new/hidden-f", "/password/new/..."),
        ("/sites/haetsal/contact?hidden-g", "/sites/haetsal/contact"),
    ],
)
def test_nothing_secret_is_logged(door: Door, path: str, shown: str) -> None:
    name = f"log-{path[3:6].strip('/%')}-{len(path)}"
    secrets = {"X-Request-ID": name, "Authorization": "Bearer hidden-1", "Cookie": "a=hidden-2", "Referer": "/hidden-3"}
    with door.browser(headers=secrets) as visitor:
        visitor.post(path)
    assert logged(door, name)["path"] == shown
    assert "hidden" not in door.said()


def test_a_service_without_headers_of_its_own_gets_the_doors(door: Door) -> None:
    with door.browser() as visitor:
        headers = visitor.get("/api/ai/jobs").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert "strict-transport-security" not in headers
    assert headers["server"] == "nginx"


@pytest.mark.parametrize("path", ["/?own", "/api/ai/jobs?own", "/mcp?own", "/static/a.js", SITE, "/sites/no-one/"])
def test_no_header_that_protects_is_there_twice(door: Door, path: str) -> None:
    with door.browser() as visitor:
        headers = visitor.get(path).headers
    assert {name: len(headers.get_list(name)) for name in PROTECTED} == dict.fromkeys(PROTECTED, 1)
    if path.endswith("?own"):
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"] == "default-src 'self'"
        assert headers["strict-transport-security"] == "max-age=600"


@pytest.mark.parametrize(("path", "packed"), [("/static/a.js", True), (SITE, True), ("/?page", False), ("/mcp", False)])
def test_only_what_is_the_same_for_everyone_is_compressed(door: Door, path: str, packed: bool) -> None:
    with door.browser() as visitor:
        answer = visitor.get(path, headers={"Accept-Encoding": "gzip"})
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert ("accept-encoding" in answer.headers.get("vary", "").lower()) is packed


@pytest.mark.parametrize(
    "sent",
    [b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow", b"GET / HTTP/1.1\r\nHost: x\r\nX-A:"],
)
def test_a_caller_that_stops_in_the_middle_is_given_up(door: Door, sent: bytes) -> None:
    with closing(door.connected()) as connection:
        connection.sendall(sent)
        assert reads_to_the_end(connection)


def reads_to_the_end(connection: socket.socket) -> bool:
    """Whether the other end hangs up before the connection's own timeout."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_a_form_sent_to_a_service_that_is_away_gets_the_page_that_says_so(door: Door) -> None:
    with door.browser() as visitor:
        person, program = visitor.post(f"{SITE}contact", headers=HTML), visitor.post(f"{SITE}contact", headers=JSON)
    assert person.status_code == program.status_code == 502
    assert "잠시만 기다려" in person.text
    assert program.json()["error"]["code"] == "UPSTREAM_UNAVAILABLE"
    assert program.headers["retry-after"] == "5"


def test_a_form_that_is_too_large_gets_the_page_that_says_so(door: Door) -> None:
    with door.browser() as visitor:
        answer = visitor.post("/products/new", content=b"x" * (31 * 2**20), headers=HTML)
    assert answer.status_code == 413
    assert "파일이 너무 커요" in answer.text


def test_closed_for_maintenance_all_but_published_pages_and_the_health_check_says_so(door: Door) -> None:
    switch = door.folder / "maintenance" / "on"
    with door.browser() as visitor:
        switch.touch()
        try:
            person = visitor.post("/sign-in", headers=HTML)
            program = visitor.get("/api/ai/jobs", headers=JSON)
            contact = visitor.post(f"{SITE}contact", headers=JSON)
            site, health = visitor.get(SITE), visitor.get("/health")
            style = visitor.get("/_refused/refused.css")
        finally:
            switch.unlink()
        assert visitor.get("/api/ai/jobs").status_code == 200
    assert [person.status_code, program.status_code, contact.status_code] == [503] * 3
    assert "점검하고 있어요" in person.text
    assert program.json()["error"]["code"] == "UPSTREAM_UNAVAILABLE"
    assert program.headers["retry-after"] == "60"
    assert [site.status_code, health.status_code, style.status_code] == [200] * 3


def test_what_a_certificate_authority_looks_for_is_shown(door: Door) -> None:
    challenge = door.folder / "acme" / ".well-known" / "acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "token-1").write_text("proof")
    with door.browser() as authority:
        assert authority.get("/.well-known/acme-challenge/token-1").text == "proof"


def test_without_a_second_host_homepages_are_shown_here(door: Door) -> None:
    with door.browser() as visitor:
        assert "햇살과일" in visitor.get(SITE).text
        moved = visitor.get(SITE.rstrip("/"))
    assert (moved.status_code, moved.headers["location"]) == (301, SITE)
