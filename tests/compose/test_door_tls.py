"""The door with a certificate, and with a second host name for customers' homepages."""

from __future__ import annotations

import os
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import httpx
import pytest

from support.waiting import until

from .conftest import CHECKOUT
from .doors import Door, opened

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1200)]

SITES_HOST = "pages.localhost"
SITE = "/sites/haetsal/"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-x509", "-days", "2", "-subj", "/CN=test")


def certify(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    files = ("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"))
    names = ("-addext", f"subjectAltName=DNS:localhost,DNS:{SITES_HOST}")
    subprocess.run(["openssl", "req", *CURVE, *files, *names], check=True, capture_output=True)
    (folder / "privkey.pem").chmod(0o644)  # nginx is not this user


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    certify(folder / "tls")
    with opened(folder, {"SITES_HOST": SITES_HOST}, tls=True) as opened_door:
        yield opened_door


def trusting(door: Door) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(door.folder / "tls" / "fullchain.pem"))


def ask(door: Door, host: str, path: str, method: str = "GET") -> httpx.Response:
    """By name, which need not be in any name service: the certificate is checked against it."""
    url = f"https://127.0.0.1:{door.tls_port}{path}"
    headers = {"Host": f"{host}:{door.tls_port}"}
    with httpx.Client(verify=trusting(door), trust_env=False, timeout=30) as browser:
        return browser.request(method, url, headers=headers, extensions={"sni_hostname": host})


def test_https_answers_with_a_promise_to_stay_https(door: Door) -> None:
    answer = ask(door, "localhost", "/api/ai/jobs")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"
    assert answer.json()["headers"]["host"] == f"localhost:{door.tls_port}"


def test_a_services_own_promise_is_there_once(door: Door) -> None:
    assert ask(door, "localhost", "/?own").headers.get_list("strict-transport-security") == ["max-age=600"]


def test_http_leads_to_https_and_keeps_the_question(door: Door) -> None:
    with door.browser(headers={"Host": f"localhost:{door.port}"}) as visitor:
        answer = visitor.post("/api/v1/ads?page=2")
        assert visitor.get("/health").status_code == 200
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{door.tls_url}/api/v1/ads?page=2"
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("version", "welcome"),
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
def test_only_tls_from_1_2_on_is_spoken(door: Door, version: ssl.TLSVersion, welcome: bool) -> None:
    context = trusting(door)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    connection = HTTPSConnection("localhost", door.tls_port, context=context, timeout=30)
    if welcome:
        connection.connect()
    else:
        with pytest.raises(ssl.SSLError):
            connection.connect()
    connection.close()


def test_the_second_host_shows_homepages_and_nothing_else(door: Door) -> None:
    page = ask(door, SITES_HOST, SITE)
    assert "햇살과일" in page.text
    assert page.headers["strict-transport-security"]
    assert "sandbox allow-forms" in page.headers["content-security-policy"]
    for path in ("/", "/sign-in", "/api/v1/me", "/api/ai/jobs", "/mcp", "/images/a/b", "/static/app.js", "/health"):
        refused = ask(door, SITES_HOST, path)
        assert refused.status_code == 404, path
        assert "이 주소에는 홈페이지가 없어요" in refused.text
    assert ask(door, SITES_HOST, "/_refused/refused.css").status_code == 200


def test_a_message_to_a_shop_is_taken_on_the_second_host(door: Door) -> None:
    assert ask(door, SITES_HOST, f"{SITE}contact", "POST").status_code == 502, (
        "asked of the service, which is away here"
    )


def test_the_first_host_leads_to_the_second_where_a_homepage_is_asked_for(door: Door) -> None:
    answer = ask(door, "localhost", f"{SITE}?from=card")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"//{SITES_HOST}:{door.tls_port}{SITE}?from=card"
    assert "햇살과일" not in answer.text


@pytest.mark.skipif(os.geteuid() != 0, reason="certbot, whose hook this is, runs as root")
def test_a_renewed_certificate_is_shown_once_certbots_hook_has_run(door: Door, tmp_path: Path) -> None:
    before = shown(door)
    certify(tmp_path)
    environment = {**door.environment, "RENEWED_LINEAGE": str(tmp_path)}
    hook = subprocess.run([CHECKOUT / "nginx" / "renewed"], env=environment, capture_output=True, text=True)
    assert hook.returncode == 0, hook.stderr
    until(lambda: shown(door) != before, 30)
    assert shown(door) == (tmp_path / "fullchain.pem").read_text()
    assert (door.folder / "tls" / "privkey.pem").stat().st_mode & 0o077 == 0


def shown(door: Door) -> str:
    return ssl.get_server_certificate(("127.0.0.1", door.tls_port), timeout=30)
