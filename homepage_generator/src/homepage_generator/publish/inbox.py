"""Hands messages to the dashboard's inbox: signed (Standard Webhooks), again and again until it takes them."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import aiohttp
import structlog
from pydantic import SecretStr
from standardwebhooks import Webhook

from homepage_generator.database import in_thread
from homepage_generator.errors import HomepageError
from homepage_generator.publish.messages import Kept, MessageStore

PAUSE: Final = 5.0
"""Seconds between two looks when nobody rings."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20, sock_connect=5)
_TEMPORARY: Final = (401, 403, 404, 408, 425, 429)
"""Refusals that a corrected setting or a later time may lift; any other 4xx is meant for this message."""


class Inbox:
    def __init__(self, messages: MessageStore, url: str, secret: SecretStr) -> None:
        self._messages, self._url = messages, url
        self._signer = Webhook(signing_key(secret.get_secret_value()))
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """There may be something new."""
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                if not await self._look(session):
                    self._bell.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), PAUSE)

    async def _look(self, session: aiohttp.ClientSession) -> bool:
        """Whether there was something to do."""
        try:
            message = await in_thread(self._messages.claim)
            if message is not None:
                await self._settle(message, await self._send(session, message))
        except HomepageError as error:
            structlog.get_logger().warning("messages wait", code=error.code)
            return False
        return message is not None

    async def _send(self, session: aiohttp.ClientSession, message: Kept) -> int:
        """The inbox's answer; 0: none came."""
        moment, body = datetime.now(UTC), letter(message)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": self._signer.sign(message.id, moment, body),
        }
        try:
            async with session.post(self._url, data=body.encode(), headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def _settle(self, message: Kept, status: int) -> None:
        log = structlog.get_logger().bind(message=message.id, slug=message.slug, status=status)
        if 200 <= status < 300:
            await in_thread(self._messages.delivered, message.id)
            log.info("message delivered")
        elif 400 <= status < 500 and status not in _TEMPORARY:
            await in_thread(self._messages.refused, message.id)
            log.error("message refused")
        else:
            await in_thread(self._messages.put_off, message)
            log.warning("message waits")


def letter(message: Kept) -> str:
    """What is sent, as JSON."""
    at = datetime.fromtimestamp(message.created, UTC).isoformat()
    data = {"id": message.id, "slug": message.slug, "site": message.site, "created_at": at, **message.body}
    return json.dumps({"type": "homepage.message", "timestamp": at, "data": data}, ensure_ascii=False)


def signing_key(secret: str) -> str:
    """A secret as Standard Webhooks wants it: ``whsec_…`` as it is, any other text by its bytes."""
    return secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
