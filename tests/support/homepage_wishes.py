"""What an owner asks of a homepage over the API, and waits for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from nanococoa_backend.homepages.models import HomepageTask
from nanococoa_backend.homepages.repository import UNDER_WAY
from nanococoa_backend.platform import scope
from support.dashboard import Browser, Dashboard
from support.waiting import until


def asked_for(owner: Browser, **order: Any) -> str:
    answer = owner.api("POST", "/homepages", json=order)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def read(owner: Browser, homepage: str) -> dict[str, Any]:
    found: dict[str, Any] = owner.api("GET", f"/homepages/{homepage}").json()
    return found


def settled(owner: Browser, homepage: str) -> dict[str, Any]:
    """The page when nothing waits any more."""
    until(lambda: not read(owner, homepage)["tasks"])
    return read(owner, homepage)


def made(owner: Browser, **order: Any) -> str:
    homepage = asked_for(owner, **order)
    assert settled(owner, homepage)["draft"]
    return homepage


def wish(owner: Browser, homepage: str, path: str, **body: Any) -> dict[str, Any]:
    answer = owner.api("POST", f"/homepages/{homepage}/{path}", json=body)
    assert answer.status_code == 202, answer.text
    return settled(owner, homepage)


def last_task(owner: Browser, homepage: str) -> dict[str, Any]:
    found: dict[str, Any] = owner.api("GET", f"/homepages/{homepage}/tasks").json()["tasks"][0]
    return found


def waiting_wishes(shop: Dashboard) -> int:
    with shop.app.state.services.database.begin() as session:
        scope.widen(session)
        return session.scalar(sa.select(sa.func.count()).where(HomepageTask.status.in_(UNDER_WAY))) or 0
