"""Three hundred browsers look after their ads at once, from one address: every one of them is answered."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from bench.polling import poll
from bench.suite import BROWSERS

from .conftest import Suite
from .test_full_disk import add, order

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(1200)]

SECONDS = 8.0


def test_three_hundred_browsers_are_all_answered(suite: Suite, owner: httpx.Client) -> None:
    ad = order(owner, add(owner, "12").json()["id"]).json()["id"]
    polled = asyncio.run(poll(suite.url, dict(owner.cookies), ad, BROWSERS, SECONDS))
    assert polled.refused == []
    assert len(polled.statuses) >= BROWSERS
    assert len(polled.pages) >= BROWSERS / 4
