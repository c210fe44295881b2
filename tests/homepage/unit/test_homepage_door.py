"""nginx and the service itself lock a customer's page up alike, and name the same host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from homepage_generator.settings import Settings, SettingsError, load_settings
from homepage_generator.spec.policy import PAGE_HEADERS

SNIPPET = Path(__file__).resolve().parents[3] / "nginx" / "snippets" / "site-headers.conf"


def test_the_door_sends_the_headers_that_the_service_sends() -> None:
    sent = dict(re.findall(r'^add_header (\S+) "?([^"\n]*?)"? always;$', SNIPPET.read_text("utf-8"), re.M))
    assert {name: sent[name] for name in PAGE_HEADERS} == PAGE_HEADERS


@pytest.mark.parametrize(
    ("public_url", "address"),
    [("https://shop.example", "https://pages.example"), ("http://127.0.0.1:8080", "http://pages.example:8080")],
)
def test_pages_with_a_host_of_their_own_are_named_by_it(public_url: str, address: str) -> None:
    assert Settings(public_url=public_url, sites_host="pages.example").public_address == address
    assert Settings(public_url=public_url, sites_host="").public_address == public_url


@pytest.mark.parametrize("given", ["https://pages.example", "pages.example/", "a b", "pages.example:80", "a;b", "."])
def test_a_host_for_pages_that_is_no_host_is_refused_by_its_name(given: str) -> None:
    with pytest.raises(SettingsError, match="SITES_HOST"):
        load_settings(sites_host=given)
