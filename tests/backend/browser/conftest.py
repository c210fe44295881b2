"""What walks share: dashboards over the real aiserver on both databases, and somebody seated at one of them.

That every page works on both databases is for the integration tests to prove; a walk takes each once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from support.own_server import Server
from support.real_dashboard import Dashboards, Kind, RealDashboard, dashboard_over
from support.screens import SEATS, Walk
from support.shopkeeping import shop_of


@pytest.fixture(scope="module")
def more_settings() -> dict[str, Any]:
    """What a module's dashboards are told besides; a module that needs some has a fixture of this name."""
    return {}


@pytest.fixture(scope="module")
def dashboards(
    request: pytest.FixtureRequest,
    aiserver: Server,
    more_settings: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dashboards]:
    """The module's dashboard on a database of that kind, opened when it is first asked for."""
    opened: dict[str, RealDashboard] = {}
    with ExitStack() as closing:

        def on(kind: Kind) -> RealDashboard:
            if kind not in opened:
                name = f"walk_{uuid.uuid4().hex[:12]}"
                url = request.getfixturevalue("postgres").create_database(name) if kind == "postgres" else ""
                folder = tmp_path_factory.mktemp(name)
                opened[kind] = closing.enter_context(dashboard_over(aiserver.url, folder, url, **more_settings))
            return opened[kind]

        yield on


@pytest.fixture
def served(dashboards: Dashboards) -> RealDashboard:
    """For walks to which the database makes no difference."""
    return dashboards("sqlite")


@pytest.fixture(params=SEATS)
def walk(request: pytest.FixtureRequest, chromium: Browser, dashboards: Dashboards) -> Iterator[Walk]:
    """Somebody with the practice shop, on a phone and at a desk."""
    size, locale, kind = request.param
    with shop_of(chromium, dashboards(kind), size, locale) as walking:
        yield walking
