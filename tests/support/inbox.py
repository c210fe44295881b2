"""Visitors' messages as the homepage service brings them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx2
from pydantic import SecretStr
from standardwebhooks import Webhook

from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.inbox.arriving import signing_key
from nanococoa_backend.inbox.models import ContactMessage
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.services import Services
from nanococoa_backend.platform.tables import now
from support.dashboard import Browser, Dashboard

SECRET = "the suite's own inbox secret"


def site_of(dashboard: Dashboard, browser: Browser, slug: str = "haetsal") -> str:
    """A homepage of the browser's business with this name in its address; its id."""
    return put_site(dashboard.app.state.services, browser.api("GET", "/business").json()["id"], slug)


def put_site(services: Services, business: str, slug: str) -> str:
    """The same for a business by its id."""
    with services.database.begin() as session:
        scope.narrow(session, uuid.UUID(business))
        page = Homepage(business_id=uuid.UUID(business), title="햇살과일", slug=slug)
        session.add(page)
        session.flush()
        return str(page.id)


def letter(slug: str = "haetsal", **changes: Any) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    data = {
        "id": uuid.uuid4().hex, "slug": slug, "site": "햇살과일", "created_at": moment, "name": "김손님",
        "reply": "010-1234-5678", "when": "", "message": "내일 사과 있나요?", "page": "home",
    }  # fmt: skip
    return {"type": "homepage.message", "timestamp": moment, "data": data | changes}


def signed(said: dict[str, Any], secret: str = SECRET, moment: datetime | None = None) -> tuple[bytes, dict[str, str]]:
    """A letter's bytes and the headers that say whose it is."""
    body, moment = json.dumps(said, ensure_ascii=False), moment or datetime.now(UTC)
    letter_id = said["data"]["id"]
    signature = Webhook(signing_key(SecretStr(secret))).sign(letter_id, moment, body)
    stamp = str(int(moment.timestamp()))
    headers = {"webhook-id": letter_id, "webhook-timestamp": stamp, "webhook-signature": signature}
    return body.encode(), {"content-type": "application/json", **headers}


def bring(
    dashboard: Dashboard,
    said: dict[str, Any],
    *,
    secret: str = SECRET,
    moment: datetime | None = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """Signed and sent, with no cookies at all."""
    body, given = signed(said, secret, moment)
    dashboard.client.cookies.clear()
    return dashboard.client.post("/api/v1/inbox/arrivals", content=body, headers=given | (headers or {}))


def kept_message(browser: Browser) -> str:
    """A message in the browser's inbox, put there by itself; its id."""
    business = uuid.UUID(browser.api("GET", "/business").json()["id"])
    with browser.services.database.begin() as session:
        scope.narrow(session, business)
        row = ContactMessage(
            business_id=business, letter_id=uuid.uuid4().hex, site="햇살과일", name="김손님", reply="010-1234-5678",
            text="내일 사과 있나요?", written_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return str(row.id)
