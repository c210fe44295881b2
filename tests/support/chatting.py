"""A dashboard that talks: a scripted language model, a real MCP server, and whatever aiserver is behind that."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.app import create_app
from nanococoa_backend.platform import scope
from nanococoa_backend.settings import Settings
from support import calls
from support.dashboard import Browser, CuttingAiserver, Dashboard, Letterbox
from support.migrated import with_tables
from support.talking_llm import TalkingLlm
from support.waiting import until


@contextmanager
def talking_dashboard(
    folder: Path, database_url: str, aiserver_url: str, mcp_url: str, llm: TalkingLlm, **more: Any
) -> Iterator[Dashboard]:
    settings = Settings(
        backend_data_dir=folder / "backend",
        database_url=database_url,
        aiserver_url=aiserver_url,
        mcp_url=mcp_url,
        openai_base_url=llm.url,
        openai_api_key="sk-test",
        **more,
    )
    letterbox = Letterbox()
    with_tables(settings.customers_url)
    app = create_app(settings, None, letterbox)
    with TestClient(app, base_url=settings.public_url) as client:
        yield Dashboard(app, client, CuttingAiserver(), letterbox)


@dataclass
class Talk:
    """One person's conversation, by API."""

    browser: Browser
    chat: str

    def say(self, text: str, key: str = "") -> dict[str, Any]:
        headers = {"X-CSRF-Token": self.browser.fresh_token()} | ({"Idempotency-Key": key} if key else {})
        answer = self.browser.raw(
            "POST",
            f"/api/v1/chats/{self.chat}/messages",
            json={"text": text},
            headers=headers,
        )
        assert answer.status_code == 202, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def turn(self) -> dict[str, Any]:
        found: dict[str, Any] = self.browser.api("GET", f"/chats/{self.chat}").json()["turn"]
        return found

    def ended(self, seconds: float = 180) -> dict[str, Any]:
        """The turn when it has ended."""

        def look() -> dict[str, Any] | None:
            turn = self.turn()
            return turn if turn["status"] not in ("waiting", "running") else None

        return until(look, seconds) or {}

    def messages(self, role: str = "") -> list[dict[str, Any]]:
        found = self.browser.api("GET", f"/chats/{self.chat}/messages?limit=100").json()["messages"]
        return [message for message in found if not role or message["role"] == role]


def talk_of(browser: Browser) -> Talk:
    return Talk(browser, browser.api("POST", "/chats").json()["id"])


def jobs_of(dashboard: Dashboard) -> list[str]:
    url = dashboard.app.state.services.settings.aiserver_url
    found = calls.get(f"{url}/jobs?kind=ad&limit=100", timeout=60).json()["jobs"]
    return [job["job_id"] for job in found]


def job_of(dashboard: Dashboard, ad: dict[str, Any]) -> dict[str, Any]:
    """The only job of an ad at the aiserver, as it was asked for."""
    with dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        job_id = session.get_one(Ad, uuid.UUID(ad["id"])).job_id
    url = dashboard.app.state.services.settings.aiserver_url
    found: dict[str, Any] = calls.get(f"{url}/status/{job_id}", timeout=60).json()
    return found
