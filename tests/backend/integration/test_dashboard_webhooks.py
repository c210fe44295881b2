"""Webhooks: signed letters when an ad ends, kept until they are taken, never sent to the inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from nanococoa_backend.platform import scope
from nanococoa_backend.webhooks.models import Delivery
from nanococoa_backend.webhooks.post import is_public
from support.dashboard import Browser, Dashboard, open_dashboard, refused
from support.waiting import until


@dataclass
class Receiver:
    """Somebody else's server; answers with ``status``."""

    status: int = 200
    letters: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known.letters.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(known.status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        known.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        yield known
        server.shutdown()
        thread.join(60)


@pytest.fixture
def open_inside(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, jobs_url, webhooks_inside="allow") as opened:
        yield opened


def hooked(browser: Browser, url: str, **options: Any) -> dict[str, Any]:
    answer = browser.api("POST", "/webhooks", json={"url": url, **options})
    assert answer.status_code == 201, answer.text
    hook: dict[str, Any] = answer.json()
    return hook


def letters_of(browser: Browser, hook: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.api("GET", f"/webhooks/{hook['id']}/deliveries").json()["deliveries"]
    return found


def pinged(browser: Browser, hook: dict[str, Any]) -> None:
    assert browser.api("POST", f"/webhooks/{hook['id']}/ping").status_code == 202


def settled(browser: Browser, hook: dict[str, Any]) -> dict[str, Any]:
    """The latest letter once it was tried."""
    until(lambda: letters_of(browser, hook)[0]["tries"] > 0)
    until(lambda: letters_of(browser, hook)[0]["answer"] != "")
    return letters_of(browser, hook)[0]


def let_time_pass(dashboard: Dashboard) -> None:
    services = dashboard.app.state.services
    with services.database.begin() as session:
        scope.widen(session)
        session.execute(sa.update(Delivery).where(Delivery.status == "waiting").values(next_try_at=None))
    services.posting.ring()


def test_a_letter_is_signed_so_that_any_library_of_the_standard_can_check_it(
    open_inside: Dashboard, receiver: Receiver
) -> None:
    owner = open_inside.owner()
    hook = hooked(owner, receiver.url)
    pinged(owner, hook)
    until(lambda: receiver.letters)
    headers, body = receiver.letters[0]
    told = Checker(hook["secret"]).verify(body, headers)
    assert told["type"] == "ping"
    with pytest.raises(WebhookVerificationError):
        Checker(hook["secret"]).verify(body.replace(b"ping", b"pong"), headers)
    until(lambda: letters_of(owner, hook)[0]["status"] == "delivered")
    assert letters_of(owner, hook)[0]["answered"] == 200


def test_the_secret_is_told_once(open_inside: Dashboard) -> None:
    owner = open_inside.owner()
    hook = hooked(owner, "https://shop.example/hooks")
    assert hook["secret"] not in owner.api("GET", "/webhooks").text
    assert hook["secret"] not in owner.get(f"/business/webhooks/{hook['id']}").text


def test_a_letter_nobody_took_is_sent_again_with_the_same_words_and_id(
    open_inside: Dashboard, receiver: Receiver
) -> None:
    owner = open_inside.owner()
    receiver.status = 500
    hook = hooked(owner, receiver.url)
    pinged(owner, hook)
    waiting = settled(owner, hook)
    assert (waiting["status"], waiting["answered"]) == ("waiting", 500)
    assert waiting["next_try_at"] is not None
    receiver.status = 202
    let_time_pass(open_inside)
    until(lambda: letters_of(owner, hook)[0]["status"] == "delivered")
    (first, first_body), (second, second_body) = receiver.letters
    assert first_body == second_body
    assert first["webhook-id"] == second["webhook-id"]


def test_a_receiver_that_says_gone_hears_no_more(open_inside: Dashboard, receiver: Receiver) -> None:
    owner = open_inside.owner()
    receiver.status = 410
    hook = hooked(owner, receiver.url)
    pinged(owner, hook)
    until(lambda: letters_of(owner, hook)[0]["status"] == "failed")
    assert owner.api("GET", "/webhooks").json()["webhooks"][0]["is_active"] is False
    owner.api("PATCH", f"/webhooks/{hook['id']}", json={"is_active": True})
    assert owner.api("GET", "/webhooks").json()["webhooks"][0]["is_active"] is True


def test_a_redirect_is_not_followed(open_inside: Dashboard, receiver: Receiver) -> None:
    owner = open_inside.owner()
    receiver.status = 307
    hook = hooked(owner, receiver.url)
    pinged(owner, hook)
    assert settled(owner, hook)["answered"] == 307
    assert len(receiver.letters) == 1


def test_nothing_is_sent_to_the_inside(dashboard: Dashboard, receiver: Receiver) -> None:
    owner = dashboard.owner()
    port = receiver.url.rsplit(":", 1)[1]
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"):
        hook = hooked(owner, f"http://{host}:{port}")
        pinged(owner, hook)
        assert settled(owner, hook)["answer"] == "private address", host
    assert receiver.letters == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("224.0.0.1", False),
    ],
)
def test_an_address_that_leads_inside_is_known(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.b", "javascript:alert(1)", "http://", "http://user:pw@a.b/", "http://a b", "http://[::1", "x" * 600],
)
def test_what_is_no_address_is_refused_with_its_reason(sqlite_dashboard: Dashboard, url: str) -> None:
    error = refused(sqlite_dashboard.owner().api("POST", "/webhooks", json={"url": url}), 422, "INVALID_PARAMETER")
    assert "url" in error["details"]["fields"]


def test_an_eleventh_webhook_is_refused(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    for number in range(10):
        hooked(owner, f"https://shop.example/{number}")
    refused(owner.api("POST", "/webhooks", json={"url": "https://shop.example/11"}), 409, "LIMIT_REACHED")


def test_the_pages_make_show_switch_and_remove_a_webhook(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    wrong = owner.post("/business/webhooks", {"url": "어디로"})
    assert (wrong.status_code, "주소를 적어 주세요" in wrong.text) == (422, True)
    made = owner.post("/business/webhooks", {"url": "https://shop.example/hooks", "events": "ad.failed"})
    assert "whsec_" in made.text
    (hook,) = owner.api("GET", "/webhooks").json()["webhooks"]
    assert hook["events"] == ["ad.failed"]
    assert "shop.example" in owner.get(f"/business/webhooks/{hook['id']}").text
    owner.post(f"/business/webhooks/{hook['id']}/switch", {"is_active": "false"})
    assert owner.api("GET", "/webhooks").json()["webhooks"][0]["is_active"] is False
    owner.post(f"/business/webhooks/{hook['id']}/remove")
    assert owner.api("GET", "/webhooks").json()["webhooks"] == []
