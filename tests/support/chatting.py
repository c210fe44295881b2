"""A dashboard that talks: a scripted language model, a real MCP server, and whatever aiserver is behind that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from nanococoa_backend.app import create_app
from nanococoa_backend.settings import Settings
from support.dashboard import Browser, CuttingAiserver, Dashboard, Letterbox
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

    def ended(self, seconds: float = 60) -> dict[str, Any]:
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
