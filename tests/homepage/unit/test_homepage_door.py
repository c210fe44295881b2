"""nginx and the service itself lock a customer's page up alike."""

from __future__ import annotations

import re
from pathlib import Path

from homepage_generator.spec.policy import PAGE_HEADERS

SNIPPET = Path(__file__).resolve().parents[3] / "nginx" / "snippets" / "site-headers.conf"


def test_the_door_sends_the_headers_that_the_service_sends() -> None:
    sent = dict(re.findall(r'^add_header (\S+) "?([^"\n]*?)"? always;$', SNIPPET.read_text("utf-8"), re.M))
    assert {name: sent[name] for name in PAGE_HEADERS} == PAGE_HEADERS
